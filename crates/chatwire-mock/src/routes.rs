//! Routes requests: checks the key, picks the answer for each path, and sets the headers.
//! [`answer`](crate::answer) makes completions, and [`events`](crate::events) paces streams.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::middleware::{Next, from_fn, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use bytes::Bytes;
use chatwire_stream::encode::SplitText;
use chatwire_types::CreateChatCompletionRequest;
use serde_json::Value;

use crate::answer::{Answer, Context, LONGEST_WORD};
use crate::budget::{Budget, Lease};
use crate::events::{Events, StreamedAnswer};
use crate::kept::Kept;
use crate::limits::{ALL_ANSWERS, ALL_BODIES, Limits, QUICK};
use crate::peers::{Answering, Peer};
use crate::problem::Problem;
use crate::queue::Queue;
use crate::validate::validate;
use crate::value_limit::check_values;
use crate::{body, cors};

/// The state that all connections of one server share.
pub(crate) struct State {
    api_key: Option<String>,
    answers: Mutex<VecDeque<String>>,
    chunk_delay: Duration,
    limits: Limits,
    count: AtomicU64,
    kept: Kept,
    bodies: Budget,
    large_answers: Budget,
    queue: Queue,
}

impl State {
    pub(crate) fn new(
        api_key: Option<String>,
        answers: Vec<String>,
        chunk_delay: Duration,
        limits: Limits,
    ) -> Self {
        Self {
            api_key,
            answers: Mutex::new(answers.into()),
            chunk_delay,
            limits,
            count: AtomicU64::new(0),
            kept: Kept::new(limits.kept_requests),
            bodies: Budget::new(ALL_BODIES),
            large_answers: Budget::new(ALL_ANSWERS),
            queue: Queue::new(),
        }
    }

    pub(crate) fn requests(&self) -> Vec<CreateChatCompletionRequest> {
        self.kept.requests()
    }

    /// The next scripted answer. The last one is repeated.
    fn script(&self) -> Option<String> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }

    fn next_number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// With `cors`, pages of any origin may call the server.
pub(crate) fn router(state: Arc<State>, cors: bool) -> Router {
    let router = Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method);
    let router = if cors { router.layer(cors::layer()) } else { router };
    router
        .layer(from_fn(check_host))
        .layer(map_response_with_state(state.clone(), add_request_id))
        .with_state(state)
}

/// Refuses a request that names no host or several, as the standard demands.
async fn check_host(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts == 1 || (hosts == 0 && request.version() < Version::HTTP_11) {
        return next.run(request).await;
    }
    let text = format!("The request has {hosts} `Host` headers: send exactly one.");
    refuse(&Problem::new(400, text).closing())
}

async fn chat_completions(
    Shared(state): Shared<Arc<State>>,
    Extension(peer): Extension<Arc<Peer>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(state, peer, headers, body).await.unwrap_or_else(|problem| refuse(&problem))
}

async fn answer(
    state: Arc<State>,
    peer: Arc<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    check_key(state.api_key.as_deref(), &headers)?;
    check_media(&headers)?;
    let body = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    let answering = Answering::new(peer);
    let is_large = body.bytes.len() > QUICK;
    let shared = state.clone();
    let planned = state.queue.run(is_large, move || {
        let planned = plan(&shared, &body.bytes);
        drop(body.lease);
        planned
    });
    let planned = planned.await?;
    let size = planned.answer.size();
    let lease = state.large_answers.lease(size).map_err(|_| too_many_answers())?;
    let delay = state.chunk_delay;
    let write = move || planned.write(delay, lease, answering);
    state.queue.run(size > QUICK, write).await
}

/// An answer, and the form in which it is sent.
struct Planned {
    answer: Answer,
    is_stream: bool,
    include_usage: bool,
}

/// Reads a request, and plans its answer. The parsed request ends here, because it can be much
/// larger than its text.
fn plan(state: &State, body: &Bytes) -> Result<Planned, Problem> {
    check_values(body)?;
    let request: Value = serde_json::from_slice(body)
        .map_err(|error| Problem::new(400, format!("The body is not valid JSON: {error}.")))?;
    validate(&request)?;
    state.kept.push(body.clone());
    let script = state.script();
    let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let context = Context { number: state.next_number(), created, script: script.as_deref() };
    let is_true = |path: &str| request.pointer(path) == Some(&Value::Bool(true));
    Ok(Planned {
        answer: Answer::plan(&request, &context)?,
        is_stream: is_true("/stream"),
        include_usage: is_true("/stream_options/include_usage"),
    })
}

impl Planned {
    fn write(
        &self,
        delay: Duration,
        lease: Lease,
        answering: Answering,
    ) -> Result<Response, Problem> {
        let completion = self.answer.completion();
        if !self.is_stream {
            return Ok(json(StatusCode::OK, &completion, Some(lease)));
        }
        let completion = serde_json::from_value(completion).map_err(|error| {
            Problem::new(500, format!("The answer cannot be streamed: {error}."))
        })?;
        let long = SplitText::Characters(LONGEST_WORD);
        let split = if self.answer.has_long_words() { long } else { SplitText::Words };
        let include_usage = self.include_usage;
        let answer = StreamedAnswer { completion, split, include_usage, delay };
        let headers = [
            (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        let body = Body::from_stream(Events::new(answer, lease, answering));
        Ok((headers, body).into_response())
    }
}

fn too_many_answers() -> Problem {
    let text = "The mock holds too many large answers that their clients have not read: read \
                them, or ask for fewer or shorter ones at the same time.";
    Problem::new(503, text)
}

fn check_key(expected: Option<&str>, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(expected) = expected else { return Ok(()) };
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = value.and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    });
    match key {
        Some(key) if key == expected => Ok(()),
        Some(_) => {
            Err(Problem::new(401, "Incorrect API key provided.").with_code("invalid_api_key"))
        }
        None => Err(Problem::new(
            401,
            "No API key provided: send it in the header 'Authorization: Bearer KEY'.",
        )),
    }
}

fn check_media(headers: &HeaderMap) -> Result<(), Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let text = format!("The content type must be 'application/json', not '{media}'.");
    Err(Problem::new(415, text))
}

async fn no_such_path(method: Method, uri: Uri) -> Response {
    let text = format!("There is no {method} {}: did you mean /v1/chat/completions?", uri.path());
    refuse(&Problem::new(404, text))
}

async fn no_such_method(method: Method, uri: Uri) -> Response {
    refuse(&Problem::new(405, format!("{method} is not allowed on {}; use POST.", uri.path())))
}

fn refuse(problem: &Problem) -> Response {
    let mut response = json(problem.status, &problem.envelope(), None);
    if problem.closes {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The lease is held until the connection has sent the body.
fn json(status: StatusCode, body: &Value, lease: Option<Lease>) -> Response {
    let body = Bytes::from_owner(Text { text: body.to_string(), _lease: lease });
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

struct Text {
    text: String,
    _lease: Option<Lease>,
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

async fn add_request_id(Shared(state): Shared<Arc<State>>, mut response: Response) -> Response {
    let id = format!("req_mock{}", state.next_number());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
