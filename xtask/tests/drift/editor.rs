//! Puts texts into a document as an editor would, and writes every description. `drift.rs` checks
//! the result.

use serde_json::{Map, Value};
use xtask::drift::Report;
use xtask::load::{Document, Node};
use xtask::problem::Position;

/// The document with everything that a report says to paste.
pub(super) fn pasted(document: &Document, report: &Report) -> Document {
    let mut tree = document.to_json();
    for paste in report.missing.iter().flat_map(|(_, pastes)| pastes) {
        if paste.inside.starts_with("remove") {
            continue;
        }
        let text = Document::parse("paste.yaml", &paste.yaml).unwrap();
        let pointer = match &paste.at {
            None => "/components/schemas".to_owned(),
            Some(at) => pointer_of(&document.root, at, "").unwrap(),
        };
        // A position is that of the key, and some texts begin with this key.
        let target = pointer.rsplit_once('/').unwrap();
        let repeats_key = text.root.keys().contains(&target.1);
        let pointer = if repeats_key { target.0 } else { pointer.as_str() };
        merge(tree.pointer_mut(pointer).unwrap(), text.to_json());
    }
    describe(&mut tree);
    Document::parse("pasted.json", &serde_json::to_string_pretty(&tree).unwrap()).unwrap()
}

fn pointer_of(node: &Node, at: &Position, here: &str) -> Option<String> {
    let of_item = |(index, item): (usize, &Node)| pointer_of(item, at, &format!("{here}/{index}"));
    let mut below = node.entries().iter().filter_map(|entry| {
        let key = format!("{here}/{}", xtask::load::escape_step(&entry.key));
        if entry.at == *at || entry.value.at == *at {
            return Some(key);
        }
        pointer_of(&entry.value, at, &key)
    });
    below.next().or_else(|| node.items().iter().enumerate().find_map(of_item))
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => merge_maps(into, from),
        (Value::Array(into), Value::Array(from)) => into.extend(from),
        (into, from) => *into = from,
    }
}

fn merge_maps(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match into.get_mut(&key) {
            Some(old) => merge(old, value),
            None => drop(into.insert(key, value)),
        }
    }
}

fn describe(value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => *text = "What it means.".to_owned(),
        Value::Array(items) => items.iter_mut().for_each(describe),
        Value::Object(entries) => entries.values_mut().for_each(describe),
        _ => {}
    }
}
