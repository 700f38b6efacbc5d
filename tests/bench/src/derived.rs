//! The chunk types with `derive(Deserialize)`: the same structs and fields, without unknown keys.
//! The benchmarks compare decoding with them. Content is plain text and `created` a number, the
//! cheapest forms.

#![allow(dead_code, missing_docs, clippy::large_enum_variant)]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Annotation {
    UrlCitation(UrlCitationAnnotation),
    Other(Value),
}

#[derive(Debug, Deserialize)]
pub struct AudioDelta {
    pub id: Option<String>,
    pub data: Option<String>,
    pub transcript: Option<String>,
    pub expires_at: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct ChatCompletionChunk {
    pub id: Option<String>,
    pub object: Option<ObjectType>,
    pub created: Option<u64>,
    pub model: Option<String>,
    pub choices: Option<Vec<ChunkChoice>>,
    pub usage: Option<Box<Usage>>,
    pub service_tier: Option<ServiceTier>,
    pub obfuscation: Option<String>,
    pub moderation: Option<Box<Moderation>>,
    pub provider: Option<String>,
    pub citations: Option<Vec<String>>,
    pub search_results: Option<Vec<SearchResult>>,
    pub prompt_filter_results: Option<Vec<PromptFilterResult>>,
    pub x_groq: Option<Box<GroqMetadata>>,
    pub timings: Option<Box<Timings>>,
    pub prompt_token_ids: Option<Vec<i64>>,
    pub error: Option<Box<ErrorBody>>,
    pub system_fingerprint: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct ChunkChoice {
    pub index: Option<i64>,
    pub delta: Option<Delta>,
    pub finish_reason: Option<FinishReason>,
    pub logprobs: Option<Logprobs>,
    pub content_filter_results: Option<Box<ContentFilterResults>>,
    pub native_finish_reason: Option<String>,
    pub stop_reason: Option<StopReason>,
    pub token_ids: Option<Vec<i64>>,
    pub error: Option<Box<ErrorBody>>,
}

#[derive(Debug, Deserialize)]
pub struct CompletionTokensDetails {
    pub reasoning_tokens: Option<u64>,
    pub audio_tokens: Option<u64>,
    pub text_tokens: Option<u64>,
    pub accepted_prediction_tokens: Option<u64>,
    pub rejected_prediction_tokens: Option<u64>,
    pub image_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct ContentFilterResult {
    pub filtered: Option<bool>,
    pub severity: Option<ContentFilterSeverity>,
    pub detected: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub struct ContentFilterResults {
    pub hate: Option<ContentFilterResult>,
    pub self_harm: Option<ContentFilterResult>,
    pub sexual: Option<ContentFilterResult>,
    pub violence: Option<ContentFilterResult>,
    pub jailbreak: Option<ContentFilterResult>,
    pub profanity: Option<ContentFilterResult>,
    pub protected_material_text: Option<ContentFilterResult>,
    pub protected_material_code: Option<ContentFilterResult>,
}

#[derive(Debug, Deserialize)]
pub enum ContentFilterSeverity {
    #[serde(rename = "safe")]
    Safe,
    #[serde(rename = "low")]
    Low,
    #[serde(rename = "medium")]
    Medium,
    #[serde(rename = "high")]
    High,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub struct CostBreakdown {
    pub input_tokens_cost: Option<f64>,
    pub output_tokens_cost: Option<f64>,
    pub request_cost: Option<f64>,
    pub total_cost: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub struct CostDetails {
    pub upstream_inference_cost: Option<f64>,
    pub upstream_inference_prompt_cost: Option<f64>,
    pub upstream_inference_completions_cost: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub struct CustomCallDelta {
    pub name: Option<String>,
    pub input: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Delta {
    pub role: Option<Role>,
    pub content: Option<String>,
    pub refusal: Option<String>,
    pub tool_calls: Option<Vec<ToolCallDelta>>,
    pub annotations: Option<Vec<Annotation>>,
    pub audio: Option<Box<AudioDelta>>,
    pub reasoning_content: Option<String>,
    pub reasoning: Option<String>,
    pub reasoning_details: Option<Vec<ReasoningDetail>>,
    pub name: Option<String>,
    pub function_call: Option<Box<FunctionCallDelta>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ErrorBody {
    Object(ErrorObject),
    Text(String),
    Other(Value),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ErrorCode {
    Text(String),
    Number(i64),
    Other(Value),
}

#[derive(Debug, Deserialize)]
pub struct ErrorObject {
    pub message: Option<String>,
    #[serde(rename = "type")]
    pub type_: Option<String>,
    pub param: Option<String>,
    pub code: Option<ErrorCode>,
}

#[derive(Debug, Deserialize)]
pub enum FinishReason {
    #[serde(rename = "stop")]
    Stop,
    #[serde(rename = "length")]
    Length,
    #[serde(rename = "tool_calls")]
    ToolCalls,
    #[serde(rename = "content_filter")]
    ContentFilter,
    #[serde(rename = "function_call")]
    FunctionCall,
    #[serde(rename = "error")]
    Error,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub struct FunctionCallDelta {
    pub name: Option<String>,
    pub arguments: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct GroqMetadata {
    pub id: Option<String>,
    pub seed: Option<i64>,
    pub usage: Option<Usage>,
    pub usage_breakdown: Option<UsageBreakdown>,
}

#[derive(Debug, Deserialize)]
pub struct Logprobs {
    pub content: Option<Vec<TokenLogprob>>,
    pub refusal: Option<Vec<TokenLogprob>>,
}

#[derive(Debug, Deserialize)]
pub struct ModelUsage {
    pub model: Option<String>,
    pub usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
pub struct Moderation {
    pub input: Option<ModerationOutcome>,
    pub output: Option<ModerationOutcome>,
}

#[derive(Debug, Deserialize)]
pub struct ModerationError {
    pub code: String,
    pub message: String,
}

pub type ModerationFlags = BTreeMap<String, bool>;

#[derive(Debug, Deserialize)]
pub enum ModerationInputType {
    #[serde(rename = "text")]
    Text,
    #[serde(rename = "image")]
    Image,
    #[serde(other)]
    Other,
}

pub type ModerationInputTypeList = Vec<ModerationInputType>;

pub type ModerationInputTypes = BTreeMap<String, ModerationInputTypeList>;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ModerationOutcome {
    Results(ModerationResults),
    Failed(ModerationError),
    Other(Value),
}

#[derive(Debug, Deserialize)]
pub struct ModerationResult {
    pub model: String,
    pub flagged: bool,
    pub categories: ModerationFlags,
    pub category_scores: ModerationScores,
    pub category_applied_input_types: ModerationInputTypes,
}

#[derive(Debug, Deserialize)]
pub struct ModerationResults {
    pub model: String,
    pub results: Vec<ModerationResult>,
}

pub type ModerationScores = BTreeMap<String, f64>;

#[derive(Debug, Deserialize)]
pub enum ObjectType {
    #[serde(rename = "chat.completion")]
    ChatCompletion,
    #[serde(rename = "chat.completion.chunk")]
    ChatCompletionChunk,
    #[serde(rename = "chat.completion.deleted")]
    ChatCompletionDeleted,
    #[serde(rename = "list")]
    List,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub struct PromptFilterResult {
    pub prompt_index: Option<i64>,
    pub content_filter_results: Option<ContentFilterResults>,
}

#[derive(Debug, Deserialize)]
pub struct PromptTokensDetails {
    pub cached_tokens: Option<u64>,
    pub cache_write_tokens: Option<u64>,
    pub audio_tokens: Option<u64>,
    pub text_tokens: Option<u64>,
    pub image_tokens: Option<u64>,
    pub video_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct ReasoningDetail {
    #[serde(rename = "type")]
    pub type_: Option<ReasoningDetailType>,
    pub text: Option<String>,
    pub summary: Option<String>,
    pub data: Option<String>,
    pub signature: Option<String>,
    pub id: Option<String>,
    pub format: Option<String>,
    pub index: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub enum ReasoningDetailType {
    #[serde(rename = "reasoning.text")]
    Text,
    #[serde(rename = "reasoning.summary")]
    Summary,
    #[serde(rename = "reasoning.encrypted")]
    Encrypted,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub enum Role {
    #[serde(rename = "developer")]
    Developer,
    #[serde(rename = "system")]
    System,
    #[serde(rename = "user")]
    User,
    #[serde(rename = "assistant")]
    Assistant,
    #[serde(rename = "tool")]
    Tool,
    #[serde(rename = "function")]
    Function,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub struct SearchResult {
    pub title: Option<String>,
    pub url: Option<String>,
    pub date: Option<String>,
    pub last_updated: Option<String>,
    pub snippet: Option<String>,
    pub source: Option<String>,
}

#[derive(Debug, Deserialize)]
pub enum ServiceTier {
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "default")]
    Default,
    #[serde(rename = "flex")]
    Flex,
    #[serde(rename = "scale")]
    Scale,
    #[serde(rename = "priority")]
    Priority,
    #[serde(rename = "fast")]
    Fast,
    #[serde(rename = "on_demand")]
    OnDemand,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum StopReason {
    Text(String),
    Token(i64),
    Other(Value),
}

#[derive(Debug, Deserialize)]
pub struct Timings {
    pub cache_n: Option<i64>,
    pub prompt_n: Option<i64>,
    pub prompt_ms: Option<f64>,
    pub prompt_per_token_ms: Option<f64>,
    pub prompt_per_second: Option<f64>,
    pub predicted_n: Option<i64>,
    pub predicted_ms: Option<f64>,
    pub predicted_per_token_ms: Option<f64>,
    pub predicted_per_second: Option<f64>,
    pub draft_n: Option<i64>,
    pub draft_n_accepted: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct TokenLogprob {
    pub token: Option<String>,
    pub logprob: Option<f64>,
    pub bytes: Option<Vec<i64>>,
    pub top_logprobs: Option<Vec<TopLogprob>>,
}

#[derive(Debug, Deserialize)]
pub struct ToolCallDelta {
    pub index: Option<i64>,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub type_: Option<ToolCallType>,
    pub function: Option<FunctionCallDelta>,
    pub custom: Option<CustomCallDelta>,
}

#[derive(Debug, Deserialize)]
pub enum ToolCallType {
    #[serde(rename = "function")]
    Function,
    #[serde(rename = "custom")]
    Custom,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub struct TopLogprob {
    pub token: Option<String>,
    pub logprob: Option<f64>,
    pub bytes: Option<Vec<i64>>,
}

#[derive(Debug, Deserialize)]
pub struct UrlCitation {
    pub url: String,
    pub title: Option<String>,
    pub start_index: Option<i64>,
    pub end_index: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct UrlCitationAnnotation {
    pub url_citation: Option<UrlCitation>,
}

#[derive(Debug, Deserialize)]
pub struct Usage {
    pub prompt_tokens: Option<u64>,
    pub completion_tokens: Option<u64>,
    pub total_tokens: Option<u64>,
    pub prompt_tokens_details: Option<PromptTokensDetails>,
    pub completion_tokens_details: Option<CompletionTokensDetails>,
    pub cost: Option<UsageCost>,
    pub cost_details: Option<CostDetails>,
    pub is_byok: Option<bool>,
    pub prompt_cache_hit_tokens: Option<u64>,
    pub prompt_cache_miss_tokens: Option<u64>,
    pub cache_creation_input_tokens: Option<u64>,
    pub cache_read_input_tokens: Option<u64>,
    pub queue_time: Option<f64>,
    pub prompt_time: Option<f64>,
    pub completion_time: Option<f64>,
    pub total_time: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub struct UsageBreakdown {
    pub models: Option<Vec<ModelUsage>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum UsageCost {
    Total(f64),
    Breakdown(CostBreakdown),
    Other(Value),
}
