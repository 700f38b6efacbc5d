//! Reasoning details: entries that are streamed in pieces, told apart by index and type.
//! Plain reasoning text is [`super::choice`]'s work.

use chatwire_types::ReasoningDetail;

use super::inner_keys::{InnerKeys, Part};
use super::merge::{join, last, last_text};
use crate::rest::rest;

/// How far back an entry is looked for; services stream one or two at a time.
const LOOK_BACK: usize = 16;

/// Joins entries with the ones they continue.
pub(super) fn join_details(
    slot: &mut Option<Vec<ReasoningDetail>>,
    new: Option<&Vec<ReasoningDetail>>,
    inner: &mut InnerKeys,
) {
    let Some(new) = new else { return };
    let known = slot.get_or_insert_default();
    for detail in new {
        let place = find_continued(known, detail).unwrap_or_else(|| {
            known.push(ReasoningDetail::default());
            known.len() - 1
        });
        if let Some(known) = known.get_mut(place) {
            join_detail(known, detail);
            let rest = rest(detail, &detail.extra, has_rule);
            inner.last(Part::Detail(place), &mut known.extra, rest);
        }
    }
}

fn find_continued(known: &[ReasoningDetail], piece: &ReasoningDetail) -> Option<usize> {
    let mut last = known.iter().enumerate().rev().take(LOOK_BACK);
    last.find(|(_, known)| is_continued_by(known, piece)).map(|(place, _)| place)
}

/// Encrypted data comes whole, so a second piece of it is a second entry.
fn is_continued_by(known: &ReasoningDetail, next: &ReasoningDetail) -> bool {
    let same_id = known.id.is_none() || next.id.is_none() || known.id == next.id;
    let both_encrypted = known.data.is_some() && next.data.is_some();
    next.index.is_some()
        && known.index == next.index
        && known.type_ == next.type_
        && same_id
        && !both_encrypted
}

fn join_detail(known: &mut ReasoningDetail, next: &ReasoningDetail) {
    last(&mut known.index, next.index.as_ref());
    last_text(&mut known.type_, next.type_.as_ref());
    join(&mut known.text, next.text.as_ref());
    join(&mut known.summary, next.summary.as_ref());
    last(&mut known.data, next.data.as_ref());
    last_text(&mut known.signature, next.signature.as_ref());
    last_text(&mut known.id, next.id.as_ref());
    last_text(&mut known.format, next.format.as_ref());
}

fn has_rule(key: &str) -> bool {
    matches!(key, "data" | "format" | "id" | "index" | "signature" | "summary" | "text" | "type")
}
