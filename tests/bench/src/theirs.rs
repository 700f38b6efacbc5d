//! What a user of async-openai writes to join chunks: content, refusals, tool calls, finish reasons
//! and usage. `chatwire_stream::Accumulator` is ours, and joins everything.

use std::collections::BTreeMap;

use async_openai::types::chat::{
    ChatChoiceStream, CompletionUsage, CreateChatCompletionStreamResponse, FinishReason,
};

#[derive(Default)]
pub struct Joined {
    id: String,
    model: String,
    created: u32,
    choices: BTreeMap<u32, Choice>,
    usage: Option<CompletionUsage>,
}

#[derive(Default)]
struct Choice {
    content: String,
    refusal: String,
    calls: BTreeMap<u32, Call>,
    finish_reason: Option<FinishReason>,
}

#[derive(Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

impl Joined {
    /// Adds a chunk.
    pub fn push(&mut self, chunk: CreateChatCompletionStreamResponse) {
        if self.id.is_empty() {
            self.id = chunk.id;
            self.model = chunk.model;
            self.created = chunk.created;
        }
        if chunk.usage.is_some() {
            self.usage = chunk.usage;
        }
        for choice in chunk.choices {
            self.choices.entry(choice.index).or_default().push(choice);
        }
    }

    /// How much text there is.
    pub fn text_length(&self) -> u64 {
        self.choices.values().map(|choice| choice.content.len() as u64).sum()
    }
}

impl Choice {
    fn push(&mut self, new: ChatChoiceStream) {
        self.content.push_str(new.delta.content.as_deref().unwrap_or_default());
        self.refusal.push_str(new.delta.refusal.as_deref().unwrap_or_default());
        self.finish_reason = new.finish_reason.or(self.finish_reason.take());
        for delta in new.delta.tool_calls.into_iter().flatten() {
            let call = self.calls.entry(delta.index).or_default();
            call.id.push_str(delta.id.as_deref().unwrap_or_default());
            if let Some(function) = delta.function {
                call.name.push_str(function.name.as_deref().unwrap_or_default());
                call.arguments.push_str(function.arguments.as_deref().unwrap_or_default());
            }
        }
    }
}
