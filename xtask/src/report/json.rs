//! Writes the report for programs: every field of every item. [`super::render`] writes the same for
//! people.

use serde_json::{Map, Value, json};

use super::item::{Item, Place, RustName, RustPart, Usage};
use super::version::CrateBump;
use super::{Report, summary};

/// Returns the report as one object.
pub(super) fn to_json(report: &Report) -> Value {
    let mut object = Map::new();
    object.insert("base".to_owned(), report.base.as_str().into());
    object.insert("head".to_owned(), report.head.as_str().into());
    let summary = summary::lines(report);
    object.insert("summary".to_owned(), summary.iter().map(summary::Line::to_json).collect());
    for (name, items) in report.layers() {
        object.insert(name.to_lowercase(), layer(items));
    }
    object.insert("stream_files".to_owned(), report.stream_files().into_iter().collect());
    object.insert("causes".to_owned(), report.causes.to_json());
    object.insert("bumps".to_owned(), report.bumps.iter().map(CrateBump::to_json).collect());
    Value::Object(object)
}

fn layer(items: &[Item]) -> Value {
    let worst = items.iter().map(|item| item.level).max().filter(|level| level.is_visible());
    json!({
        "verdict": worst.map_or("none", |level| level.as_str()),
        "items": items.iter().map(item).collect::<Value>(),
    })
}

fn item(item: &Item) -> Value {
    json!({
        "rule": item.rule,
        "level": item.level.as_str(),
        "area": item.area.as_str(),
        "direction": item.direction.as_str(),
        "subject": item.subject,
        "what": item.what,
        "why": item.why,
        "base": item.base.as_ref().map(place),
        "head": item.head.as_ref().map(place),
        "operations": item.operations,
        "names": item.names.iter().map(RustName::to_string).collect::<Vec<_>>(),
        "used_by": item.used_by.iter().map(usage).collect::<Value>(),
        "rust": item.rust.as_ref().map(rust),
    })
}

fn place(place: &Place) -> Value {
    json!({
        "file": &*place.at.file,
        "line": place.at.line,
        "col": place.at.col,
        "pointer": place.pointer,
    })
}

fn usage(usage: &Usage) -> Value {
    json!({ "file": usage.file, "lines": usage.lines })
}

fn rust(rust: &RustPart) -> Value {
    json!({
        "crate": rust.crate_name,
        "base": rust.base,
        "head": rust.head,
        "because_of": rust.because_of,
        "origin": rust.origin.as_str(),
    })
}
