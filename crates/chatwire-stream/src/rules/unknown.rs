//! Adds up values in `extra`: those of unknown keys, and those that do not fit their field.
//! [`super`] has the rules for documented keys.

use chatwire_types::Extra;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{LOOK_BACK, SaysNothing};

/// How the values of one key add up.
///
/// In every mode, objects are merged key by key, parts of lists are merged by an integer `index`, an empty
/// value replaces nothing, and the last of other scalars stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Each value is sent again as it grows. The last text stays. A list that begins with the known list
    /// replaces it; another list is appended.
    Resent,
    /// The values are pieces. Texts are joined, except labels, and lists are appended. Values inside them are
    /// `Resent`.
    Pieces,
    /// Like `Pieces`, at every depth. This is for a documented text that came as an object.
    Joined,
    /// The values are dropped.
    Omitted,
}

/// Keys with padding, which some services add to hide the length of the content.
const PADDING: [&str; 2] = ["obfuscation", "p"];

/// Adds the unknown keys of the next piece.
#[inline]
pub(crate) fn unknown(known: &mut Extra, new: &Extra, mode: fn(&str) -> Mode) {
    for (key, value) in new {
        let mode = mode(key);
        if mode == Mode::Omitted || PADDING.contains(&key.as_str()) {
            continue;
        }
        match known.get_mut(key) {
            Some(slot) => merge_value(slot, value, mode, key),
            None => drop(known.insert(key, value.clone())),
        }
    }
}

fn merge_value(slot: &mut Value, new: &Value, mode: Mode, key: &str) {
    if new.says_nothing() && !slot.is_null() {
        return;
    }
    match (slot, new) {
        (Value::Object(known), Value::Object(new)) => merge_object(known, new, mode.inside()),
        (Value::Array(known), Value::Array(new)) => merge_list(known, new, mode),
        (Value::String(known), Value::String(new)) if mode.joins_texts() && !is_label(key) => {
            known.push_str(new);
        }
        (Value::String(known), Value::String(new)) => known.clone_from(new),
        (slot, new) => slot.clone_from(new),
    }
}

fn merge_object(known: &mut Map<String, Value>, new: &Map<String, Value>, mode: Mode) {
    for (key, value) in new {
        match known.get_mut(key) {
            Some(slot) => merge_value(slot, value, mode, key),
            None => drop(known.insert(key.clone(), value.clone())),
        }
    }
}

fn merge_list(known: &mut Vec<Value>, new: &[Value], mode: Mode) {
    let has_indexes = new.iter().any(|part| index_of(part).is_some());
    if mode == Mode::Resent && !has_indexes && new.starts_with(known) {
        return known.extend_from_slice(new.get(known.len()..).unwrap_or_default());
    }
    for part in new {
        match find_part(known, part) {
            // Some services count the parts of each chunk from 0.
            Some(Value::Object(known))
                if let Value::Object(part) = part
                    && !(mode == Mode::Pieces && loses_text(known, part)) =>
            {
                merge_object(known, part, mode.inside());
            }
            _ => known.push(part.clone()),
        }
    }
}

/// The last part with the same `index`, if its `type` and `id` are equal or one of them is empty.
fn find_part<'a>(known: &'a mut [Value], part: &Value) -> Option<&'a mut Value> {
    let index = index_of(part)?;
    let mut recent = known.iter_mut().rev().take(LOOK_BACK);
    let last = recent.find(|known| index_of(known) == Some(index))?;
    let agrees = |key: &str| match (last.get(key), part.get(key)) {
        (Some(one), Some(other)) => one.says_nothing() || other.says_nothing() || one == other,
        _ => true,
    };
    (agrees("type") && agrees("id")).then_some(last)
}

/// Whether the texts of a part would replace other texts, which they do not begin with.
fn loses_text(known: &Map<String, Value>, new: &Map<String, Value>) -> bool {
    new.iter().any(|(key, new)| match (known.get(key), new) {
        (Some(Value::Object(known)), Value::Object(new)) => loses_text(known, new),
        (Some(Value::String(known)), Value::String(new)) => {
            !is_label(key) && !new.is_empty() && !new.starts_with(known)
        }
        _ => false,
    })
}

fn index_of(part: &Value) -> Option<i64> {
    part.get("index")?.as_i64()
}

impl Mode {
    /// The mode of the values inside of a value.
    const fn inside(self) -> Self {
        match self {
            Self::Joined => Self::Joined,
            _ => Self::Resent,
        }
    }

    const fn joins_texts(self) -> bool {
        matches!(self, Self::Pieces | Self::Joined)
    }
}

/// Whether unknown keys hold more than labels, padding and empty values.
pub(crate) fn has_content(extra: &Extra) -> bool {
    extra
        .iter()
        .any(|(key, value)| !value.says_nothing() && !is_label(key) && !PADDING.contains(&key))
}

/// Whether the texts of a key are labels. Services send them whole in every piece.
fn is_label(key: &str) -> bool {
    const LABELS: [&str; 12] = [
        "channel",
        "created_at",
        "format",
        "id",
        "index",
        "mode",
        "model",
        "name",
        "object",
        "role",
        "status",
        "type",
    ];
    LABELS.contains(&key) || key.ends_with("_id")
}

/// Reads the items that fit, from a list in which others do not, or from a single item without a list.
pub(crate) fn fitting<T: DeserializeOwned>(extra: &Extra, key: &str) -> Vec<T> {
    let items = match extra.get(key) {
        Some(Value::Array(items)) => items.as_slice(),
        Some(item @ Value::Object(_)) => std::slice::from_ref(item),
        _ => &[],
    };
    items.iter().filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()
}

/// The index in its field or in `extra`, because some services send it in quotes or with a fraction. A number
/// beyond 64 bits saturates.
pub(crate) fn index_or_extra(known: Option<i64>, extra: &Extra) -> Option<i64> {
    known.or_else(|| index_in_json(extra.get("index")?))
}

/// Does the same for an index as JSON.
pub(crate) fn index_in_json(index: &Value) -> Option<i64> {
    match index {
        Value::String(text) => {
            let number = || text.trim().parse().ok().filter(|number: &f64| number.is_finite());
            text.trim().parse().ok().or_else(|| Some(number()? as i64))
        }
        other => other.as_i64().or_else(|| Some(other.as_f64()? as i64)),
    }
}
