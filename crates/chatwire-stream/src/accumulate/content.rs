//! Content that arrives in pieces: text, lists of parts, or one after the other.
//! Every other field of a message is [`super::choice`]'s work.

use std::borrow::Cow;
use std::mem;

use chatwire_types::{Content, ContentPart, TextPart, ThinkingPart};
use serde_json::{Map, Value};

use crate::rest::rest;

/// Puts content after the content that came before it.
pub(super) fn join(slot: &mut Option<Content>, new: Option<&Content>) {
    match (slot.as_mut(), new) {
        (_, None) => {}
        (None, Some(new)) => *slot = Some(new.clone()),
        (Some(Content::Text(known)), Some(Content::Text(new))) => known.push_str(new),
        (Some(Content::Parts(known)), Some(new)) => join_parts(known, &parts(new)),
        (Some(known), Some(new)) => {
            let mut all = parts(known);
            join_parts(&mut all, &parts(new));
            *known = Content::Parts(all);
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
            if says_more(&beside_text(next), || beside_text(last)) {
                return false;
            }
            last.text.push_str(&next.text);
        }
        (ContentPart::Thinking(last), ContentPart::Thinking(next)) => {
            if says_more(&beside_thinking(next), || beside_thinking(last)) {
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

/// Whether a part has keys beside its text that the part before it has not, or has otherwise. What
/// the one before has may be much, and is not looked at where nothing is to be compared with it.
fn says_more(next: &Map<String, Value>, last: impl FnOnce() -> Map<String, Value>) -> bool {
    !next.is_empty() && *next != last()
}

fn beside_text(part: &TextPart) -> Map<String, Value> {
    rest(part, &part.extra, |key| matches!(key, "type" | "text"))
}

fn beside_thinking(part: &ThinkingPart) -> Map<String, Value> {
    rest(part, &part.extra, |key| matches!(key, "type" | "thinking" | "closed"))
}
