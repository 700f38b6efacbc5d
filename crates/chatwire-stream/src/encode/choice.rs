//! Cuts one choice of a completion into the choices of its chunks. [`super`] makes the chunks around them.

use std::iter;

use chatwire_types::{
    Choice, ChunkChoice, Content, Delta, ResponseMessage, Role, ToolCall, ToolCallDelta,
};

use crate::rules::Streamed;
use crate::split_text::SplitText;

/// Returns the parts of a choice lazily: its message, its other streamed keys, and the finish reason.
pub(super) fn choice_parts(
    choice: &Choice,
    index: i64,
    split: SplitText,
) -> impl Iterator<Item = ChunkChoice> {
    let parts = message_parts(choice, split).chain(choice.pieces(split));
    parts.chain(iter::once_with(|| last_part(choice))).map(move |mut part| {
        part.index = Some(index);
        // The official service sends the key in every chunk, and many clients need it.
        part.finish_reason_or_null()
    })
}

/// The parts of the message. All log-probabilities are in the first part with content or a refusal, because
/// the pieces may differ from the tokens. Without such a part, they are in the first part.
fn message_parts(choice: &Choice, split: SplitText) -> impl Iterator<Item = ChunkChoice> {
    let deltas = |split| choice.message.iter().flat_map(move |message| deltas(message, split));
    let mut logprobs = choice.logprobs.as_ref();
    let has_no_text = logprobs.is_some() && !deltas(SplitText::Whole).any(|delta| has_text(&delta));
    deltas(split).map(move |delta| {
        let mut part = ChunkChoice::default();
        if logprobs.is_some() && (has_no_text || has_text(&delta)) {
            part.logprobs = logprobs.take().cloned();
        }
        part.delta = Some(delta);
        part
    })
}

fn has_text(delta: &Delta) -> bool {
    let content = delta.content.as_ref().and_then(Content::text);
    content.is_some_and(|text| !text.is_empty()) || delta.refusal.is_some()
}

/// The part with the finish reason and everything else that is not in the message.
fn last_part(choice: &Choice) -> ChunkChoice {
    let mut last = choice.frame(false);
    last.delta = Some(Delta::new());
    if choice.message.is_some() {
        // They are in a part of the message.
        last.logprobs = None;
    }
    last
}

/// The deltas of one message.
fn deltas(message: &ResponseMessage, split: SplitText) -> impl Iterator<Item = Delta> {
    iter::once_with(|| first_delta(message))
        .chain(message.pieces(split))
        .chain(content(message.content.as_ref(), split))
        .chain(tool_calls(message.tool_calls.as_deref(), split))
        .chain(iter::once_with(|| last_delta(message)).flatten())
}

/// The first delta: the role, with empty content where content follows.
fn first_delta(message: &ResponseMessage) -> Delta {
    let mut delta = Delta::new().role(message.role.clone().unwrap_or(Role::Assistant));
    if matches!(&message.content, Some(Content::Text(_))) {
        delta.content = Some(Content::from(""));
    }
    delta.name.clone_from(&message.name);
    if message.is_content_null() { delta.content_or_null() } else { delta }
}

/// The pieces of a text. Content of another type is one piece, because the parts of two lists would be joined.
fn content(content: Option<&Content>, split: SplitText) -> impl Iterator<Item = Delta> {
    let (text, other) = match content {
        Some(Content::Text(text)) => (text.as_str(), None),
        other => ("", other),
    };
    let cut = split.cut(text).map(|piece| Delta::new().content(piece));
    cut.chain(other.into_iter().map(|other| Delta::new().content(other.clone())))
}

/// The pieces of the tool calls, one call after the other. A call that is not an object is left out.
fn tool_calls(calls: Option<&[ToolCall]>, split: SplitText) -> impl Iterator<Item = Delta> {
    let empty = calls.filter(|calls| !calls.iter().any(is_object)).map(|_| Vec::new());
    let calls = calls.unwrap_or_default().iter().filter(|call| is_object(call));
    (0..)
        .zip(calls)
        .flat_map(move |(index, call)| tool_call(call, split).map(move |call| call.index(index)))
        .map(|call| vec![call])
        .chain(empty)
        .map(|calls| Delta::new().tool_calls(calls))
}

/// The call with empty arguments, and then its arguments in pieces.
fn tool_call(
    call: &ToolCall,
    split: SplitText,
) -> Box<dyn Iterator<Item = ToolCallDelta> + Send + '_> {
    match call {
        ToolCall::Function(call) => {
            Box::new(iter::once(call.frame(true)).chain(call.pieces(split)))
        }
        ToolCall::Custom(call) => Box::new(iter::once(call.frame(true)).chain(call.pieces(split))),
        other => Box::new(iter::once(whole_call(other))),
    }
}

/// The last delta: annotations and all other keys whose values are not cut.
fn last_delta(message: &ResponseMessage) -> Option<Delta> {
    let mut delta = message.frame(false);
    (delta.role, delta.name) = (None, None);
    (delta != Delta::new()).then_some(delta)
}

fn is_object(call: &ToolCall) -> bool {
    match call {
        ToolCall::Unknown(call) => call.as_json().is_object(),
        _ => true,
    }
}

/// A call of an unknown type as one piece, with all its keys.
fn whole_call(call: &ToolCall) -> ToolCallDelta {
    let json = serde_json::to_value(call).unwrap_or_default();
    serde_json::from_value(json).unwrap_or_default()
}
