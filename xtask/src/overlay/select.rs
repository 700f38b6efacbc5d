//! Finds what a JSONPath (RFC 9535) selects in the positioned tree. [`super`] decides what happens
//! to it.

use serde_json_path::{JsonPath, PathElement};

use crate::load::{Document, Node};
use crate::problem::Problem;

/// One step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Into an object, by key.
    Key(String),
    /// Into a list, by position.
    Item(usize),
}

/// Returns the ways to everything that `path` selects: one or more.
pub(super) fn all(document: &Document, path: &Node) -> Result<Vec<Vec<Step>>, Problem> {
    let text = path.as_str().unwrap_or_default();
    let parsed = JsonPath::parse(text).map_err(|error| {
        let what =
            format!("`{text}` is not a JSONPath: {} at {}", error.message(), error.position());
        Problem::error("overlay-path", what)
            .why("the action cannot find what to change")
            .fix("write a path of RFC 9535, such as `$.components.schemas.Role`")
            .at(&path.at)
    })?;
    let json = document.to_json();
    let located = parsed.query_located(&json);
    let ways: Vec<Vec<Step>> =
        located.locations().map(|location| location.iter().map(step).collect()).collect();
    if ways.is_empty() {
        return Err(nothing(text, path));
    }
    let has = |name: &str| {
        ways.iter().any(|way| matches!(way.last(), Some(Step::Key(key)) if key == name))
    };
    match last_names(text).into_iter().find(|name| !has(name)) {
        Some(name) => Err(nothing(&format!("{name}` in `{text}"), path)),
        None => Ok(ways),
    }
}

/// The rule of a target that selects nothing.
pub(super) const NOTHING: &str = "overlay-target";

fn nothing(what: &str, path: &Node) -> Problem {
    Problem::error(NOTHING, format!("`{what}` selects nothing"))
        .why("the path is wrong or the document has changed, and the action would be skipped silently")
        .fix("correct the path, remove the action, or add `x-optional: true` to it")
        .at(&path.at)
}

/// The names in the last brackets of a path, such as `a` and `b` in `$.x['a', 'b']`. Each of them is
/// meant to select something. Empty if something else stands there.
fn last_names(path: &str) -> Vec<&str> {
    let inside = path.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
    let names = inside.map(|(_, inside)| inside.split(',').map(str::trim)).into_iter().flatten();
    let names: Option<Vec<_>> = names.map(unquoted).collect();
    names.unwrap_or_default()
}

/// A name in quotes without them; `None` if it is not one, or is written with escapes.
fn unquoted(text: &str) -> Option<&str> {
    let quoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('\'').or_else(|| quoted('"')).filter(|name| !name.contains(['\\', '\'', '"']))
}

/// Returns the one value that `path` selects.
pub(super) fn one(document: &Document, path: &Node) -> Result<Node, Problem> {
    let mut root = document.root.clone();
    match all(document, path)?.as_slice() {
        [only] => get_mut(&mut root, only).map(|node| node.clone()),
        _ => None,
    }
    .ok_or_else(|| {
        Problem::error("overlay-target", "`copy` selects more than one value")
            .why("an action copies exactly one value")
            .fix("write a path that selects one value")
            .at(&path.at)
    })
}

/// The value at the end of `steps`.
pub(super) fn get_mut<'a>(root: &'a mut Node, steps: &[Step]) -> Option<&'a mut Node> {
    steps.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get_mut(key),
        Step::Item(index) => node.item_mut(*index),
    })
}

fn step(element: &PathElement<'_>) -> Step {
    match element {
        PathElement::Name(name) => Step::Key((*name).to_owned()),
        PathElement::Index(index) => Step::Item(*index),
    }
}
