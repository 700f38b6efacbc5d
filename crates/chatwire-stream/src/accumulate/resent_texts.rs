//! Services that send with each delta all of the text so far. The protocol says that deltas are joined, so
//! [`super::choice`] joins them unless the caller asks for this module.

use chatwire_types::{Content, Delta, ToolCallDelta};

/// How many deltas in a row must begin with all of the text before.
const ENOUGH: u8 = 3;

/// Watches the deltas of one text.
#[derive(Clone, Debug, Default)]
pub(super) struct ResentTextDetector {
    /// The last delta, as long as every one has begun with the one before.
    last: String,
    /// How many deltas have begun with the one before. The watch is over at [`ENOUGH`].
    count: u8,
    is_over: bool,
}

impl ResentTextDetector {
    /// Notes the next delta; true once, when the text seems to be sent again with each delta.
    pub(super) fn note(&mut self, delta: &str) -> bool {
        if self.is_over || delta.is_empty() {
            return false;
        }
        let is_longer = delta.len() > self.last.len() && delta.starts_with(&self.last);
        if !is_longer {
            *self = Self { is_over: true, ..Self::default() };
            return false;
        }
        self.count += u8::from(!self.last.is_empty());
        delta.clone_into(&mut self.last);
        let is_enough = self.count == ENOUGH;
        if is_enough {
            *self = Self { is_over: true, ..Self::default() };
        }
        is_enough
    }
}

/// What a delta adds to the deltas before it, of which it may repeat the texts.
pub(super) fn only_new(delta: &Delta, known: &Delta) -> Delta {
    let mut new = delta.clone();
    strip(&mut new.refusal, &known.refusal);
    strip(&mut new.reasoning_content, &known.reasoning_content);
    strip(&mut new.reasoning, &known.reasoning);
    if let (Some(Content::Text(new)), Some(Content::Text(known))) =
        (&mut new.content, &known.content)
    {
        strip_text(new, known);
    }
    new
}

/// The same for a piece of a tool call.
pub(super) fn only_new_of_call(piece: &ToolCallDelta, known: &ToolCallDelta) -> ToolCallDelta {
    let mut new = piece.clone();
    if let (Some(new), Some(known)) = (&mut new.function, &known.function) {
        strip(&mut new.arguments, &known.arguments);
    }
    if let (Some(new), Some(known)) = (&mut new.custom, &known.custom) {
        strip(&mut new.input, &known.input);
    }
    new
}

fn strip(new: &mut Option<String>, known: &Option<String>) {
    if let (Some(new), Some(known)) = (new, known) {
        strip_text(new, known);
    }
}

fn strip_text(new: &mut String, known: &str) {
    if let Some(rest) = new.strip_prefix(known) {
        *new = rest.to_owned();
    }
}
