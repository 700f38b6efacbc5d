//! One template: the text of a chunk, its holes, and the chunk whose fields they fill.
//! [`super`] decides which templates are kept and in which order they are tried.

use chatwire_types::{ChatCompletionChunk, Logprobs};

use super::alike::are_alike;
use super::place::Slot;
use super::scan::{Hole, scan};

/// The most values of one chunk that may become holes. The limit bounds what a hostile text costs.
pub(super) const MAX_HOLES: usize = 128;

#[derive(Debug)]
pub(super) struct Template {
    /// The text of the chunk that the template was made of.
    text: Box<[u8]>,
    /// The values that may differ, in the order of the text. Only the open ones are holes; the others have
    /// been the same in every chunk so far, and are compared like the text around them.
    holes: Box<[Hole]>,
    chunk: Box<ChatCompletionChunk>,
}

impl Template {
    /// Makes a template of a text and its chunk, if another text equals it except in values. The values
    /// that differ become holes. Otherwise gives the chunk back.
    pub(super) fn new(
        text: &[u8],
        mut chunk: Box<ChatCompletionChunk>,
        other: &[u8],
    ) -> Result<Self, Box<ChatCompletionChunk>> {
        let Some(mut holes) = scan(text, &chunk) else { return Err(chunk) };
        holes.retain(|hole| fills_its_field(hole, text, &mut chunk));
        if holes.len() > MAX_HOLES || !open(&mut holes, text, other) {
            return Err(chunk);
        }
        shrink_tokens(&mut chunk);
        Ok(Self { text: text.into(), holes: holes.into(), chunk })
    }

    pub(super) fn chunk(&self) -> &ChatCompletionChunk {
        &self.chunk
    }

    /// Reads a text into the chunk; `None` if the text does not match, and then some fields of the chunk
    /// have new values.
    #[inline]
    pub(super) fn read(&mut self, data: &[u8]) -> Option<()> {
        let Self { text, holes, chunk } = self;
        let mut rest = data;
        let mut start = 0;
        for hole in holes.iter().filter(|hole| hole.is_open) {
            let range = hole.range();
            rest = rest.strip_prefix(text.get(start..range.start)?)?;
            rest = rest.get(hole.place.slot(chunk)?.read(rest)?..)?;
            start = range.end;
        }
        (rest == text.get(start..)?).then_some(())
    }

    /// Opens the holes of values in which a text differs, and reads it; false if it differs in more.
    pub(super) fn open_for(&mut self, other: &[u8]) -> bool {
        are_alike(&self.text, other)
            && open(&mut self.holes, &self.text, other)
            && self.read(other).is_some()
    }

    /// Shrinks the buffers of long values. Values that nobody borrows are cleared.
    pub(super) fn shrink(&mut self, is_lent: bool) {
        for hole in self.holes.iter().filter(|hole| hole.is_open) {
            match hole.place.slot(&mut self.chunk) {
                _ if !is_lent => hole.place.clear(&mut self.chunk),
                Some(Slot::Text(text)) => text.shrink_to_fit(),
                Some(Slot::Integers(list)) => list.shrink_to_fit(),
                _ => {}
            }
        }
    }
}

/// Opens the holes whose values differ between two texts; false, and opens none, if the texts differ
/// elsewhere.
fn open(holes: &mut [Hole], text: &[u8], other: &[u8]) -> bool {
    let Some(differing) = differing(holes, text, other) else { return false };
    for (hole, differs) in holes.iter_mut().zip(differing) {
        hole.is_open |= differs;
    }
    true
}

/// For each value of a text, whether another text has a different one there; `None` if the texts differ in
/// anything else.
fn differing(holes: &[Hole], text: &[u8], other: &[u8]) -> Option<Vec<bool>> {
    let mut rest = other;
    let mut start = 0;
    let mut differing = Vec::with_capacity(holes.len());
    for hole in holes {
        let range = hole.range();
        rest = rest.strip_prefix(text.get(start..range.start)?)?;
        let (value, after) = rest.split_at_checked(hole.kind.length(rest)?)?;
        differing.push(value != text.get(range.clone())?);
        rest = after;
        start = range.end;
    }
    (rest == text.get(start..)?).then_some(differing)
}

/// Whether the value of a hole is what its field holds. The field may have another type in this chunk, or
/// the value may have gone into `extra`.
fn fills_its_field(hole: &Hole, text: &[u8], chunk: &mut ChatCompletionChunk) -> bool {
    let raw = text.get(hole.range().start..).unwrap_or_default();
    hole.place.slot(chunk).is_some_and(|slot| slot.holds(raw))
}

/// Shrinks the lists of tokens, because their items are large.
fn shrink_tokens(chunk: &mut ChatCompletionChunk) {
    let choices = chunk.choices.iter_mut().flatten();
    for logprobs in choices.filter_map(|choice| choice.logprobs.as_mut()) {
        let Logprobs { content, refusal, reasoning_content, .. } = logprobs;
        for list in [content, refusal, reasoning_content].into_iter().flatten() {
            list.shrink_to_fit();
            list.iter_mut()
                .filter_map(|token| token.top_logprobs.as_mut())
                .for_each(Vec::shrink_to_fit);
        }
    }
}
