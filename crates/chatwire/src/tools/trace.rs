//! The spans of a chat with tools, by the conventions of OpenTelemetry: one for the chat (`invoke_agent`), and below it one
//! for each call of a tool (`execute_tool`). The client adds those of its requests.
//!
//! Without the feature `tracing`, nothing is done.

#[cfg(not(feature = "tracing"))]
mod nothing {
    use std::future::Future;

    use chatwire_client::Client;
    use chatwire_types::{CreateChatCompletionRequest, ToolCall};

    use super::super::handler::Running;
    use super::super::{Conversation, ToolsError};

    #[derive(Clone, Default)]
    pub(in crate::tools) struct ChatSpan {}

    impl ChatSpan {
        pub(in crate::tools) fn begin(&mut self, _: &Client, _: &CreateChatCompletionRequest) {}

        pub(in crate::tools) fn enter<F: Future>(&self, work: F) -> F {
            work
        }

        pub(in crate::tools) fn tool<'a>(&self, _: &ToolCall, running: Running<'a>) -> Running<'a> {
            running
        }

        pub(in crate::tools) fn end(&mut self, _: Result<&Conversation, &ToolsError>) {}
    }
}

#[cfg(feature = "tracing")]
mod spans {
    use std::future::Future;

    use chatwire_client::Client;
    use chatwire_types::{CreateChatCompletionRequest, ToolCall};
    use tracing::field::Empty;
    use tracing::{Instrument as _, Span};

    use super::super::handler::Running;
    use super::super::{Conversation, ToolResult, ToolsError};

    const TARGET: &str = "chatwire";

    /// The span of a chat. It ends with the chat, or when it is dropped.
    #[derive(Clone, Default)]
    pub(in crate::tools) struct ChatSpan {
        span: Option<Span>,
        has_content: bool,
    }

    impl ChatSpan {
        /// Begins the span, unless it has begun.
        pub(in crate::tools) fn begin(
            &mut self,
            client: &Client,
            request: &CreateChatCompletionRequest,
        ) {
            self.has_content = client.traces_content();
            self.span.get_or_insert_with(|| {
                tracing::info_span!(
                    target: TARGET,
                    "gen_ai.agent",
                    otel.name = "invoke_agent",
                    otel.kind = "internal",
                    otel.status_code = Empty,
                    otel.status_description = Empty,
                    error.type = Empty,
                    gen_ai.operation.name = "invoke_agent",
                    gen_ai.request.model = request.model,
                    gen_ai.response.finish_reasons = Empty,
                    gen_ai.usage.input_tokens = Empty,
                    gen_ai.usage.output_tokens = Empty,
                )
            });
        }

        /// Makes what happens in a future a part of the span.
        pub(in crate::tools) fn enter<F: Future>(
            &self,
            work: F,
        ) -> impl Future<Output = F::Output> + use<F> {
            work.instrument(self.span.clone().unwrap_or_else(Span::none))
        }

        /// Puts a call of a tool into a span of its own.
        pub(in crate::tools) fn tool<'a>(
            &self,
            call: &ToolCall,
            running: Running<'a>,
        ) -> Running<'a> {
            let (span, has_content) = (tool_span(call, self.has_content), self.has_content);
            Box::pin(async move {
                let result = running.instrument(span.clone()).await;
                end_tool(&span, &result, has_content);
                result
            })
        }

        /// Ends the span.
        pub(in crate::tools) fn end(&mut self, chat: Result<&Conversation, &ToolsError>) {
            let Some(span) = self.span.take() else { return };
            let conversation = chat.map_or_else(|error| error.conversation(), Some);
            if let Some(conversation) = conversation {
                record(&span, conversation);
            }
            if let Err(error) = chat {
                let (error_type, words) = describe(error);
                fail(&span, error_type, words);
            }
        }
    }

    fn record(span: &Span, conversation: &Conversation) {
        let counts = [
            ("gen_ai.usage.input_tokens", conversation.usage.prompt_tokens),
            ("gen_ai.usage.output_tokens", conversation.usage.completion_tokens),
        ];
        for (name, count) in counts {
            if let Some(count) = count.and_then(|count| i64::try_from(count).ok()) {
                span.record(name, count);
            }
        }
        if let Some(reason) = conversation.completion.finish_reason() {
            let reasons = serde_json::json!([reason.as_str()]).to_string();
            span.record("gen_ai.response.finish_reasons", reasons);
        }
    }

    /// A short name and words without those of the chat.
    fn describe(error: &ToolsError) -> (&'static str, &'static str) {
        match error {
            ToolsError::Schema(_) => {
                ("schema", "strict mode cannot express the arguments of a tool")
            }
            ToolsError::Request { error, .. } => match error.stream_error() {
                None => ("request", "a request failed"),
                Some(_) => ("stream", "a stream failed"),
            },
            ToolsError::Cut { .. } => ("cut", "an answer with calls was cut off"),
            ToolsError::TooManyTurns { .. } => {
                ("too_many_turns", "the model still calls tools after the last turn")
            }
        }
    }

    fn tool_span(call: &ToolCall, has_content: bool) -> Span {
        let name = call.name().unwrap_or_default();
        tracing::info_span!(
            target: TARGET,
            "gen_ai.tool",
            otel.name = format!("execute_tool {name}"),
            otel.kind = "internal",
            otel.status_code = Empty,
            otel.status_description = Empty,
            error.type = Empty,
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = name,
            gen_ai.tool.type = "function",
            gen_ai.tool.call.id = call.id(),
            gen_ai.tool.call.arguments = arguments(call).filter(|_| has_content),
            gen_ai.tool.call.result = Empty,
        )
    }

    fn arguments(call: &ToolCall) -> Option<&str> {
        match call {
            ToolCall::Function(call) => call.function.as_ref()?.arguments.as_deref(),
            ToolCall::Custom(call) => call.custom.as_ref()?.input.as_deref(),
            _ => None,
        }
    }

    fn end_tool(span: &Span, result: &ToolResult, has_content: bool) {
        if result.is_error {
            fail(span, "tool_failed", "the tool failed, or its arguments do not fit");
        }
        if let Some(text) = result.content.text().filter(|_| has_content) {
            span.record("gen_ai.tool.call.result", &*text);
        }
    }

    fn fail(span: &Span, error_type: &str, words: &str) {
        span.record("error.type", error_type);
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", words);
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) use nothing::ChatSpan;
#[cfg(feature = "tracing")]
pub(super) use spans::ChatSpan;
