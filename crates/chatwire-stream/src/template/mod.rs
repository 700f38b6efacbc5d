//! A fast path behind [`crate::chunks`]: decodes a chunk that differs from an earlier one of the same
//! stream only in values, without parsing it again. `chunks` parses every other text.
//!
//! A template is the text of a parsed chunk with holes, one for each value that goes unchanged into one
//! field of the chunk. Decoding with it is exact: up to a hole, the new text equals the old one, so a JSON
//! parser is in the same state in both. Inside the hole, the value is read by the rules of JSON, and after
//! the hole the texts must be equal again. Any other text does not match, and the caller parses it.
//!
//! There is one rule for learning: when two texts of a stream are alike, the values that differ between them
//! become holes. If another value differs later, it becomes a hole then.

mod cache;
mod nodes;
mod numbers;
mod scan;
mod similarity;

use chatwire_types::{ChatCompletionChunk, Logprobs};

pub(crate) use cache::TemplateCache;
pub(crate) use nodes::{IntoNode, Node, NodeObject};
use scan::{Hole, scan};
use similarity::are_alike;

/// The maximum number of values of one chunk that may become holes. It limits what a hostile text costs.
const MAX_HOLES: usize = 128;

/// A template: the text of a chunk, its holes, and the chunk whose fields they fill.
#[derive(Debug)]
struct Template {
    /// The text of the chunk from which the template was made.
    text: Box<[u8]>,
    /// The values that may differ, in the order of the text. A value that was the same in every chunk so far is
    /// not used as a hole, and is compared like the text around it.
    holes: Box<[Hole]>,
    /// The chunk of the last text that was read.
    chunk: Box<ChatCompletionChunk>,
}

impl Template {
    /// Makes a template from a text and its chunk, if another text equals it except in values. The values that
    /// differ become holes.
    ///
    /// # Errors
    ///
    /// Returns the chunk if no template can be made.
    fn new(
        text: &[u8],
        mut chunk: Box<ChatCompletionChunk>,
        other: &[u8],
    ) -> Result<Self, Box<ChatCompletionChunk>> {
        let Some(mut holes) = scan(text, &mut chunk) else { return Err(chunk) };
        holes.retain(|hole| fills_its_field(hole, text, &mut chunk));
        if holes.len() > MAX_HOLES || !use_differing(&mut holes, text, other) {
            return Err(chunk);
        }
        shrink_tokens(&mut chunk);
        Ok(Self { text: text.into(), holes: holes.into(), chunk })
    }

    /// Reads a text into the chunk. Returns `None` if the text does not match; some fields of the chunk may
    /// have changed then.
    #[inline]
    fn read(&mut self, data: &[u8]) -> Option<()> {
        let Self { text, holes, chunk } = self;
        let mut rest = data;
        let mut start = 0;
        for hole in holes.iter().filter(|hole| hole.is_used) {
            let range = hole.range();
            rest = rest.strip_prefix(text.get(start..range.start)?)?;
            rest = rest.get(hole.path.node(chunk)?.read(rest)?..)?;
            start = range.end;
        }
        (rest == text.get(start..)?).then_some(())
    }

    /// Reads a text that differs in further values, and makes them holes. Returns false if it differs
    /// elsewhere.
    fn read_with_new_holes(&mut self, other: &[u8]) -> bool {
        are_alike(&self.text, other)
            && use_differing(&mut self.holes, &self.text, other)
            && self.read(other).is_some()
    }

    /// Frees the buffers of the values, or only their spare room if the caller is borrowing the chunk.
    fn shrink(&mut self, is_lent: bool) {
        for hole in self.holes.iter().filter(|hole| hole.is_used) {
            if let Some(node) = hole.path.node(&mut self.chunk) {
                node.shrink(is_lent);
            }
        }
    }
}

/// Uses the holes whose values differ between two texts. Returns false, without a change, if the texts differ
/// elsewhere.
fn use_differing(holes: &mut [Hole], text: &[u8], other: &[u8]) -> bool {
    let Some(differing) = differing(holes, text, other) else { return false };
    for (hole, differs) in holes.iter_mut().zip(differing) {
        hole.is_used |= differs;
    }
    true
}

/// For each hole, whether the two texts have different values there. Returns `None` if the texts differ
/// elsewhere.
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

/// Whether the field of a hole holds the value that stands in the text. It may not, because a value that does
/// not fit its field goes into `extra`.
fn fills_its_field(hole: &Hole, text: &[u8], chunk: &mut ChatCompletionChunk) -> bool {
    let raw = text.get(hole.range().start..).unwrap_or_default();
    hole.path.node(chunk).is_some_and(|node| node.holds(raw))
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
