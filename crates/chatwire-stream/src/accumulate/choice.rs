//! One choice: the fields of its deltas joined into its message. Tool calls, content and reasoning
//! details have modules of their own beside this one.

use std::borrow::Cow;
use std::mem;

use chatwire_types::{
    AudioDelta, Choice, ChunkChoice, Content, ContentFilterResults, Delta, FunctionCall,
    FunctionCallDelta, FunctionToolCall, Logprobs, ResponseAudio, ResponseMessage, Role, ToolCall,
    ToolCallDelta, ToolCallType,
};
use serde::Serialize;
use serde_json::Value;

use super::content;
use super::extra::ExtraParts;
use super::inner_keys::{InnerKeys, Part};
use super::merge::{Growing, join, join_list, last, last_text};
use super::reasoning::join_details;
use super::tool_calls::ToolCallParts;
use crate::rest::{each_rest, fitting, rest, with_rest};

/// One choice, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct ChoiceParts {
    choice: Choice,
    message: ResponseMessage,
    content_filter_results: Growing<Box<ContentFilterResults>>,
    tool_calls: Option<ToolCallParts>,
    message_extra: ExtraParts,
    extra: ExtraParts,
    inner: InnerKeys,
}

impl ChoiceParts {
    pub(super) fn push(&mut self, part: &ChunkChoice) {
        let known = &mut self.choice;
        last_text(&mut known.finish_reason, part.finish_reason.as_ref());
        last_text(&mut known.native_finish_reason, part.native_finish_reason.as_ref());
        last(&mut known.stop_reason, part.stop_reason.as_ref());
        last(&mut known.error, part.error.as_ref());
        self.content_filter_results.push(part.content_filter_results.as_ref());
        join_list(&mut known.token_ids, part.token_ids.as_ref());
        join_logprobs(&mut known.logprobs, part.logprobs.as_ref(), &mut self.inner);
        let extra = &mut self.extra;
        each_rest(part, &part.extra, choice_rule, |key, value| extra.replace(key, value));
        if let Some(delta) = &part.delta {
            self.push_delta(delta);
        }
    }

    /// Some servers answer a stream with one whole message; it has the keys of a delta. It is used
    /// when nothing more comes, and only if the deltas have said nothing.
    pub(super) fn use_whole_message(&mut self) -> Option<Box<Delta>> {
        let message = self.extra.remove("message")?;
        if !message.is_object() || self.says_something() {
            return None;
        }
        let delta: Box<Delta> = serde_json::from_value(message).ok()?;
        let before = mem::take(&mut self.message_extra);
        self.push_delta(&delta);
        self.message_extra.fill(before);
        Some(delta)
    }

    pub(super) fn has_too_many(&self) -> bool {
        self.tool_calls.as_ref().is_some_and(|calls| calls.too_many)
    }

    /// The message as far as it is known, without its tool calls.
    pub(super) const fn message(&self) -> &ResponseMessage {
        &self.message
    }

    /// For each tool call of the last delta, which call it went into.
    pub(super) fn touched_calls(&self) -> &[Option<usize>] {
        self.tool_calls.as_ref().map_or(&[], ToolCallParts::touched)
    }

    /// A tool call as it stands; calls are counted in order of arrival.
    pub(super) fn tool_call(&self, call: usize) -> Option<ToolCall> {
        self.tool_calls.as_ref()?.tool_call(call)
    }

    /// The deprecated form of a tool call, as one of today.
    #[expect(deprecated, reason = "older servers still send `function_call`")]
    pub(super) fn function_call(&self) -> Option<ToolCall> {
        let function = self.message.function_call.as_deref()?.clone();
        let mut call = FunctionToolCall::default();
        call.type_ = Some(ToolCallType::Function);
        call.function = Some(self.inner.clone().settle(Part::FunctionCall, function));
        Some(ToolCall::Function(call))
    }

    pub(super) fn into_choice(mut self, index: i64) -> Choice {
        self.use_whole_message();
        let mut message = self.message;
        if message.role.as_ref().is_none_or(|role| role.as_str().is_empty()) {
            message.role = Some(Role::Assistant);
        }
        message.tool_calls = self.tool_calls.map(ToolCallParts::into_tool_calls);
        settle_parts(&mut message, &mut self.inner);
        let mut choice = self.choice;
        choice.index = Some(index);
        choice.content_filter_results = self.content_filter_results.settle();
        let logprobs = choice.logprobs.take();
        choice.logprobs = logprobs.map(|logprobs| self.inner.settle(Part::Logprobs, logprobs));
        let mut choice = with_rest(choice, self.extra.into_rest());
        choice.message = Some(with_rest(message, self.message_extra.into_rest()));
        choice
    }

    #[expect(deprecated, reason = "older servers still send `function_call`")]
    fn push_delta(&mut self, delta: &Delta) {
        let known = &mut self.message;
        last_text(&mut known.role, delta.role.as_ref());
        last_text(&mut known.name, delta.name.as_ref());
        content::join(&mut known.content, delta.content.as_ref());
        join(&mut known.refusal, delta.refusal.as_ref());
        join(&mut known.reasoning_content, delta.reasoning_content.as_ref());
        join(&mut known.reasoning, delta.reasoning.as_ref());
        let inner = &mut self.inner;
        join_details(&mut known.reasoning_details, delta.reasoning_details.as_ref(), inner);
        join_list(&mut known.annotations, delta.annotations.as_ref());
        if let Some(delta) = &delta.function_call {
            join_function_call(known.function_call.get_or_insert_default(), delta, inner);
        }
        if let Some(delta) = &delta.audio {
            join_audio(known.audio.get_or_insert_default(), delta, inner);
        }
        match (call_pieces(delta), &mut self.tool_calls) {
            (Some(pieces), calls) => calls.get_or_insert_default().push_all(&pieces),
            (None, Some(calls)) => calls.push_all(&[]),
            (None, None) => {}
        }
        let extra = &mut self.message_extra;
        each_rest(delta, &delta.extra, delta_rule, |key, value| extra.join(key, value));
    }

    /// Looks at one part after the other, since one of the first says it of a long answer.
    #[expect(deprecated, reason = "older servers still send `function_call`")]
    fn says_something(&self) -> bool {
        let known = &self.message;
        let (call, audio) = (known.function_call.as_ref(), known.audio.as_ref());
        let texts = [
            known.reasoning_content.as_ref(),
            known.reasoning.as_ref(),
            known.refusal.as_ref(),
            known.name.as_ref(),
            call.and_then(|call| call.arguments.as_ref()),
            audio.and_then(|audio| audio.data.as_ref()),
        ];
        let mut calls = self.tool_calls.iter().flat_map(ToolCallParts::texts).flatten();
        texts.into_iter().flatten().any(|text| !text.is_empty())
            || calls.any(|text| !text.is_empty())
            || match &known.content {
                Some(Content::Text(text)) => !text.is_empty(),
                Some(Content::Parts(parts)) => any_said(parts),
                other => any_said(other),
            }
            || any_said(known.reasoning_details.iter().flatten())
            || any_said(known.annotations.iter().flatten())
            || any_said(call)
            || any_said(audio)
    }
}

fn any_said<'a, T: Serialize + 'a>(parts: impl IntoIterator<Item = &'a T>) -> bool {
    parts.into_iter().any(|part| is_said(&serde_json::to_value(part).unwrap_or_default()))
}

/// Whether there is text in a message that is more than a label.
fn is_said(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => list.iter().any(is_said),
        Value::Object(object) => object.iter().any(|(key, value)| !is_tag(key) && is_said(value)),
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
    let pieces = fitting(&delta.extra, "tool_calls");
    (!pieces.is_empty()).then_some(Cow::Owned(pieces))
}

/// The keys for which [`ChoiceParts::push`] has a rule.
fn choice_rule(key: &str) -> bool {
    matches!(
        key,
        "content_filter_results"
            | "delta"
            | "error"
            | "finish_reason"
            | "index"
            | "logprobs"
            | "native_finish_reason"
            | "stop_reason"
            | "token_ids"
    )
}

/// The keys for which [`ChoiceParts::push_delta`] has a rule.
fn delta_rule(key: &str) -> bool {
    matches!(
        key,
        "annotations"
            | "audio"
            | "content"
            | "function_call"
            | "name"
            | "reasoning"
            | "reasoning_content"
            | "reasoning_details"
            | "refusal"
            | "role"
            | "tool_calls"
    )
}

/// The keys for which [`join_logprobs`] has a rule.
fn logprobs_rule(key: &str) -> bool {
    matches!(key, "content" | "refusal" | "reasoning_content")
}

#[expect(deprecated, reason = "older servers still send `function_call`")]
fn settle_parts(message: &mut ResponseMessage, inner: &mut InnerKeys) {
    for (place, detail) in message.reasoning_details.iter_mut().flatten().enumerate() {
        *detail = inner.settle(Part::Detail(place), mem::take(detail));
    }
    if let Some(call) = &mut message.function_call {
        **call = inner.settle(Part::FunctionCall, mem::take(&mut **call));
    }
    if let Some(audio) = &mut message.audio {
        **audio = inner.settle(Part::Audio, mem::take(&mut **audio));
    }
}

fn join_logprobs(slot: &mut Option<Logprobs>, new: Option<&Logprobs>, inner: &mut InnerKeys) {
    let Some(new) = new else { return };
    let known = slot.get_or_insert_with(Logprobs::default);
    join_list(&mut known.content, new.content.as_ref());
    join_list(&mut known.refusal, new.refusal.as_ref());
    join_list(&mut known.reasoning_content, new.reasoning_content.as_ref());
    let rest = rest(new, &new.extra, logprobs_rule);
    inner.join_lists(Part::Logprobs, &mut known.extra, rest);
}

/// The deprecated form of a tool call: one, without an id.
fn join_function_call(known: &mut FunctionCall, new: &FunctionCallDelta, inner: &mut InnerKeys) {
    last_text(&mut known.name, new.name.as_ref());
    join(&mut known.arguments, new.arguments.as_ref());
    let rest = rest(new, &new.extra, |key| matches!(key, "name" | "arguments"));
    inner.last(Part::FunctionCall, &mut known.extra, rest);
}

fn join_audio(known: &mut ResponseAudio, new: &AudioDelta, inner: &mut InnerKeys) {
    last_text(&mut known.id, new.id.as_ref());
    join(&mut known.data, new.data.as_ref());
    join(&mut known.transcript, new.transcript.as_ref());
    last(&mut known.expires_at, new.expires_at.as_ref());
    let has_rule = |key: &str| matches!(key, "id" | "data" | "transcript" | "expires_at");
    inner.last(Part::Audio, &mut known.extra, rest(new, &new.extra, has_rule));
}
