//! One choice: its pieces as one. [`super::tool_calls`] decides which tool call a piece belongs to; every
//! other key follows the rules of the document.

use std::borrow::Cow;

use chatwire_types::{
    Choice, ChunkChoice, Content, Delta, FinishReason, FunctionToolCall, ResponseMessage, Role,
    ToolCall, ToolCallDelta, ToolCallType,
};
use serde_json::Value;

use super::tool_calls::ToolCalls;
use crate::rules::{IntoWhole, Merge, fill_extra, fitting, says};

/// One choice, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct ChoiceParts {
    /// The pieces so far as one, without the delta.
    piece: ChunkChoice,
    /// The deltas so far as one, without tool calls.
    delta: Delta,
    tool_calls: Option<ToolCalls>,
    /// Whether a finish reason said that tools are called.
    calls_tools: bool,
}

impl ChoiceParts {
    pub(super) fn push(&mut self, part: &ChunkChoice) {
        self.piece.merge(part);
        self.calls_tools |= part.finish_reason == Some(FinishReason::ToolCalls);
        if let Some(delta) = &part.delta {
            self.push_delta(delta);
        }
    }

    /// Some servers answer a stream with one whole message, which has the keys of a delta. It is used when
    /// nothing more comes, and only if the deltas have said nothing.
    pub(super) fn use_whole_message(&mut self) -> Option<Box<Delta>> {
        let message = self.piece.extra.remove("message")?;
        if !message.is_object() || self.says_something() {
            return None;
        }
        let delta: Box<Delta> = serde_json::from_value(message).ok()?;
        let before = std::mem::take(&mut self.delta.extra);
        self.push_delta(&delta);
        fill_extra(&mut self.delta.extra, before);
        Some(delta)
    }

    pub(super) fn has_too_many(&self) -> bool {
        self.tool_calls.as_ref().is_some_and(|calls| calls.too_many)
    }

    /// The deltas so far as one, without tool calls.
    pub(super) const fn delta(&self) -> &Delta {
        &self.delta
    }

    /// For each tool call of the last delta, which call it went into.
    pub(super) fn touched_calls(&self) -> &[Option<usize>] {
        self.tool_calls.as_ref().map_or(&[], ToolCalls::touched)
    }

    /// A tool call as it stands; calls are counted in order of arrival.
    pub(super) fn tool_call(&self, call: usize) -> Option<ToolCall> {
        self.tool_calls.as_ref()?.tool_call(call)
    }

    /// The deprecated form of a tool call, as one of today.
    #[expect(deprecated, reason = "older servers still send `function_call`")]
    pub(super) fn function_call(&self) -> Option<ToolCall> {
        let mut call = FunctionToolCall::default();
        call.type_ = Some(ToolCallType::Function);
        call.function = Some(self.delta.function_call.as_deref()?.clone().into_whole());
        Some(ToolCall::Function(call))
    }

    pub(super) fn into_choice(mut self, index: i64) -> Choice {
        self.use_whole_message();
        if !says(&self.delta.role) {
            self.delta.role = Some(Role::Assistant);
        }
        let mut message: ResponseMessage = self.delta.into_whole();
        if let Some(calls) = self.tool_calls {
            message.tool_calls = Some(calls.into_tool_calls());
            message.extra.remove("tool_calls");
        }
        self.piece.index = Some(index);
        let mut choice: Choice = self.piece.into_whole();
        let has_calls = message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
        if self.calls_tools && has_calls && choice.finish_reason == Some(FinishReason::Stop) {
            choice.finish_reason = Some(FinishReason::ToolCalls);
        }
        choice.message = Some(message);
        choice
    }

    fn push_delta(&mut self, delta: &Delta) {
        self.delta.merge(delta);
        match (call_pieces(delta), &mut self.tool_calls) {
            (Some(pieces), calls) => calls.get_or_insert_default().push_all(&pieces),
            (None, Some(calls)) => calls.push_all(&[]),
            (None, None) => {}
        }
    }

    fn says_something(&self) -> bool {
        let mut calls = self.tool_calls.iter().flat_map(ToolCalls::pieces);
        delta_says_something(&self.delta) || calls.any(call_says_something)
    }
}

/// Whether a piece of a choice is more than a sign of life.
pub(super) fn brings_something(part: &ChunkChoice) -> bool {
    says(&part.finish_reason) || part.delta.as_ref().is_some_and(delta_says_something)
}

/// Whether a delta has more than labels and unknown keys. Looks first at the keys that most deltas have,
/// because the JSON of a long answer costs much.
fn delta_says_something(delta: &Delta) -> bool {
    let texts = [&delta.reasoning_content, &delta.reasoning, &delta.refusal];
    let has_text = match &delta.content {
        Some(Content::Text(text)) => !text.is_empty(),
        _ => false,
    };
    let others = || {
        let mut others = delta.clone();
        others.extra.clear();
        serde_json::to_value(others).unwrap_or_default()
    };
    has_text
        || texts.into_iter().any(says)
        || delta.tool_calls.iter().flatten().any(call_says_something)
        || is_said(&others())
}

fn call_says_something(call: &ToolCallDelta) -> bool {
    is_said(&serde_json::to_value(call).unwrap_or_default())
}

/// Whether there is text in a value that is more than a label.
fn is_said(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(is_said),
        Value::Object(object) => object.iter().any(|(key, value)| !is_tag(key) && is_said(value)),
        Value::String(text) => !text.is_empty(),
        _ => false,
    }
}

/// Keys whose texts name or sort what is beside them.
fn is_tag(key: &str) -> bool {
    matches!(key, "format" | "id" | "role" | "type")
}

/// The pieces of tool calls in a delta. Of a list that holds something else beside them, the pieces.
pub(super) fn call_pieces(delta: &Delta) -> Option<Cow<'_, [ToolCallDelta]>> {
    if let Some(pieces) = &delta.tool_calls {
        return Some(Cow::Borrowed(pieces));
    }
    if delta.extra.is_empty() {
        return None;
    }
    let pieces = fitting(&delta.extra, "tool_calls");
    (!pieces.is_empty()).then_some(Cow::Owned(pieces))
}
