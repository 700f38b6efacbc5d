//! For people who know openai-python: its names beside those of chatwire, and what differs.
//!
//! The [`cookbook`](crate::cookbook) has whole programs.
//!
//! # The client
//!
//! | openai-python | chatwire |
//! | --- | --- |
//! | `OpenAI()` | [`Client::from_env`](crate::Client::from_env) |
//! | `OpenAI(base_url=…, api_key=…)` | [`Client::builder`](crate::Client::builder), [`base_url`](crate::ClientBuilder::base_url), [`api_key`](crate::ClientBuilder::api_key) |
//! | `AzureOpenAI(…)` | [`Client::azure`](crate::Client::azure) |
//! | `azure_ad_token_provider=…` | [`key_provider`](crate::ClientBuilder::key_provider) with [`bearer`](crate::ClientBuilder::bearer) |
//! | `organization=…`, `project=…` | [`organization`](crate::ClientBuilder::organization), [`project`](crate::ClientBuilder::project) |
//! | `default_headers=…`, `default_query=…` | [`header`](crate::ClientBuilder::header), [`query`](crate::ClientBuilder::query) |
//! | `max_retries=…` | [`max_retries`](crate::ClientBuilder::max_retries) |
//! | `timeout=…` | [`total_timeout`](crate::ClientBuilder::total_timeout), and a limit for [each wait](chatwire_client#limits) |
//! | `http_client=…` | [`configure_http`](crate::ClientBuilder::configure_http), [`http_client`](crate::ClientBuilder::http_client) |
//! | `client.with_options(…)` | [`with_max_retries`](crate::Client::with_max_retries), [`with_total_timeout`](crate::Client::with_total_timeout) and so on |
//! | `extra_headers=…`, `extra_query=…`, `extra_body=…` | [`with_header`](crate::Client::with_header), [`with_query`](crate::Client::with_query), [`with_extra`](crate::Client::with_extra); a wrong header is an error |
//! | `AsyncOpenAI` | the same client; calls are asynchronous |
//! | a script without `async` | the module `blocking`, with the feature of that name |
//!
//! # Calls
//!
//! Keyword arguments become setters of the request, so `temperature=0.7` becomes `.temperature(0.7)`. To remove an
//! argument again, set its field: `request.temperature = None`.
//!
//! [`parse`](crate::parse) and [`tools`](crate::tools) need the feature `schemars` of chatwire, and the crates schemars
//! and serde with `derive`.
//!
//! | openai-python | chatwire |
//! | --- | --- |
//! | `client.chat.completions.create(…)` | [`client.chat(&request)`](crate::Client::chat) |
//! | `create(…, stream=True)` | [`client.stream(&request)`](crate::Client::stream) |
//! | `client.chat.completions.stream(…)` | [`client.stream(&request)`](crate::Client::stream) with [`ChatEvents`](crate::stream::ChatEvents) |
//! | `client.chat.completions.parse(…)` | [`client.parse::<T>(&request)`](crate::parse::ParseClient::parse) |
//! | `pydantic_function_tool(Args)` | [`Tool::function::<Args>(name)`](crate::tools::TypedTool::function) |
//! | `json.loads(call.function.arguments)` | [`call.parse_arguments()`](crate::ToolCall::parse_arguments) |
//! | a loop over `message.tool_calls` | [`client.chat_with_tools(request, &tools)`](crate::tools::ChatWithTools::chat_with_tools) |
//! | `for completion in client.chat.completions.list()` | [`list_chat_completions_all`](crate::Client::list_chat_completions_all) |
//! | `client.chat.completions.retrieve(id)` | [`get_chat_completion`](crate::Client::get_chat_completion) |
//! | `client.chat.completions.messages.list(id)` | [`get_chat_completion_messages`](crate::Client::get_chat_completion_messages) |
//!
//! # Answers
//!
//! | openai-python | chatwire |
//! | --- | --- |
//! | `completion.choices[0].message.content` | [`completion.text()`](crate::ChatCompletion::text) |
//! | `completion.choices[0].message` | [`completion.message()`](crate::ChatCompletion::message), [`into_message`](crate::ChatCompletion::into_message) |
//! | `completion.choices[0].message.tool_calls` | [`completion.tool_calls()`](crate::ChatCompletion::tool_calls) |
//! | `completion.choices[0].finish_reason` | [`completion.finish_reason()`](crate::ChatCompletion::finish_reason) |
//! | `completion.usage.total_tokens` | [`completion.total_tokens()`](crate::ChatCompletion::total_tokens) |
//! | `chunk.choices[0].delta.content` | [`chunk.text()`](crate::ChatCompletionChunk::text) |
//! | `message.model_extra["…"]` | `message.extra.get("…")`, see [`Extra`](crate::Extra) |
//! | `completion._request_id` | [`completion.request_id()`](crate::Response::request_id) |
//! | `with_raw_response` | [`completion.headers()`](crate::Response::headers), [`rate_limits`](crate::Response::rate_limits) |
//! | `messages.append(message)` | [`request.push(message)`](crate::CreateChatCompletionRequest::push) |
//!
//! # Errors
//!
//! Every call returns an [`Error`](crate::Error).
//!
//! | openai-python | chatwire |
//! | --- | --- |
//! | `APIStatusError` | [`ErrorKind::Api`](crate::ErrorKind::Api), with [`status`](crate::Error::status), [`code`](crate::Error::code) and [`param`](crate::Error::param) |
//! | `AuthenticationError`, `RateLimitError` and so on | `error.status()` is `Some(401)`, `Some(429)` and so on |
//! | `APIConnectionError` | [`ErrorKind::Connect`](crate::ErrorKind::Connect), [`Transport`](crate::ErrorKind::Transport) |
//! | `APITimeoutError` | [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) |
//! | `LengthFinishReasonError` | [`ParseError::Cut`](crate::parse::ParseError::Cut) |
//! | `ContentFilterFinishReasonError` | [`ParseError::Filtered`](crate::parse::ParseError::Filtered) |
//! | `message.refusal` of a parsed answer | [`ParseError::Refused`](crate::parse::ParseError::Refused) |
//!
//! # What differs
//!
//! - A stream that breaks off is an error, and does not end the loop in silence.
//! - Calls are asynchronous and need a tokio runtime, so `main` has `#[tokio::main]`. The client of the module `blocking`
//!   needs none.
//! - A key of the request stays if `with_extra` has the same key. In openai-python, `extra_body` replaces it.
//! - A call that is not streamed may take an hour with its retries; ten minutes without a byte end it.
//!
//! # Ten tasks in lines of code
//!
#![doc = include_str!("lines.md")]
