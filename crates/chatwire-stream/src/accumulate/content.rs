//! Content that arrives in pieces: text, lists of parts, or one after the other.
//! The document's rules join every other key; see [`crate::rules`].

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

/// The text that a piece adds.
pub(super) fn text(content: &Content) -> Option<Cow<'_, str>> {
    match content {
        Content::Unknown(_) => {
            Content::Parts(parts(content)).text().map(|text| Cow::Owned(text.into_owned()))
        }
        known => known.text(),
    }
}

/// Content as a list of parts; empty text is no part.
fn parts(content: &Content) -> Vec<ContentPart> {
    match content {
        Content::Text(text) if text.is_empty() => Vec::new(),
        Content::Text(text) => vec![ContentPart::Text(TextPart::new(text.as_str()))],
        Content::Parts(parts) => parts.clone(),
        Content::Unknown(other) => vec![ContentPart::from(other.as_json().clone())],
        _ => Vec::new(),
    }
}

/// The first new part continues the last known one where both are text, or both thinking; the rest is
/// added.
fn join_parts(known: &mut Vec<ContentPart>, new: &[ContentPart]) {
    let mut new = new.iter();
    if let (Some(last), Some(first)) = (known.last_mut(), new.as_slice().first())
        && continues(last, first)
    {
        new.next();
    }
    known.extend(new.cloned());
}

/// Adds a part to the end of another of its kind, if that loses nothing.
fn continues(last: &mut ContentPart, next: &ContentPart) -> bool {
    match (last, next) {
        (ContentPart::Text(last), ContentPart::Text(next)) => {
            if says_more(next, last, &TextPart::new(""), |part| part.text = String::new()) {
                return false;
            }
            last.text.push_str(&next.text);
        }
        (ContentPart::Thinking(last), ContentPart::Thinking(next)) => {
            let clear = |part: &mut ThinkingPart| (part.thinking, part.closed) = (None, None);
            if says_more(next, last, &ThinkingPart::default(), clear) {
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

/// Whether a part has keys beside its text that the part before it lacks, or has with other values. The
/// part before, which may be long, is only copied if the next one has such keys.
fn says_more<T: Clone + PartialEq>(next: &T, last: &T, empty: &T, clear: impl Fn(&mut T)) -> bool {
    let beside_text = |part: &T| {
        let mut part = part.clone();
        clear(&mut part);
        part
    };
    let next = beside_text(next);
    next != *empty && next != beside_text(last)
}
