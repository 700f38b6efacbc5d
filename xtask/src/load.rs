//! Reads a YAML or JSON file into a tree in which every key and value has a line and a column.
//!
//! All it knows about OpenAPI is how to follow `$ref`. [`crate::lint`] checks what a document says,
//! and [`crate::overlay`] changes it.

mod build;
mod flow_ends;
mod node;
mod surrogates;

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

pub use node::{Entry, Node, Value};

use crate::problem::{Failure, Position, Problem};
use crate::repository;

/// A parsed input file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The path in problems.
    pub path: String,
    /// The name in generated headers, which has no directory of this machine.
    pub name: String,
    /// The text of the file, without a byte order mark.
    pub text: String,
    /// The outermost value.
    pub root: Node,
    /// The place of each named schema in its list, filled at the first use. It is only a hint,
    /// because `root` can change.
    schema_places: OnceLock<HashMap<String, usize>>,
}

/// Where documents keep their named schemas.
const SCHEMAS: [&str; 2] = ["components", "schemas"];

impl Document {
    /// Reads and parses `path`. Problems show it relative to the repository if it lies inside.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if the file cannot be read, and [`Failure::Problems`] if it is not UTF-8 or
    /// not YAML.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        Self::load_below(&repository::root(), path)
    }

    /// Reads and parses `path`. Generated headers name it relative to `root` if it lies below.
    ///
    /// # Errors
    ///
    /// The same as [`Self::load`].
    pub fn load_below(root: &Path, path: &Path) -> Result<Self, Failure> {
        let document = Self::load_as(path, &repository::display_path(path))?;
        Ok(Self { name: repository::stable_name(root, path), ..document })
    }

    /// Reads and parses `path`. Problems name it `label`.
    ///
    /// # Errors
    ///
    /// The same as [`Self::load`].
    pub fn load_as(path: &Path, label: &str) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
        let text = decode(label, bytes).map_err(|problem| vec![problem])?;
        Ok(Self::parse(label, &text)?)
    }

    /// Parses `text`. Problems name the file `path`, and so do headers if it is relative.
    ///
    /// # Errors
    ///
    /// Returns every syntax error, repeated key and key that is not a string, each with its
    /// position.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root = build::build(path, text).or_else(|problems| {
            let yaml = surrogates::as_yaml(text);
            let yaml = yaml.or_else(|| flow_ends::indented(text));
            yaml.and_then(|yaml| build::build(path, &yaml).ok()).ok_or(problems)
        })?;
        let schema_places = OnceLock::new();
        let name = match Path::new(path).is_relative() {
            true => path.to_owned(),
            false => repository::bare_name(Path::new(path)),
        };
        Ok(Self { path: path.to_owned(), name, text: text.to_owned(), root, schema_places })
    }

    /// The value at a JSON pointer, with or without a leading `#`.
    pub fn node_at(&self, pointer: &str) -> Option<&Node> {
        let steps = pointer_steps(pointer)?;
        if let [components, schemas, name, rest @ ..] = steps.as_slice()
            && [components, schemas] == SCHEMAS
            && let Some(schema) = self.schema(name)
        {
            return rest.iter().try_fold(schema, |node, step| node.step(step));
        }
        steps.iter().try_fold(&self.root, |node, step| node.step(step))
    }

    /// A named schema, found without a search; `None` if the hint is missing or wrong.
    fn schema(&self, name: &str) -> Option<&Node> {
        let [components, schemas] = SCHEMAS;
        let schemas = self.root.get(components)?.get(schemas)?.entries();
        let places = self.schema_places.get_or_init(|| {
            schemas.iter().enumerate().map(|(place, entry)| (entry.key.clone(), place)).collect()
        });
        let entry = schemas.get(*places.get(name)?)?;
        (entry.key == name).then_some(&entry.value)
    }

    /// The position of the value at `pointer`: its key in an object, the value itself in a list.
    pub fn span_of(&self, pointer: &str) -> Option<Position> {
        let mut steps = pointer_steps(pointer)?;
        let Some(last) = steps.pop() else {
            return Some(self.root.at.clone());
        };
        let parent = steps.iter().try_fold(&self.root, |node, step| node.step(step))?;
        match parent.entry(&last) {
            Some(entry) => Some(entry.at.clone()),
            None => parent.step(&last).map(|node| node.at.clone()),
        }
    }

    /// The position of the longest part of `pointer` that exists.
    pub fn nearest(&self, pointer: &str) -> Position {
        let mut rest = pointer;
        loop {
            if let Some(position) = self.span_of(rest) {
                return position;
            }
            match rest.rfind('/') {
                Some(end) => rest = rest.get(..end).unwrap_or_default(),
                None => return Position::start_of(&self.path),
            }
        }
    }

    /// Finds the line of a problem that has only a pointer: the nearest place that exists.
    pub fn locate(&self, problem: Problem) -> Problem {
        if problem.line > 0 {
            return problem;
        }
        let position = self.nearest(problem.pointer.as_deref().unwrap_or_default());
        problem.at(&position)
    }

    /// Follows `$ref` from `node` to its target. Returns any other value as it is.
    ///
    /// # Errors
    ///
    /// Returns a problem if a reference leads to another file, to nothing, or to itself.
    pub fn resolve<'a>(&'a self, node: &'a Node) -> Result<&'a Node, Problem> {
        const LONGEST_CHAIN: usize = 32;
        let mut current = node;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = current.get("$ref") else {
                return Ok(current);
            };
            current = self.follow(reference)?;
        }
        Err(Problem::error("cyclic-ref", "this `$ref` leads back to itself")
            .why("it never reaches a definition")
            .fix("refer to a component that is not a `$ref`")
            .at(&node.at))
    }

    /// Follows the `$ref` of `node` once. Returns any other value as it is.
    ///
    /// # Errors
    ///
    /// Returns a problem if the reference leads to another file or to nothing.
    pub fn resolve_once<'a>(&'a self, node: &'a Node) -> Result<&'a Node, Problem> {
        node.get("$ref").map_or(Ok(node), |reference| self.follow(reference))
    }

    /// The same document with another tree.
    #[must_use]
    pub fn with_root(&self, root: Node) -> Self {
        Self { root, schema_places: OnceLock::new(), ..self.clone() }
    }

    /// The tree as plain JSON, with the keys in the order of the file.
    pub fn to_json(&self) -> serde_json::Value {
        self.root.to_json()
    }

    fn follow(&self, reference: &Node) -> Result<&Node, Problem> {
        let Some(target) = reference.as_str() else {
            return Err(Problem::error("wrong-type", format!("`$ref` is {}", reference.kind()))
                .why("a reference is a string")
                .fix("write `$ref: '#/components/schemas/Name'`")
                .at(&reference.at));
        };
        if !target.starts_with('#') {
            return Err(Problem::error("external-ref", format!("`$ref` to `{target}`"))
                .why("the document is one file")
                .fix("copy the definition under `components` and refer to it by `#/components/…`")
                .at(&reference.at));
        }
        self.node_at(target).ok_or_else(|| self.dangling(target, reference))
    }

    fn dangling(&self, target: &str, reference: &Node) -> Problem {
        let (parent, name) = target.rsplit_once('/').unwrap_or(("", target));
        let siblings = self.node_at(parent).map(Node::keys).unwrap_or_default();
        let fix = match crate::suggest::closest(name, siblings) {
            Some(close) => format!("did you mean `{parent}/{close}`?"),
            None => format!("add `{name}` to {}, or correct the name", place_name(parent)),
        };
        Problem::error("dangling-ref", format!("`$ref` to `{target}`, which does not exist"))
            .why("there is nothing to generate a type from")
            .fix(fix)
            .at(&reference.at)
    }
}

/// The pointer in the form that people write: `#/components/schemas`.
fn place_name(pointer: &str) -> String {
    match pointer.trim_start_matches(['#', '/']) {
        "" => "the top of the document".to_owned(),
        steps => format!("`{}`", steps.replace('/', ".")),
    }
}

/// The unescaped steps of a JSON pointer; `None` if it does not start with `/`.
fn pointer_steps(pointer: &str) -> Option<Vec<String>> {
    let pointer = pointer.strip_prefix('#').unwrap_or(pointer);
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let steps = pointer.strip_prefix('/')?.split('/');
    Some(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

/// One step of a JSON pointer, escaped.
pub fn escape_step(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn decode(label: &str, bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        let col = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Problem::error("not-utf8", "a byte that is not UTF-8")
            .why("the document is read as UTF-8 text")
            .fix("save the file as UTF-8")
            .at(&Position { file: label.into(), line, col })
    })
}

#[cfg(test)]
mod tests;
