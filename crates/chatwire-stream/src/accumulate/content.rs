//! Joins message content, which may be a text, a list of parts, or first one and then the other.
//! [`crate::rules`] joins every other key.

use std::borrow::Cow;
use std::mem;

use chatwire_types::{Content, ContentPart, TextPart, ThinkingPart};

use crate::rules::{Join, SaysNothing};

impl Join for Content {
    fn join(&mut self, next: &Self) {
        match (&mut *self, next) {
            (Self::Text(known), Self::Text(next)) => known.push_str(next),
            (Self::Parts(known), next) => join_parts(known, &parts(next)),
            (known, next) => {
                let mut all = parts(known);
                join_parts(&mut all, &parts(next));
                *self = Self::Parts(all);
            }
        }
    }
}

impl SaysNothing for Content {
    fn says_nothing(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Parts(parts) => parts
                .iter()
                .all(|part| matches!(part, ContentPart::Text(text) if text.text.is_empty())),
            _ => false,
        }
    }
}

/// The text of a piece.
pub(super) fn text(content: &Content) -> Option<Cow<'_, str>> {
    match content {
        Content::Unknown(_) => {
            Content::Parts(parts(content)).text().map(|text| Cow::Owned(text.into_owned()))
        }
        known => known.text(),
    }
}

/// Converts content to a list of parts. An empty text has no parts.
fn parts(content: &Content) -> Vec<ContentPart> {
    match content {
        Content::Text(text) if text.is_empty() => Vec::new(),
        Content::Text(text) => vec![ContentPart::Text(TextPart::new(text.as_str()))],
        Content::Parts(parts) => parts.clone(),
        Content::Unknown(other) => vec![ContentPart::from(other.as_json().clone())],
        _ => Vec::new(),
    }
}

/// Appends a list of parts. The first new part continues the last known one if both are text, or both are
/// thinking.
fn join_parts(known: &mut Vec<ContentPart>, new: &[ContentPart]) {
    let mut new = new.iter();
    if let (Some(last), Some(first)) = (known.last_mut(), new.as_slice().first())
        && append_part(last, first)
    {
        new.next();
    }
    known.extend(new.cloned());
}

/// Appends a part to another part of its kind. Returns false, without a change, if a key beside the text
/// would be lost.
fn append_part(last: &mut ContentPart, next: &ContentPart) -> bool {
    match (last, next) {
        (ContentPart::Text(last), ContentPart::Text(next)) => {
            if has_other_keys(next, last, &TextPart::new(""), |part| part.text = String::new()) {
                return false;
            }
            last.text.push_str(&next.text);
        }
        (ContentPart::Thinking(last), ContentPart::Thinking(next)) => {
            let clear = |part: &mut ThinkingPart| (part.thinking, part.closed) = (None, None);
            if has_other_keys(next, last, &ThinkingPart::default(), clear) {
                return false;
            }
            let mut thinking = mem::take(&mut last.thinking).unwrap_or_default();
            join_parts(&mut thinking, next.thinking.as_deref().unwrap_or_default());
            last.thinking = Some(thinking);
            last.closed = next.closed.or(last.closed);
        }
        _ => return false,
    }
    true
}

/// Whether a part has keys beside its text that differ from those of the last part. The last part may be
/// long, so it is copied only if the next one has such keys.
fn has_other_keys<T: Clone + PartialEq>(
    next: &T,
    last: &T,
    empty: &T,
    clear: impl Fn(&mut T),
) -> bool {
    let beside_text = |part: &T| {
        let mut part = part.clone();
        clear(&mut part);
        part
    };
    let next = beside_text(next);
    next != *empty && next != beside_text(last)
}
