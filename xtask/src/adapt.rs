//! Rewrites any OpenAPI document, of version 3.0 or 3.1, in the dialect that the generator reads: what has
//! no name gets one, and what the generator cannot say is said in another way that loses nothing. Every value
//! keeps its place in the old document. [`crate::lint`] then finds what is still impossible.
//!
//! Our own document needs none of this, because it is written in the dialect.

mod emit;
mod names;
mod node;
mod operations;
mod read;
mod shape;
mod structure;
mod union;

use crate::load::{Document, Node, Value};
use crate::problem::{self, Problem};
use emit::Emitter;
use names::Names;
use node::{entry, object, text};
use operations::Operations;
use union::Settler;

/// Rewrites a document. If `everything` is set, all its components stay; otherwise those that its paths or
/// the schemas in `also` reach.
///
/// ```
/// use xtask::{adapt::adapt, load::Document};
///
/// let text = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}\n\
///             components: {schemas: {a: {type: [string, 'null']}}}";
/// let document = Document::parse("a.yaml", text).unwrap();
/// let adapted = adapt(&document, true, &[]).unwrap();
/// assert_eq!(adapted.node_at("/components/schemas/A/type").unwrap().as_str(), Some("string"));
/// ```
///
/// # Errors
///
/// Returns what cannot be understood: another version, and references that lead nowhere.
pub fn adapt(
    document: &Document,
    everything: bool,
    also: &[String],
) -> Result<Document, Vec<Problem>> {
    if let Some(problem) = operations::version(document) {
        return Err(vec![problem]);
    }
    let problems = structure::check(document);
    if !problems.is_empty() {
        return Err(problems);
    }
    let schemas = document.node_at("/components/schemas").map(Node::entries).unwrap_or_default();
    let settler = Settler::new(operations::reader(document));
    let mut emitter = Emitter::new(settler, Names::new(schemas));
    if everything {
        for schema in schemas {
            emitter.reach(&schema.key);
        }
    }
    for name in also.iter().filter_map(|each| each.strip_prefix("#/components/schemas/")) {
        emitter.reach(&name.replace("~1", "/").replace("~0", "~"));
    }
    let paths = Operations::new(document, &mut emitter).paths();
    emitter.finish();
    let mut problems = std::mem::take(&mut emitter.settler.reader.problems);
    if !problems.is_empty() {
        problem::sort(&mut problems);
        problems.dedup();
        return Err(problems);
    }
    let at = &document.root.at;
    let components = Node { at: at.clone(), value: Value::Object(emitter.components) };
    let mut written = vec![entry("openapi", text(at, "3.0.3")), entry("info", info(document))];
    written.extend(servers(document).map(|servers| entry("servers", servers)));
    written.push(entry("paths", Node { at: at.clone(), value: Value::Object(paths) }));
    written.push(entry("components", object(at, [("schemas", components)])));
    Ok(document.with_root(Node { at: at.clone(), value: Value::Object(written) }))
}

fn info(document: &Document) -> Node {
    let info = document.root.get("info");
    let at = info.map_or(&document.root.at, |info| &info.at);
    let told = |key: &str| info.and_then(|info| info.get(key)).and_then(Node::as_str);
    object(at, ["title", "version"].map(|key| (key, text(at, told(key).unwrap_or("unknown")))))
}

fn servers(document: &Document) -> Option<Node> {
    document.root.get("servers").filter(|servers| servers.is_array()).cloned()
}
