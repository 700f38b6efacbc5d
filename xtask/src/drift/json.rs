//! Writes the report for programs: every change with all of its paths, and what to paste.
//! [`super::render`] writes it for people.

use serde_json::{Value, json};

use super::items::{Item, Standing};
use super::paste::Paste;
use super::render::numbers;
use super::{Report, words};
use crate::coverage::{Finding, finding_json};
use crate::surface::{Lock, Place, What};

/// Returns the report as one object.
pub(super) fn to_json(report: &Report) -> Value {
    let edition = |lock: &Lock| json!({ "version": lock.version, "sha256": lock.sha256 });
    json!({
        "ours": report.ours,
        "upstream": report.upstream,
        "clean": report.is_clean(),
        "now": edition(&report.lock),
        "recorded": report.recorded.as_ref().map(edition),
        "changed": report.changed.iter().map(item).collect::<Value>(),
        "numbers": counts(report),
        "missing": report.missing.iter().map(missing).collect::<Value>(),
    })
}

fn counts(report: &Report) -> Value {
    let of_kind = |counts: Vec<(String, usize)>| {
        Value::Object(counts.into_iter().map(|(place, number)| (place, number.into())).collect())
    };
    let kinds = numbers(report).into_iter();
    Value::Object(kinds.map(|(kind, of)| (kind.replace(' ', "_"), of_kind(of))).collect())
}

fn item(item: &Item) -> Value {
    let (root, path) = words::place(&item.change.place);
    let standing = match item.standing {
        Standing::Fine => "fine",
        Standing::Lacks => "lacks",
        Standing::LeftOut => "left_out",
        Standing::Keeps => "keeps",
    };
    let place = |place: &Place| {
        let (root, path) = words::place(place);
        json!({ "root": root, "path": path })
    };
    let mut value = json!({
        "root": root,
        "path": path,
        "also": item.also.iter().map(place).collect::<Value>(),
        "ours": standing,
    });
    if let (Some(entries), Value::Object(what)) = (value.as_object_mut(), what(&item.change.what)) {
        entries.extend(what);
    }
    value
}

fn what(what: &What) -> Value {
    match what {
        What::New(facts) => json!({ "change": "new", "facts": facts }),
        What::Removed(moved) => json!({ "change": "removed", "moved_to": moved }),
        What::NewValues(values) => json!({ "change": "new_values", "values": values }),
        What::RemovedValues(values) => json!({ "change": "removed_values", "values": values }),
        What::NewForms(forms) => json!({ "change": "new_forms", "forms": forms }),
        What::RemovedForms(forms) => json!({ "change": "removed_forms", "forms": forms }),
        What::Changed(difference) => json!({
            "change": "fact",
            "fact": difference.fact.as_str(),
            "form": difference.arm,
            "from": difference.from,
            "to": difference.to,
        }),
    }
}

fn missing((finding, pastes): &(Finding, Vec<Paste>)) -> Value {
    let paste = |paste: &Paste| {
        json!({
            "at": paste.at.as_ref().map(ToString::to_string),
            "inside": paste.inside,
            "yaml": paste.yaml,
        })
    };
    let mut value = finding_json(finding);
    if let Some(entries) = value.as_object_mut() {
        entries.insert("paste".to_owned(), pastes.iter().map(paste).collect());
    }
    value
}
