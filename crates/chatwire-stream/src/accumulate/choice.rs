//! Joins the pieces of one choice by the rules of the document. [`super::tool_calls`] decides to which tool
//! call a piece belongs.

use std::borrow::Cow;

use chatwire_types::{
    Choice, ChunkChoice, Delta, FinishReason, FunctionToolCall, ResponseMessage, Role, ToolCall,
    ToolCallDelta, ToolCallType,
};

use super::resent_texts::only_new;
use super::size::size_of;
use super::tool_calls::{ToolCalls, name};
use crate::rules::{IntoWhole, Merge, fill_extra, fitting, has_content, says};

/// The merged pieces of one choice.
#[derive(Clone, Debug, Default)]
pub(super) struct ChoiceParts {
    /// The merged pieces, without the delta.
    piece: ChunkChoice,
    /// The merged deltas, without tool calls.
    delta: Delta,
    tool_calls: Option<ToolCalls>,
    /// The last finish reason that asks for a call.
    calling: Option<FinishReason>,
}

impl ChoiceParts {
    /// Adds a piece. With `are_resent`, a text that begins with the known text replaces it.
    pub(super) fn push(&mut self, part: &ChunkChoice, are_resent: bool) {
        self.piece.merge(part);
        let asks = |reason: &&FinishReason| {
            matches!(reason, FinishReason::ToolCalls | FinishReason::FunctionCall)
        };
        if let Some(reason) = part.finish_reason.as_ref().filter(asks) {
            self.calling = Some(reason.clone());
        }
        if let Some(delta) = &part.delta {
            self.push_delta(delta, are_resent);
        }
    }

    /// Adds the whole `message` that some servers send in a stream, at the end and only if the deltas were
    /// empty. Returns it as a delta.
    pub(super) fn use_whole_message(&mut self) -> Option<Box<Delta>> {
        let message = self.piece.extra.remove("message")?;
        if !message.is_object() || self.brings_something() {
            return None;
        }
        let delta: Box<Delta> = serde_json::from_value(message).ok()?;
        let before = std::mem::take(&mut self.delta.extra);
        self.push_delta(&delta, false);
        fill_extra(&mut self.delta.extra, before);
        Some(delta)
    }

    /// The estimated memory in bytes.
    pub(super) fn size(&self) -> usize {
        let calls = self.tool_calls.iter().flat_map(ToolCalls::pieces).map(size_of);
        size_of(&self.piece) + size_of(&self.delta) + calls.sum::<usize>()
    }

    pub(super) fn has_too_many(&self) -> bool {
        self.tool_calls.as_ref().is_some_and(|calls| calls.too_many)
    }

    /// The merged deltas, without tool calls.
    pub(super) const fn delta(&self) -> &Delta {
        &self.delta
    }

    /// For each piece of a tool call in the last delta, the position of its call. `None` if the call was not
    /// kept.
    pub(super) fn touched_calls(&self) -> &[Option<usize>] {
        self.tool_calls.as_ref().map_or(&[], ToolCalls::touched)
    }

    /// A tool call as it is now, by its position in order of arrival.
    pub(super) fn tool_call(&self, call: usize) -> Option<ToolCall> {
        self.tool_calls.as_ref()?.tool_call(call)
    }

    /// The deprecated `function_call` as a tool call.
    #[expect(deprecated, reason = "older servers still send `function_call`")]
    pub(super) fn function_call(&self) -> Option<ToolCall> {
        let mut call = FunctionToolCall::default();
        call.type_ = Some(ToolCallType::Function);
        call.function = Some(self.delta.function_call.as_deref()?.clone().into_whole());
        Some(ToolCall::Function(call))
    }

    pub(super) fn into_choice(mut self, index: i64) -> Choice {
        self.use_whole_message();
        let reason = self.piece.finish_reason.as_ref().map(|reason| self.finish_reason(reason));
        if !says(&self.delta.role) {
            self.delta.role = Some(Role::Assistant);
        }
        let mut message: ResponseMessage = self.delta.into_whole();
        if let Some(calls) = self.tool_calls {
            message.tool_calls = calls.into_tool_calls();
            message.extra.remove("tool_calls");
        }
        self.piece.index = Some(index);
        let mut choice: Choice = self.piece.into_whole();
        // Some services write this word for a null. An empty reason stays, because whole answers have it, too.
        choice.finish_reason = reason.filter(|reason| reason.as_str() != "null");
        choice.message = Some(message);
        choice
    }

    /// The finish reason of the choice, if this is the last one. A later `stop` does not replace one that asks for a
    /// call.
    #[expect(deprecated, reason = "older servers still send `function_call`")]
    pub(super) fn finish_reason(&self, last: &FinishReason) -> FinishReason {
        let mut calls = self.tool_calls.iter().flat_map(ToolCalls::pieces);
        let has_calls = calls.next().is_some() || self.delta.function_call.is_some();
        match &self.calling {
            Some(calling) if *last == FinishReason::Stop && has_calls => calling.clone(),
            _ => last.clone(),
        }
    }

    fn push_delta(&mut self, delta: &Delta, are_resent: bool) {
        if are_resent {
            self.delta.merge(&only_new(delta, &self.delta));
        } else {
            self.delta.merge(delta);
        }
        match (call_pieces(delta), &mut self.tool_calls) {
            (Some(pieces), calls) => calls.get_or_insert_default().push_all(&pieces, are_resent),
            (None, Some(calls)) => calls.push_all(&[], are_resent),
            (None, None) => {}
        }
    }

    fn brings_something(&self) -> bool {
        let mut calls = self.tool_calls.iter().flat_map(ToolCalls::pieces);
        self.delta.brings_something() || calls.any(call_brings_something)
    }
}

/// Whether a piece of a choice is more than a heartbeat.
pub(super) fn brings_something(part: &ChunkChoice) -> bool {
    let delta = part.delta.as_ref();
    let mut calls = delta.iter().flat_map(|delta| delta.tool_calls.iter().flatten());
    part.brings_something()
        || delta.is_some_and(|delta| delta.brings_something() || has_content(&delta.extra))
        || part.extra.contains_key("message")
        || calls.any(call_brings_something)
}

/// Whether a piece of a tool call has more than labels. A name counts, because a tool may have no arguments.
fn call_brings_something(call: &ToolCallDelta) -> bool {
    name(call).is_some() || call.brings_something()
}

/// The pieces of tool calls in a delta. If the list also holds other values, those are left out.
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
