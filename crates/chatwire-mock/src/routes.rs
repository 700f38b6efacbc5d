//! Routes requests: checks the key, picks the answer for each path, and sets the headers.
//! [`answer`](crate::answer) makes completions, and [`events`](crate::events) paces streams.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::map_response_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use chatwire_types::CreateChatCompletionRequest;
use serde_json::Value;

use crate::answer::{self, Context};
use crate::events::Events;
use crate::problem::Problem;
use crate::validate::validate;

/// The state that all connections of one server share.
pub(crate) struct State {
    api_key: Option<String>,
    answers: Mutex<VecDeque<String>>,
    chunk_delay: Duration,
    count: AtomicU64,
    requests: Mutex<Vec<CreateChatCompletionRequest>>,
}

impl State {
    pub(crate) fn new(
        api_key: Option<String>,
        answers: Vec<String>,
        chunk_delay: Duration,
    ) -> Self {
        Self {
            api_key,
            answers: Mutex::new(answers.into()),
            chunk_delay,
            count: AtomicU64::new(0),
            requests: Mutex::default(),
        }
    }

    pub(crate) fn requests(&self) -> Vec<CreateChatCompletionRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps the request for the assertions of the user.
    fn remember(&self, request: &Value) -> Result<(), Problem> {
        let request = serde_json::from_value(request.clone())
            .map_err(|error| Problem::new(400, format!("The body is not a request: {error}.")))?;
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Ok(())
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

pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(map_response_with_state(state.clone(), add_request_id))
        .with_state(state)
}

async fn chat_completions(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    check_key(state.api_key.as_deref(), &headers)
        .and_then(|()| read(&headers, body))
        .and_then(|request| respond(&state, &request))
        .unwrap_or_else(|problem| refuse(&problem))
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

fn read(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Value, Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        let text = format!("The content type must be 'application/json', not '{media}'.");
        return Err(Problem::new(415, text));
    }
    let body = body.map_err(|error| Problem::new(error.status().as_u16(), error.body_text()))?;
    let request = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(400, format!("The body is not valid JSON: {error}.")))?;
    validate(&request)?;
    Ok(request)
}

fn respond(state: &State, request: &Value) -> Result<Response, Problem> {
    state.remember(request)?;
    let script = state.script();
    let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let context = Context { number: state.next_number(), created, script: script.as_deref() };
    let completion = answer::complete(request, &context);
    match request.get("stream") {
        Some(Value::Bool(true)) => stream(state, request, completion),
        _ => Ok(json(StatusCode::OK, &completion)),
    }
}

fn stream(state: &State, request: &Value, completion: Value) -> Result<Response, Problem> {
    let include_usage =
        request.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
    let completion = serde_json::from_value(completion)
        .map_err(|error| Problem::new(500, format!("The answer cannot be streamed: {error}.")))?;
    let events = Events::new(&completion, include_usage, state.chunk_delay);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

async fn no_such_path(method: Method, uri: Uri) -> Response {
    let text = format!("There is no {method} {}: did you mean /v1/chat/completions?", uri.path());
    refuse(&Problem::new(404, text))
}

async fn no_such_method(method: Method, uri: Uri) -> Response {
    refuse(&Problem::new(405, format!("{method} is not allowed on {}; use POST.", uri.path())))
}

fn refuse(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    json(status, &problem.envelope())
}

fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn add_request_id(Shared(state): Shared<Arc<State>>, mut response: Response) -> Response {
    let id = format!("req_mock{}", state.next_number());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// Large enough for a few images in base64.
const LARGEST_BODY: usize = 64 << 20;
