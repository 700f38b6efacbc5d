//! One choice of a completion as the choices of its chunks. [`super`] makes the chunks around them.

use std::iter;

use chatwire_types::{
    Choice, ChunkChoice, Content, Delta, ResponseMessage, Role, ToolCall, ToolCallDelta,
};

use serde_json::Value;

use crate::rules::Streamed;
use crate::split_text::SplitText;

/// The choices of the chunks that stream one choice, in order, each made when it is asked for.
pub(super) fn choice_parts(
    choice: &Choice,
    index: i64,
    split: SplitText,
) -> impl Iterator<Item = ChunkChoice> {
    let parts = message_parts(choice, split).chain(choice.pieces(split));
    parts.chain(iter::once_with(|| last_part(choice))).map(move |mut part| {
        part.index = Some(index);
        if part.finish_reason.is_none() {
            // Many clients need the key in every chunk, as the official service sends it.
            part.extra.insert("finish_reason", Value::Null);
        }
        part
    })
}

/// The message. The log-probabilities are with the first part that has content or a refusal, all at once,
/// because pieces need not be tokens; they are with the first part if none has.
fn message_parts(choice: &Choice, split: SplitText) -> impl Iterator<Item = ChunkChoice> {
    let deltas = |split| choice.message.iter().flat_map(move |message| deltas(message, split));
    let mut logprobs = choice.logprobs.as_ref();
    // Whether there is text does not depend on where it is cut.
    let is_silent = logprobs.is_some() && !deltas(SplitText::Whole).any(|delta| has_text(&delta));
    deltas(split).map(move |delta| {
        let mut part = ChunkChoice::default();
        if logprobs.is_some() && (is_silent || has_text(&delta)) {
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

/// The chunk with the finish reason, and what else is about the choice and not its message.
fn last_part(choice: &Choice) -> ChunkChoice {
    let mut last = choice.frame(false);
    last.delta = Some(Delta::new());
    if choice.message.is_some() {
        // A part of the message has them.
        last.logprobs = None;
    }
    last
}

/// The deltas of one message.
fn deltas(message: &ResponseMessage, split: SplitText) -> impl Iterator<Item = Delta> {
    iter::once_with(|| opening(message))
        .chain(message.pieces(split))
        .chain(content(message.content.as_ref(), split))
        .chain(tool_calls(message.tool_calls.as_deref(), split))
        .chain(iter::once_with(|| closing(message)).flatten())
}

/// The first delta: the role, with empty content where content follows.
fn opening(message: &ResponseMessage) -> Delta {
    let mut delta = Delta::new().role(message.role.clone().unwrap_or(Role::Assistant));
    if matches!(&message.content, Some(Content::Text(_))) {
        delta.content = Some(Content::from(""));
    }
    delta.name.clone_from(&message.name);
    delta
}

/// Text in pieces, none of them empty; a list of parts at once, as its parts would be joined otherwise.
fn content(content: Option<&Content>, split: SplitText) -> impl Iterator<Item = Delta> {
    let (text, other) = match content {
        Some(Content::Text(text)) => (text.as_str(), None),
        other => ("", other),
    };
    let cut = split.cut(text).map(|piece| Delta::new().content(piece));
    cut.chain(other.into_iter().map(|other| Delta::new().content(other.clone())))
}

/// One call after the other. A call that is not an object has no pieces, and is left out.
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
fn tool_call(call: &ToolCall, split: SplitText) -> Box<dyn Iterator<Item = ToolCallDelta> + '_> {
    match call {
        ToolCall::Function(call) => {
            Box::new(iter::once(call.frame(true)).chain(call.pieces(split)))
        }
        ToolCall::Custom(call) => Box::new(iter::once(call.frame(true)).chain(call.pieces(split))),
        other => Box::new(iter::once(whole_call(other))),
    }
}

/// What is not cut: annotations and every key without a rule of its own.
fn closing(message: &ResponseMessage) -> Option<Delta> {
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

/// A call of a type that the document does not know goes whole, with the keys that it has.
fn whole_call(call: &ToolCall) -> ToolCallDelta {
    let json = serde_json::to_value(call).unwrap_or_default();
    serde_json::from_value(json).unwrap_or_default()
}
