//! Keeps the part of a document that some paths and schemas reach, for bindings of a few operations.
//! [`crate::adapt`] changes how a document says something, and this module only what it has.

use std::collections::BTreeSet;

use crate::load::{Document, Entry, Node, Value, escape_step};
use crate::problem::Problem;
use crate::suggest;

const SCHEMA: &str = "#/components/schemas/";

/// Keeps the operations of the paths in `only`, the schemas in it, and what these reach. An empty list
/// keeps everything.
///
/// A path is given as in the document, or by its end: `/chat/completions` is also the path
/// `/v1/chat/completions`. A schema is given as `#/components/schemas/Name`.
///
/// ```
/// use xtask::{load::Document, select::select};
///
/// let text = "paths: {/v1/a: {get: {}}, /v1/b: {get: {}}}\ncomponents: {schemas: {C: {}}}";
/// let document = Document::parse("a.yaml", text).unwrap();
/// let kept = select(document, &["/a".to_owned()]).unwrap().to_json();
/// assert_eq!(kept, serde_json::json!({"paths": {"/v1/a": {"get": {}}}, "components": {"schemas": {}}}));
/// ```
///
/// # Errors
///
/// Returns a problem for each entry of `only` that the document does not have.
pub fn select(mut document: Document, only: &[String]) -> Result<Document, Vec<Problem>> {
    if only.is_empty() {
        return Ok(document);
    }
    let problems: Vec<Problem> = only.iter().filter_map(|each| missing(&document, each)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    if let Some(Value::Object(paths)) = document.root.get_mut("paths").map(|node| &mut node.value) {
        let known: Vec<String> = paths.iter().map(|path| path.key.clone()).collect();
        paths.retain(|path| only.iter().any(|wanted| is_wanted(&path.key, wanted, &known)));
    }
    keep_reached(&mut document, only);
    Ok(document)
}

/// Whether `path` is the wanted one, or ends with it if no path is the wanted one.
fn is_wanted(path: &str, wanted: &str, known: &[String]) -> bool {
    match known.iter().any(|known| known == wanted) {
        true => path == wanted,
        false => is_path(path, wanted),
    }
}

/// Whether `path` is the wanted one or ends with it.
fn is_path(path: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_start_matches('/');
    let start = path.strip_suffix(wanted).unwrap_or("-");
    !wanted.is_empty() && (start.is_empty() || start.ends_with('/'))
}

fn missing(document: &Document, wanted: &str) -> Option<Problem> {
    let paths = document.node_at("/paths").map(Node::keys).unwrap_or_default();
    if wanted.starts_with(SCHEMA) {
        if document.node_at(wanted).is_some() {
            return None;
        }
        let names = document.node_at("/components/schemas").map(Node::keys).unwrap_or_default();
        let name = wanted.trim_start_matches(SCHEMA);
        return Some(not_there(document, "/components/schemas", wanted, name, &names, SCHEMA));
    }
    match paths.iter().any(|path| is_path(path, wanted)) {
        true => None,
        false => Some(not_there(document, "/paths", wanted, wanted, &paths, "")),
    }
}

fn not_there(
    document: &Document,
    place: &str,
    wanted: &str,
    name: &str,
    known: &[&str],
    prefix: &str,
) -> Problem {
    let fix = match suggest::closest(name, known.iter().copied()) {
        Some(close) => format!("did you mean `{prefix}{close}`?"),
        None if known.is_empty() => "leave out `only` to take the whole document".to_owned(),
        None => format!("the document has {}", shortened(known)),
    };
    Problem::error("only", format!("the document has no `{wanted}`"))
        .why("the bindings are to have only what it reaches")
        .fix(fix)
        .at(&document.nearest(place))
}

fn shortened(names: &[&str]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}

/// Removes the components that neither the paths nor the schemas in `also` reach.
pub(crate) fn keep_reached(document: &mut Document, also: &[String]) {
    let reached = reached(document, also);
    let Some(Value::Object(sections)) =
        document.root.get_mut("components").map(|node| &mut node.value)
    else {
        return;
    };
    for section in sections.iter_mut().filter(|section| section.key != "securitySchemes") {
        let key = section.key.clone();
        if let Value::Object(entries) = &mut section.value.value {
            entries.retain(|entry| reached.contains(&pointer(&key, entry)));
        }
    }
    // The hints for schemas are by position.
    *document = document.with_root(document.root.clone());
}

fn pointer(section: &str, entry: &Entry) -> String {
    format!("#/components/{section}/{}", escape_step(&entry.key))
}

/// Pointers to all components that are reached. A pointer counts under any key, because the mapping of
/// a discriminator and some `x-` keys name schemas, too.
fn reached(document: &Document, also: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Node> = document.root.get("paths").into_iter().collect();
    for name in also.iter().filter(|each| each.starts_with(SCHEMA)) {
        found.insert(name.clone());
        open.extend(document.node_at(name));
    }
    while let Some(node) = open.pop() {
        open.extend(node.items());
        for entry in node.entries() {
            let names: Vec<String> = match entry.key.as_str() {
                "mapping" => entry.value.entries().iter().filter_map(mapped).collect(),
                _ => entry.value.as_str().and_then(component_of).into_iter().collect(),
            };
            for name in names {
                if let Some(target) = document.node_at(&name)
                    && found.insert(name)
                {
                    open.push(target);
                }
            }
            open.push(&entry.value);
        }
    }
    found
}

/// The schema that a mapping names: a pointer, or a bare name.
fn mapped(entry: &Entry) -> Option<String> {
    let text = entry.value.as_str()?;
    component_of(text).or_else(|| Some(format!("{SCHEMA}{}", escape_step(text))))
}

/// The component in which a pointer ends: `#/components/SECTION/NAME`.
fn component_of(text: &str) -> Option<String> {
    let rest = text.strip_prefix("#/components/")?;
    let mut steps = rest.split('/');
    let (section, name) = (steps.next()?, steps.next()?);
    Some(format!("#/components/{section}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_by_its_end() {
        let found = |wanted: &str| is_path("/v1/chat/completions", wanted);
        assert!(
            found("/v1/chat/completions") && found("/chat/completions") && found("completions")
        );
        assert!(!found("pletions") && !found("/v1/chat") && !found("/") && !found(""));
    }

    #[test]
    fn what_mappings_and_extensions_name_stays() {
        let text = "paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/R'}}}}}\n\
                    components:\n  responses: {R: {x: {$ref: '#/components/schemas/U'}}, S: {}}\n\
                    \x20 schemas:\n    U: {discriminator: {mapping: {a: A, b: '#/components/schemas/B'}}}\n\
                    \x20   A: {x-adds-up-to: '#/components/schemas/C'}\n    B: {}\n    C: {}\n    D: {}\n    E: {}\n";
        let document = Document::parse("a.yaml", text).unwrap();
        let only = ["/a".to_owned(), "#/components/schemas/E".to_owned()];
        let kept = select(document, &only).unwrap();
        assert_eq!(kept.node_at("/components/schemas").unwrap().keys(), ["U", "A", "B", "C", "E"]);
        assert_eq!(kept.node_at("/components/responses").unwrap().keys(), ["R"]);
    }

    #[test]
    fn what_is_not_there_is_named_with_the_closest() {
        let document = Document::parse("a.yaml", "paths: {/v1/chat/completions: {}}").unwrap();
        let problems = select(document, &["/chat/completion".to_owned()]).unwrap_err();
        insta::assert_snapshot!(problems[0].to_string(), @"a.yaml:1:1: error[only]: the document has no `/chat/completion`; the bindings are to have only what it reaches; did you mean `/v1/chat/completions`?");
    }
}
