//! The span of one call: its start, its retries and its end. `stream.rs` reads the chunks of a stream for it.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chatwire_types::ChatCompletion;
use tracing::field::Empty;
use tracing::{Instrument as _, Level, Span};

use super::answer::AnswerFacts;
use super::content;
use super::failure::{Failure, type_of_call};
use super::provider::{AZURE_OPENAI, OPENAI, provider};
use super::request::RequestFacts;
use crate::body::BodyContext;
use crate::retry::Retry;
use crate::secrets::Secrets;
use crate::time::Instant;
use crate::transport::HttpResponse;
use crate::{Client, Error, Response};

/// The target of all spans and events, for the filters of subscribers.
const TARGET: &str = "chatwire";

/// The span of a call. It is empty if no subscriber wants it.
///
/// Copies share one span. It ends when one of them ends it, or when the last of them is dropped.
#[derive(Clone, Default)]
pub(crate) struct Call(Option<Arc<OpenCall>>);

struct OpenCall {
    /// `None` after its end.
    span: Mutex<Option<Span>>,
    begun: Instant,
    operation: &'static str,
    provider: &'static str,
    has_content: bool,
    secrets: Secrets,
    /// Whether [`SharedSpan`] ends the call.
    is_shared: bool,
    has_first_piece: AtomicBool,
}

impl Call {
    /// Begins the span of a request. `operation_id` is that of the document.
    pub(crate) fn begin(
        client: &Client,
        request: &reqwest::Request,
        operation_id: &'static str,
    ) -> Self {
        if !tracing::span_enabled!(target: TARGET, Level::INFO) {
            return Self::default();
        }
        let has_content = client.settings.trace_content.0;
        let (operation, url) = (operation_name(operation_id), request.url());
        let provider = provider(url.host_str().unwrap_or_default());
        let facts = RequestFacts::read(request, has_content);
        let call = OpenCall {
            span: Mutex::new(Some(open(operation, provider, url, &facts))),
            begun: Instant::now(),
            operation,
            provider,
            has_content,
            secrets: client.settings.secrets.clone(),
            is_shared: client.span.0.is_some(),
            has_first_piece: AtomicBool::new(false),
        };
        call.record_content("gen_ai.input.messages", facts.list("messages").map(content::input));
        call.record_content("gen_ai.tool.definitions", facts.list("tools").map(content::tools));
        let call = Self(Some(Arc::new(call)));
        if let Some(shared) = &client.span.0 {
            // Only one request is made with such a client.
            drop(shared.set(call.clone()));
        }
        call
    }

    /// The span of the call that this is the answer of.
    pub(crate) fn of(response: &HttpResponse) -> Self {
        BodyContext::of(response).map(|context| context.call().clone()).unwrap_or_default()
    }

    /// Makes what happens while the request is sent a part of the span.
    pub(crate) fn enter<F: Future>(&self, sending: F) -> impl Future<Output = F::Output> + use<F> {
        let span = self.0.as_ref().and_then(|call| call.span().clone());
        sending.instrument(span.unwrap_or_else(Span::none))
    }

    /// Adds the event of a retry.
    pub(crate) fn retry(&self, retry: &Retry) {
        let Some(call) = &self.0 else { return };
        let Some(span) = call.span().clone() else { return };
        let failure = Failure::of_call(retry.error(), call.has_content);
        tracing::event!(
            target: TARGET,
            parent: &span,
            Level::WARN,
            error.type = type_of_call(retry.error()),
            http.request.resend_count = i64::from(retry.number()),
            http.response.status_code = retry.error().status().map(i64::from),
            retry.delay = retry.delay().as_secs_f64(),
            retry.reason = failure.description,
            "retry"
        );
    }

    /// Ends the span if no answer can come any more.
    pub(crate) fn sent<T>(&self, sent: &Result<T, Error>) {
        if let Err(error) = sent {
            self.end::<()>(Err(error));
        }
    }

    /// Ends the span with a whole answer or with an error.
    pub(crate) fn end<T: Any>(&self, answer: Result<&T, &Error>) {
        if let Some(call) = self.0.as_ref().filter(|call| !call.is_shared) {
            call.end(answer.map(|answer| (answer as &dyn Any).downcast_ref()));
        }
    }

    /// Takes a piece of a body that the caller reads. The words in it stay unread.
    pub(crate) fn piece<T>(&self, piece: Option<&Result<T, Error>>) {
        let Some(call) = &self.0 else { return };
        match piece {
            Some(Ok(_)) => call.first_piece(),
            Some(Err(error)) => call.end(Err(error)),
            None => call.end(Ok(None)),
        }
    }

    /// Whether the words of the answer are traced.
    pub(super) fn has_content(&self) -> bool {
        self.0.as_ref().is_some_and(|call| call.has_content)
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.as_ref().is_some_and(|call| call.span().is_some())
    }

    /// Records how long the first part of a stream took, once.
    pub(super) fn first_chunk(&self) {
        if let Some(call) = &self.0 {
            call.first_piece();
        }
    }

    /// Ends the span of a stream.
    pub(super) fn end_stream(
        &self,
        facts: &AnswerFacts,
        completion: Option<&ChatCompletion>,
        failure: Option<Failure>,
        is_whole: bool,
    ) {
        if let Some(call) = &self.0 {
            call.close(|span| {
                facts.record(span, is_whole, call.is_openai());
                call.record_output(span, completion);
                fail(span, failure);
            });
        }
    }
}

impl OpenCall {
    fn span(&self) -> MutexGuard<'_, Option<Span>> {
        self.span.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, answer: Result<Option<&ChatCompletion>, &Error>) {
        self.close(|span| match answer {
            Ok(Some(completion)) if self.operation == CHAT => {
                AnswerFacts::of(completion).record(span, true, self.is_openai());
                self.record_output(span, Some(completion));
            }
            Ok(_) => {}
            Err(error) => fail(span, Some(Failure::of_call(error, self.has_content))),
        });
    }

    /// Ends the span, after the last attributes.
    fn close(&self, last: impl FnOnce(&Span)) {
        let span = self.span().take();
        if let Some(span) = span {
            last(&span);
        }
    }

    fn first_piece(&self) {
        if !self.has_first_piece.swap(true, Ordering::Relaxed)
            && let Some(span) = &*self.span()
        {
            let seconds = self.begun.elapsed().as_secs_f64();
            span.record("gen_ai.response.time_to_first_chunk", seconds);
        }
    }

    fn record_output(&self, span: &Span, completion: Option<&ChatCompletion>) {
        if let Some(completion) = completion.filter(|_| self.has_content) {
            let json = content::output(completion).to_string();
            span.record("gen_ai.output.messages", self.redacted(json));
        }
    }

    fn record_content(&self, name: &'static str, content: Option<serde_json::Value>) {
        if let (Some(content), Some(span)) = (content, &*self.span()) {
            span.record(name, self.redacted(content.to_string()));
        }
    }

    fn redacted(&self, text: String) -> String {
        match self.secrets.redacted(text.as_bytes()) {
            Some(redacted) => String::from_utf8_lossy(&redacted).into_owned(),
            None => text,
        }
    }

    /// Whether the attributes of OpenAI belong to this span.
    fn is_openai(&self) -> bool {
        is_openai(self.provider)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("is_open", &self.is_open()).finish()
    }
}

/// The operation that the conventions call `chat`.
const CHAT: &str = "chat";

/// The name in the conventions, or else that of the document.
fn operation_name(operation_id: &'static str) -> &'static str {
    match operation_id {
        "create_chat_completion" => CHAT,
        "get_chat_completion" => "fetch_response",
        other => other,
    }
}

fn is_openai(provider: &str) -> bool {
    matches!(provider, OPENAI | AZURE_OPENAI)
}

fn open(
    operation: &'static str,
    provider: &'static str,
    url: &reqwest::Url,
    facts: &RequestFacts,
) -> Span {
    let model = facts.text("model").filter(|model| !model.is_empty());
    let name = match model {
        Some(model) => format!("{operation} {model}"),
        None => operation.to_owned(),
    };
    let is_openai = is_openai(provider);
    tracing::info_span!(
        target: TARGET,
        "gen_ai",
        otel.name = name,
        otel.kind = "client",
        otel.status_code = Empty,
        otel.status_description = Empty,
        error.type = Empty,
        server.address = url.host_str(),
        server.port = url.port_or_known_default().map(i64::from),
        gen_ai.operation.name = operation,
        gen_ai.provider.name = provider,
        gen_ai.output.type = facts.output_type(),
        gen_ai.request.model = model,
        gen_ai.request.stream = facts.stream(),
        gen_ai.request.choice.count = facts.choice_count(),
        gen_ai.request.seed = facts.integer("seed"),
        gen_ai.request.top_k = facts.integer("top_k"),
        gen_ai.request.top_p = facts.number("top_p"),
        gen_ai.request.temperature = facts.number("temperature"),
        gen_ai.request.max_tokens = facts.max_tokens(),
        gen_ai.request.frequency_penalty = facts.number("frequency_penalty"),
        gen_ai.request.presence_penalty = facts.number("presence_penalty"),
        gen_ai.request.stop_sequences = facts.stop_sequences(),
        gen_ai.request.reasoning.level = facts.reasoning_level(),
        gen_ai.input.messages = Empty,
        gen_ai.tool.definitions = Empty,
        gen_ai.output.messages = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.response.time_to_first_chunk = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.reasoning.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.cache_write.input_tokens = Empty,
        gen_ai.usage.audio.input_tokens = Empty,
        gen_ai.usage.audio.output_tokens = Empty,
        gen_ai.usage.image.input_tokens = Empty,
        gen_ai.usage.image.output_tokens = Empty,
        gen_ai.usage.text.input_tokens = Empty,
        gen_ai.usage.text.output_tokens = Empty,
        openai.api.type = (is_openai && operation == CHAT).then_some("chat_completions"),
        openai.request.service_tier = facts.text("service_tier").filter(|_| is_openai),
        openai.response.service_tier = Empty,
        openai.response.system_fingerprint = Empty,
    )
}

fn fail(span: &Span, failure: Option<Failure>) {
    if let Some(Failure { error_type, description }) = failure {
        span.record("error.type", error_type);
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", description);
    }
}

/// The span of a call whose answer is read in more than one way, such as [`Client::chat`]. Only the end of the call
/// ends it.
#[derive(Clone, Default)]
pub(crate) struct SharedSpan(Option<Arc<OnceLock<Call>>>);

impl SharedSpan {
    pub(crate) fn end(&self, answer: &Result<Response<ChatCompletion>, Error>) {
        let Some(Call(Some(call))) = self.0.as_ref().and_then(|shared| shared.get()) else {
            return;
        };
        call.end(answer.as_ref().map(|answer| Some(&**answer)));
    }
}

impl Client {
    /// Returns a client for a single call, whose span ends with [`SharedSpan::end`].
    pub(crate) fn in_one_span(&self) -> Cow<'_, Self> {
        if !tracing::span_enabled!(target: TARGET, Level::INFO) {
            return Cow::Borrowed(self);
        }
        let mut client = self.clone();
        client.span = SharedSpan(Some(Arc::default()));
        Cow::Owned(client)
    }
}
