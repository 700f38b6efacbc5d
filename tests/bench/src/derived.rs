//! The chunk types as `derive(Deserialize)` gives them, without unknown keys: what decoding is
//! measured against. The types that keep unknown keys are those of `chatwire-types`.

#![allow(dead_code, missing_docs)]

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Chunk {
    pub id: Option<String>,
    pub object: Option<Object>,
    pub created: Option<u64>,
    pub model: Option<String>,
    pub choices: Option<Vec<Choice>>,
    pub usage: Option<Usage>,
    pub service_tier: Option<Tier>,
    pub system_fingerprint: Option<String>,
    pub obfuscation: Option<String>,
    pub provider: Option<String>,
    pub citations: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub struct Choice {
    pub index: Option<i64>,
    pub delta: Option<Delta>,
    pub finish_reason: Option<FinishReason>,
    pub logprobs: Option<Logprobs>,
    pub native_finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Delta {
    pub role: Option<Role>,
    pub content: Option<String>,
    pub refusal: Option<String>,
    pub reasoning_content: Option<String>,
    pub reasoning: Option<String>,
    pub tool_calls: Option<Vec<ToolCall>>,
}

#[derive(Debug, Deserialize)]
pub struct ToolCall {
    pub index: Option<i64>,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<ToolCallType>,
    pub function: Option<Function>,
}

#[derive(Debug, Deserialize)]
pub struct Function {
    pub name: Option<String>,
    pub arguments: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Logprobs {
    pub content: Option<Vec<TokenLogprob>>,
    pub refusal: Option<Vec<TokenLogprob>>,
}

#[derive(Debug, Deserialize)]
pub struct TokenLogprob {
    pub token: Option<String>,
    pub logprob: Option<f64>,
    pub bytes: Option<Vec<i64>>,
    pub top_logprobs: Option<Vec<TopLogprob>>,
}

#[derive(Debug, Deserialize)]
pub struct TopLogprob {
    pub token: Option<String>,
    pub logprob: Option<f64>,
    pub bytes: Option<Vec<i64>>,
}

#[derive(Debug, Deserialize)]
pub struct Usage {
    pub prompt_tokens: Option<u64>,
    pub completion_tokens: Option<u64>,
    pub total_tokens: Option<u64>,
    pub prompt_tokens_details: Option<PromptDetails>,
    pub completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Deserialize)]
pub struct PromptDetails {
    pub cached_tokens: Option<u64>,
    pub audio_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct CompletionDetails {
    pub reasoning_tokens: Option<u64>,
    pub audio_tokens: Option<u64>,
    pub accepted_prediction_tokens: Option<u64>,
    pub rejected_prediction_tokens: Option<u64>,
}

macro_rules! open {
    ($name:ident { $($variant:ident = $text:literal),* }) => {
        #[derive(Debug, Deserialize)]
        pub enum $name {
            $(#[serde(rename = $text)] $variant,)*
            #[serde(other)]
            Other,
        }
    };
}

open!(Object { Chunk = "chat.completion.chunk" });
open!(Role { Assistant = "assistant", User = "user", System = "system", Tool = "tool" });
open!(ToolCallType { Function = "function", Custom = "custom" });
open!(Tier { Auto = "auto", Default = "default", Flex = "flex", Priority = "priority" });
open!(FinishReason {
    Stop = "stop", Length = "length", ToolCalls = "tool_calls",
    ContentFilter = "content_filter", FunctionCall = "function_call"
});
