//! Compares what users are told about an item: documentation, deprecation and unknown attributes.
//! The other files compare the item itself.

use super::surface::Attributes;
use super::{Change, Pair};
use crate::model::Model;
use crate::report::rust_rules::{
    ATTRIBUTE_CHANGED, DEPRECATED, DEPRECATION_CHANGED, DOC_CHANGED, Rule,
};

/// The most characters of a line of documentation in a report.
const WIDTH: usize = 100;

/// Compares the attributes of the item with this path. `place` finds it in the document.
pub(super) fn compare(
    pair: Pair<'_>,
    path: &str,
    place: &dyn Fn(&Model) -> Option<String>,
    [old, new]: [&Attributes; 2],
    out: &mut Vec<Change>,
) {
    let change = |rule: &'static Rule| Change::new(rule, pair, path).at(pair, place);
    if old.others != new.others {
        let sentence = format!("An attribute of `{path}` changed that this report cannot judge.");
        let sides = [&old.others, &new.others].map(|attributes| some(attributes.join(" ")));
        out.push(change(ATTRIBUTE_CHANGED).sides(sides).says(sentence));
    }
    out.extend(deprecation(path, old, new, &change));
    if old.doc != new.doc {
        let sentence = format!("The documentation of `{path}` says something else.");
        out.push(change(DOC_CHANGED).sides(first_difference(&old.doc, &new.doc)).says(sentence));
    }
}

fn deprecation(
    path: &str,
    old: &Attributes,
    new: &Attributes,
    change: &dyn Fn(&'static Rule) -> Change,
) -> Option<Change> {
    let attribute = |note: &str| format!("#[deprecated(note = {note:?})]");
    Some(match (&old.deprecated, &new.deprecated) {
        (None, Some(note)) => change(DEPRECATED)
            .head(attribute(note))
            .says(format!("`{path}` is deprecated, so its users get a warning.")),
        (Some(note), None) => change(DEPRECATION_CHANGED)
            .base(attribute(note))
            .says(format!("`{path}` is no longer deprecated.")),
        (Some(from), Some(to)) if from != to => change(DEPRECATION_CHANGED)
            .base(attribute(from))
            .head(attribute(to))
            .says(format!("The note on the deprecated `{path}` says something else.")),
        _ => return None,
    })
}

/// The first line with text that differs, on both sides.
fn first_difference(old: &str, new: &str) -> [Option<String>; 2] {
    let [old, new] = [old, new].map(|text| text.lines().filter(|line| !line.is_empty()));
    let same = old.clone().zip(new.clone()).take_while(|(a, b)| a == b).count();
    [old, new].map(|mut lines| lines.nth(same).map(shortened))
}

/// The text, if there is any.
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line)),
        None => line.to_owned(),
    }
}
