//! The keys of a chunk beside its choices. The choices are [`super::choice`]'s work.

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, GroqMetadata, Moderation, ObjectType, Timestamp, Timings,
    Usage,
};
use serde_json::{Map, Value};

use super::extra::ExtraParts;
use super::merge::{Growing, first_text, last, last_list, last_text};
use super::repeat::HeadStep;
use crate::rest::each_rest;

/// The keys of a completion beside its choices, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    completion: ChatCompletion,
    moderation: Growing<Box<Moderation>>,
    x_groq: Growing<Box<GroqMetadata>>,
    timings: Growing<Box<Timings>>,
    extra: ExtraParts,
}

impl Head {
    #[expect(deprecated, reason = "most servers still send `system_fingerprint`")]
    pub(super) fn push(&mut self, chunk: &ChatCompletionChunk) {
        // It says nothing about the answer.
        if chunk.is_heartbeat() {
            return;
        }
        let known = &mut self.completion;
        first_text(&mut known.id, chunk.id.as_ref());
        first_text(&mut known.model, chunk.model.as_ref());
        if known.created.as_ref().is_none_or(is_no_time) {
            last(&mut known.created, chunk.created.as_ref());
        }
        last_text(&mut known.service_tier, chunk.service_tier.as_ref());
        last_text(&mut known.system_fingerprint, chunk.system_fingerprint.as_ref());
        last_text(&mut known.provider, chunk.provider.as_ref());
        if known.usage.is_none() || chunk.usage.as_ref().is_some_and(|usage| !is_empty(usage)) {
            last(&mut known.usage, chunk.usage.as_ref());
        }
        last(&mut known.error, chunk.error.as_ref());
        self.push_reports(chunk);
        let extra = &mut self.extra;
        each_rest(chunk, &chunk.extra, has_rule, |key, value| extra.replace(key, value));
    }

    pub(super) fn repeat(&mut self, step: &HeadStep, value: &str) {
        let known = &mut self.completion;
        match step {
            HeadStep::Id if known.id.as_ref().is_none_or(String::is_empty) => {
                known.id = Some(value.to_owned());
            }
            HeadStep::Created if known.created.as_ref().is_none_or(is_no_time) => {
                known.created = value.parse().ok().map(Timestamp::Seconds);
            }
            HeadStep::Id | HeadStep::Created => {}
            HeadStep::Usage(place) => {
                let count = known.usage.as_mut().and_then(|usage| place.count_in(usage));
                if let (Some(count), Ok(new)) = (count, value.parse()) {
                    *count = new;
                }
            }
            HeadStep::Text(keys) => self.extra.set(keys, value.into()),
            HeadStep::Number(keys) => {
                self.extra.set(keys, serde_json::from_str(value).unwrap_or_default());
            }
        }
    }

    /// What services report once, or again and again as it grows.
    fn push_reports(&mut self, chunk: &ChatCompletionChunk) {
        self.moderation.push(chunk.moderation.as_ref());
        self.x_groq.push(chunk.x_groq.as_ref());
        self.timings.push(chunk.timings.as_ref());
        let known = &mut self.completion;
        last_list(&mut known.citations, chunk.citations.as_ref());
        last_list(&mut known.search_results, chunk.search_results.as_ref());
        last_list(&mut known.prompt_filter_results, chunk.prompt_filter_results.as_ref());
        last_list(&mut known.prompt_token_ids, chunk.prompt_token_ids.as_ref());
    }

    /// The completion without choices, and the keys that have no rule.
    pub(super) fn into_parts(mut self) -> (ChatCompletion, Map<String, Value>) {
        let mut completion = self.completion;
        completion.object = Some(ObjectType::ChatCompletion);
        completion.moderation = self.moderation.settle();
        completion.x_groq = self.x_groq.settle();
        completion.timings = self.timings.settle();
        self.extra.remove("choices");
        (completion, self.extra.into_rest())
    }
}

/// The keys for which [`Head::push`] has a rule, or which have no place in a completion.
fn has_rule(key: &str) -> bool {
    matches!(
        key,
        "choices"
            | "citations"
            | "created"
            | "error"
            | "id"
            | "model"
            | "moderation"
            | "object"
            | "obfuscation"
            | "prompt_filter_results"
            | "prompt_token_ids"
            | "provider"
            | "search_results"
            | "service_tier"
            | "system_fingerprint"
            | "timings"
            | "usage"
            | "x_groq"
    )
}

/// What servers send that do not know the time, azure-openai in its first chunk too.
fn is_no_time(time: &Timestamp) -> bool {
    match time {
        Timestamp::Text(text) => text.is_empty(),
        other => other.seconds() == Some(0),
    }
}

/// MiniMax sends `"usage":{}` on chunks that have nothing to say about it.
pub(super) fn is_empty(usage: &Usage) -> bool {
    *usage == Usage::default()
}
