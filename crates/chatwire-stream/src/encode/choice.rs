//! One choice of a completion as the choices of its chunks. The chunks around them are
//! [`super`]'s work.

use std::iter;

use chatwire_types::{
    Choice, ChunkChoice, Content, CustomCallDelta, CustomToolCall, Delta, FunctionCall,
    FunctionCallDelta, FunctionToolCall, ResponseMessage, Role, ToolCall, ToolCallDelta,
};

use super::Pieces;
use super::whole::with_whole;
use crate::rest::{rest, with_rest};

/// The choices of the chunks that stream one choice, in order, each made when it is asked for.
pub(super) fn choice_parts(
    choice: &Choice,
    index: i64,
    pieces: Pieces,
) -> impl Iterator<Item = ChunkChoice> {
    message_parts(choice, pieces).chain(iter::once_with(|| last_part(choice))).map(
        move |mut part| {
            part.index = Some(index);
            part
        },
    )
}

/// The message. The log-probabilities are with the first part that has content or a refusal, all at
/// once, because pieces need not be tokens; they are with the first part if none has.
fn message_parts(choice: &Choice, pieces: Pieces) -> impl Iterator<Item = ChunkChoice> {
    let deltas = |pieces| choice.message.iter().flat_map(move |message| deltas(message, pieces));
    let mut logprobs = choice.logprobs.as_ref();
    // Whether there is text does not depend on where it is cut.
    let is_silent = logprobs.is_some() && !deltas(Pieces::Whole).any(|delta| has_text(&delta));
    deltas(pieces).map(move |delta| {
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
    let mut last = ChunkChoice::default();
    last.delta = Some(Delta::new());
    last.finish_reason.clone_from(&choice.finish_reason);
    if choice.message.is_none() {
        // There is no part of a message to have them.
        last.logprobs.clone_from(&choice.logprobs);
    }
    with_whole(last, choice)
}

/// The deltas of one message.
fn deltas(message: &ResponseMessage, pieces: Pieces) -> impl Iterator<Item = Delta> {
    iter::once_with(|| opening(message))
        .chain(text(message.reasoning_content.as_deref(), pieces, Delta::reasoning_content))
        .chain(text(message.reasoning.as_deref(), pieces, Delta::reasoning))
        .chain(reasoning_details(message))
        .chain(content(message.content.as_ref(), pieces))
        .chain(text(message.refusal.as_deref(), pieces, Delta::refusal))
        .chain(tool_calls(message.tool_calls.as_deref(), pieces))
        .chain(function_call(message, pieces))
        .chain(iter::once(message).filter_map(closing))
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

/// Text in pieces; an empty one, if it is there at all, in one.
fn text(
    text: Option<&str>,
    pieces: Pieces,
    set: fn(Delta, String) -> Delta,
) -> impl Iterator<Item = Delta> {
    let empty = text.filter(|text| text.is_empty());
    let cut = pieces.cut(text.unwrap_or_default()).chain(empty);
    cut.map(move |piece| set(Delta::new(), piece.to_owned()))
}

fn reasoning_details(message: &ResponseMessage) -> impl Iterator<Item = Delta> {
    let details = message.reasoning_details.as_deref();
    let empty = details.filter(|details| details.is_empty()).map(|_| Vec::new());
    let each = details.unwrap_or_default().iter().map(|detail| vec![detail.clone()]);
    each.chain(empty).map(|details| Delta::new().reasoning_details(details))
}

/// Text in pieces, none of them empty; a list of parts at once, as its parts would be joined otherwise.
fn content(content: Option<&Content>, pieces: Pieces) -> impl Iterator<Item = Delta> {
    let (text, other) = match content {
        Some(Content::Text(text)) => (text.as_str(), None),
        other => ("", other),
    };
    let cut = pieces.cut(text).map(|piece| Delta::new().content(piece));
    cut.chain(other.into_iter().map(|other| Delta::new().content(other.clone())))
}

/// One call after the other. A call that is no object has no pieces, and is left out.
fn tool_calls(calls: Option<&[ToolCall]>, pieces: Pieces) -> impl Iterator<Item = Delta> {
    let empty = calls.filter(|calls| !calls.iter().any(is_object)).map(|_| Vec::new());
    let calls = calls.unwrap_or_default().iter().filter(|call| is_object(call));
    (0..)
        .zip(calls)
        .flat_map(move |(index, call)| tool_call(call, pieces).map(move |call| call.index(index)))
        .map(|call| vec![call])
        .chain(empty)
        .map(|calls| Delta::new().tool_calls(calls))
}

fn tool_call(call: &ToolCall, pieces: Pieces) -> impl Iterator<Item = ToolCallDelta> {
    let (opening, input) = opening_and_input(call);
    let is_custom = matches!(call, ToolCall::Custom(_));
    let cut = pieces.cut(input.unwrap_or_default()).map(move |piece| {
        let delta = ToolCallDelta::default();
        if is_custom {
            delta.custom(CustomCallDelta::default().input(piece))
        } else {
            delta.function(FunctionCallDelta::default().arguments(piece))
        }
    });
    iter::once(opening).chain(cut)
}

#[expect(deprecated, reason = "old clients ask for functions")]
fn function_call(message: &ResponseMessage, pieces: Pieces) -> impl Iterator<Item = Delta> {
    let call = message.function_call.as_deref();
    let arguments = call.and_then(|call| call.arguments.as_deref()).unwrap_or_default();
    let opening = call.into_iter().map(function_delta);
    let cut = pieces.cut(arguments).map(|piece| FunctionCallDelta::default().arguments(piece));
    opening.chain(cut).map(|call| Delta::new().function_call(call))
}

/// What comes whole: sound, annotations and every key without a rule of its own.
fn closing(message: &ResponseMessage) -> Option<Delta> {
    let delta = with_whole(Delta::new(), message);
    let is_empty = message.extra.is_empty() && delta == Delta::new();
    (!is_empty).then_some(delta)
}

/// The first delta of a call, and the text that is to follow it in pieces.
fn opening_and_input(call: &ToolCall) -> (ToolCallDelta, Option<&str>) {
    match call {
        ToolCall::Function(call) => {
            let input = call.function.as_ref().and_then(|call| call.arguments.as_deref());
            (function_opening(call), input)
        }
        ToolCall::Custom(call) => {
            let input = call.custom.as_ref().and_then(|call| call.input.as_deref());
            (custom_opening(call), input)
        }
        other => (whole_call(other), None),
    }
}

fn function_opening(call: &FunctionToolCall) -> ToolCallDelta {
    let mut opening = ToolCallDelta::default();
    opening.id.clone_from(&call.id);
    opening.type_.clone_from(&call.type_);
    opening.function = call.function.as_ref().map(function_delta);
    with_rest(opening, rest(call, &call.extra, |key| call_rule(key, "function")))
}

/// Everything but the arguments, which are empty if there are any.
fn function_delta(call: &FunctionCall) -> FunctionCallDelta {
    let mut delta = FunctionCallDelta::default();
    delta.name.clone_from(&call.name);
    delta.arguments = call.arguments.as_ref().map(|_| String::new());
    with_rest(delta, rest(call, &call.extra, |key| matches!(key, "name" | "arguments")))
}

fn custom_opening(call: &CustomToolCall) -> ToolCallDelta {
    let mut opening = ToolCallDelta::default();
    opening.id.clone_from(&call.id);
    opening.type_.clone_from(&call.type_);
    opening.custom = call.custom.as_ref().map(|call| {
        let mut delta = CustomCallDelta::default();
        delta.name.clone_from(&call.name);
        delta.input = call.input.as_ref().map(|_| String::new());
        with_rest(delta, rest(call, &call.extra, |key| matches!(key, "name" | "input")))
    });
    with_rest(opening, rest(call, &call.extra, |key| call_rule(key, "custom")))
}

/// The keys of a call that its opening has; the index is the place in the list.
fn call_rule(key: &str, kind: &str) -> bool {
    matches!(key, "id" | "type" | "index") || key == kind
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
