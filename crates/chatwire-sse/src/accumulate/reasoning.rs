//! Reasoning details: entries that are streamed in pieces, told apart by index and type.
//! Plain reasoning text is [`super::choice`]'s work.

use chatwire_types::ReasoningDetail;

use super::merge::{join, last, last_extra, last_text, settle};
use crate::rest::rest;

/// How far back an entry is looked for; services stream one or two at a time.
const LOOK_BACK: usize = 16;

/// Joins entries with the ones they continue.
pub(super) fn join_details(
    slot: &mut Option<Vec<ReasoningDetail>>,
    new: Option<&Vec<ReasoningDetail>>,
) {
    let Some(new) = new else { return };
    let known = slot.get_or_insert_default();
    for detail in new {
        match find_continued(known, detail) {
            Some(known) => join_detail(known, detail),
            None => {
                let mut opened = ReasoningDetail::default();
                join_detail(&mut opened, detail);
                known.push(opened);
            }
        }
    }
}

/// The entry that a piece of one continues.
pub(super) fn continued<'a>(
    known: &'a mut Option<Vec<ReasoningDetail>>,
    piece: &ReasoningDetail,
) -> Option<&'a mut ReasoningDetail> {
    find_continued(known.as_mut()?, piece)
}

fn find_continued<'a>(
    known: &'a mut [ReasoningDetail],
    piece: &ReasoningDetail,
) -> Option<&'a mut ReasoningDetail> {
    known.iter_mut().rev().take(LOOK_BACK).find(|known| is_continued_by(known, piece))
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

/// The entries when nothing more comes.
pub(super) fn settle_details(details: Vec<ReasoningDetail>) -> Vec<ReasoningDetail> {
    details.into_iter().map(|detail| settle!(detail)).collect()
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
    last_extra(&mut known.extra, rest(next, &next.extra, has_rule));
}

fn has_rule(key: &str) -> bool {
    matches!(key, "data" | "format" | "id" | "index" | "signature" | "summary" | "text" | "type")
}
