//! Handles services that send the whole text so far with each delta, and detects them. The protocol requires
//! deltas to be joined, so [`super::choice`] uses this module only if the caller asks for it.

use chatwire_types::{Content, Delta, ToolCallDelta};

/// The number of deltas of which each must begin with the whole text before it. The first one always does.
const ENOUGH: u8 = 3;

/// Detects whether each delta of a text repeats the text so far.
#[derive(Clone, Debug, Default)]
pub(super) struct ResentTextDetector {
    /// The last delta.
    last: String,
    /// The number of deltas. `count <= ENOUGH`
    count: u8,
    /// Whether the detection has ended, with either result.
    is_over: bool,
}

impl ResentTextDetector {
    /// Adds the next delta. Returns true once, when the text seems to be sent again with each delta.
    pub(super) fn note(&mut self, delta: &str) -> bool {
        if self.is_over || delta.is_empty() {
            return false;
        }
        let is_longer = delta.len() > self.last.len() && delta.starts_with(&self.last);
        if !is_longer {
            *self = Self { is_over: true, ..Self::default() };
            return false;
        }
        self.count += 1;
        delta.clone_into(&mut self.last);
        let is_enough = self.count == ENOUGH;
        if is_enough {
            *self = Self { is_over: true, ..Self::default() };
        }
        is_enough
    }
}

/// Removes the known text from the beginning of each text of a delta.
#[expect(deprecated, reason = "older servers still send `function_call`")]
pub(super) fn only_new(delta: &Delta, known: &Delta) -> Delta {
    let mut new = delta.clone();
    if let (Some(new), Some(known)) = (&mut new.function_call, &known.function_call) {
        strip(&mut new.arguments, &known.arguments);
    }
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

/// Does the same for a piece of a tool call.
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
