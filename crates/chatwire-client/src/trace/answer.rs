//! What a span says about an answer, which comes whole or in chunks. `request.rs` does so for the request.

use std::collections::BTreeMap;

use chatwire_types::{ChatCompletion, ChatCompletionChunk, FinishReason, ServiceTier, Usage};
use serde_json::Value;
use tracing::Span;

/// The choices whose finish reasons a span lists. A server may send any number.
const MOST_CHOICES: usize = 128;

#[derive(Debug, Default)]
pub(super) struct AnswerFacts {
    id: Option<String>,
    model: Option<String>,
    service_tier: Option<String>,
    system_fingerprint: Option<String>,
    tokens: Tokens,
    /// The finish reason of each choice that has begun.
    finish_reasons: BTreeMap<i64, Option<String>>,
}

/// The counts of the usage that the conventions have a name for.
#[derive(Clone, Copy, Debug, Default)]
struct Tokens {
    input: Option<u64>,
    output: Option<u64>,
    reasoning: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    audio_input: Option<u64>,
    audio_output: Option<u64>,
    image_input: Option<u64>,
    image_output: Option<u64>,
    text_input: Option<u64>,
    text_output: Option<u64>,
}

impl AnswerFacts {
    pub(super) fn of(completion: &ChatCompletion) -> Self {
        let mut facts = Self::default();
        facts.head(completion.id.as_deref(), completion.model.as_deref());
        facts.tail(completion.service_tier.as_ref(), completion.system_fingerprint.as_deref());
        facts.usage(completion.usage.as_deref());
        for (position, choice) in (0..).zip(completion.choices.iter().flatten()) {
            facts.choice(choice.index.unwrap_or(position), choice.finish_reason.as_ref());
        }
        facts
    }

    pub(super) fn add(&mut self, chunk: &ChatCompletionChunk) {
        self.head(chunk.id.as_deref(), chunk.model.as_deref());
        self.tail(chunk.service_tier.as_ref(), chunk.system_fingerprint.as_deref());
        self.usage(chunk.usage.as_deref());
        for (position, choice) in (0..).zip(chunk.choices.iter().flatten()) {
            self.choice(choice.index.unwrap_or(position), choice.finish_reason.as_ref());
        }
    }

    fn head(&mut self, id: Option<&str>, model: Option<&str>) {
        keep(&mut self.id, id);
        keep(&mut self.model, model);
    }

    fn tail(&mut self, service_tier: Option<&ServiceTier>, system_fingerprint: Option<&str>) {
        keep(&mut self.service_tier, service_tier.map(ServiceTier::as_str));
        keep(&mut self.system_fingerprint, system_fingerprint);
    }

    fn usage(&mut self, usage: Option<&Usage>) {
        if let Some(usage) = usage {
            self.tokens = Tokens::of(usage);
        }
    }

    fn choice(&mut self, index: i64, reason: Option<&FinishReason>) {
        if self.finish_reasons.len() >= MOST_CHOICES && !self.finish_reasons.contains_key(&index) {
            return;
        }
        let kept = self.finish_reasons.entry(index).or_default();
        if let Some(reason) = reason {
            *kept = Some(reason.as_str().to_owned());
        }
    }

    /// Writes the attributes. `is_whole` says whether the answer came to its end.
    pub(super) fn record(&self, span: &Span, is_whole: bool, is_openai: bool) {
        text(span, "gen_ai.response.id", self.id.as_deref());
        text(span, "gen_ai.response.model", self.model.as_deref());
        if is_openai {
            text(span, "openai.response.service_tier", self.service_tier.as_deref());
            text(span, "openai.response.system_fingerprint", self.system_fingerprint.as_deref());
        }
        text(span, "gen_ai.response.finish_reasons", self.reasons(is_whole).as_deref());
        self.tokens.record(span);
    }

    /// A list in JSON, because `tracing` has no lists. A choice without a reason has `error`, as the conventions want
    /// it, except in whole answers of services that never send reasons.
    fn reasons(&self, is_whole: bool) -> Option<String> {
        let has_none = self.finish_reasons.values().all(Option::is_none);
        if self.finish_reasons.is_empty() || (is_whole && has_none) {
            return None;
        }
        let reasons = self.finish_reasons.values();
        let reasons = reasons.map(|reason| Value::from(reason.as_deref().unwrap_or("error")));
        Some(Value::Array(reasons.collect()).to_string())
    }
}

impl Tokens {
    fn of(usage: &Usage) -> Self {
        let (input, output) = (&usage.prompt_tokens_details, &usage.completion_tokens_details);
        let (input, output) = (input.as_ref(), output.as_ref());
        let cached = input.and_then(|input| input.cached_tokens);
        let written = input.and_then(|input| input.cache_write_tokens);
        Self {
            input: usage.prompt_tokens,
            output: usage.completion_tokens,
            reasoning: output.and_then(|output| output.reasoning_tokens),
            cache_read: cached.or(usage.prompt_cache_hit_tokens).or(usage.cache_read_input_tokens),
            cache_write: written.or(usage.cache_creation_input_tokens),
            audio_input: input.and_then(|input| input.audio_tokens),
            audio_output: output.and_then(|output| output.audio_tokens),
            image_input: input.and_then(|input| input.image_tokens),
            image_output: output.and_then(|output| output.image_tokens),
            text_input: input.and_then(|input| input.text_tokens),
            text_output: output.and_then(|output| output.text_tokens),
        }
    }

    fn record(&self, span: &Span) {
        let total = [
            ("gen_ai.usage.input_tokens", self.input),
            ("gen_ai.usage.output_tokens", self.output),
        ];
        // The parts are for "when applicable", and most services send a zero where there is none.
        let parts = [
            ("gen_ai.usage.reasoning.output_tokens", self.reasoning),
            ("gen_ai.usage.cache_read.input_tokens", self.cache_read),
            ("gen_ai.usage.cache_write.input_tokens", self.cache_write),
            ("gen_ai.usage.audio.input_tokens", self.audio_input),
            ("gen_ai.usage.audio.output_tokens", self.audio_output),
            ("gen_ai.usage.image.input_tokens", self.image_input),
            ("gen_ai.usage.image.output_tokens", self.image_output),
            ("gen_ai.usage.text.input_tokens", self.text_input),
            ("gen_ai.usage.text.output_tokens", self.text_output),
        ];
        let parts = parts.into_iter().filter(|(_, count)| *count != Some(0));
        for (name, count) in total.into_iter().chain(parts) {
            // OpenTelemetry has signed integers only, and writes others as text.
            if let Some(count) = count.and_then(|count| i64::try_from(count).ok()) {
                span.record(name, count);
            }
        }
    }
}

/// Keeps the first value that says something.
fn keep(kept: &mut Option<String>, value: Option<&str>) {
    if kept.is_none()
        && let Some(value) = value.filter(|value| !value.is_empty())
    {
        *kept = Some(value.to_owned());
    }
}

fn text(span: &Span, name: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        span.record(name, value);
    }
}
