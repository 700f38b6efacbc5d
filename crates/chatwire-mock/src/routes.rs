//! Routes requests: checks the key, picks what answers each path, and sets the headers.
//! [`chat`](crate::chat) answers chat requests, and [`operations`](crate::operations) all others.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};

use crate::exchange::OnExchange;
use crate::note::Note;
use crate::peers::Peer;
use crate::problem::Problem;
#[cfg(feature = "record")]
use crate::record::{self, Recorder};
use crate::replay::Recordings;
use crate::respond::refuse;
use crate::state::State;
use crate::{body, chat, cors, fault, journal, log, operations, replay};

/// Where answers come from.
pub(crate) enum Source {
    /// The server makes them.
    Made,
    /// They were recorded.
    Recorded(Arc<Recordings>),
    /// A real server makes them, and they are recorded.
    #[cfg(feature = "record")]
    Upstream(Arc<Recorder>),
}

/// With `cors`, pages of any origin may call the server.
pub(crate) fn router(
    state: Arc<State>,
    source: Source,
    cors: bool,
    on_exchange: Option<OnExchange>,
) -> Router {
    let router = match source {
        Source::Made => made(&state),
        Source::Recorded(recordings) => replayed(&state, recordings),
        #[cfg(feature = "record")]
        Source::Upstream(recorder) => recorded(&state, recorder),
    };
    let router = router.layer(from_fn(fault::by_header));
    let router = if cors { router.layer(cors::layer()) } else { router };
    let router = router
        .layer(from_fn(check_host))
        .layer(from_fn_with_state(state.clone(), journal::enter))
        .with_state(state);
    match on_exchange {
        Some(on_exchange) => router.layer(from_fn_with_state(on_exchange, log::log)),
        None => router.layer(Extension(Note::default())),
    }
}

fn made(state: &Arc<State>) -> Router<Arc<State>> {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions).get(operations::list))
        .route("/v1/chat/completions/{completion_id}", one_completion())
        .route("/v1/chat/completions/{completion_id}/messages", get(operations::messages))
        .route("/v1/embeddings", post(operations::embeddings))
        .route("/v1/models", get(operations::models))
        // The name of a model may have slashes.
        .route("/v1/models/{*model}", get(operations::model))
        // The path of Azure OpenAI.
        .route("/openai/deployments/{deployment}/chat/completions", post(chat_completions))
        .route_layer(from_fn_with_state(state.clone(), require_key))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(map_response_with_state(state.clone(), add_request_id))
}

/// Every address may have a recording.
fn replayed(state: &Arc<State>, recordings: Arc<Recordings>) -> Router<Arc<State>> {
    let answer = async move |Shared(state), request| {
        replay::answer(state, recordings.clone(), request).await
    };
    Router::new().fallback(answer).layer(from_fn_with_state(state.clone(), require_key))
}

/// Every address may exist there.
#[cfg(feature = "record")]
fn recorded(state: &Arc<State>, recorder: Arc<Recorder>) -> Router<Arc<State>> {
    let answer =
        async move |Shared(state), request| record::answer(state, recorder.clone(), request).await;
    Router::new().fallback(answer).layer(from_fn_with_state(state.clone(), require_key))
}

fn one_completion() -> MethodRouter<Arc<State>> {
    get(operations::get).post(operations::update).delete(operations::delete)
}

async fn require_key(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    check_key(state.api_key.as_deref(), request.headers())?;
    Ok(next.run(request).await)
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
    Extension(note): Extension<Note>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    body::check_media(&headers)?;
    chat::answer(state, peer, note, headers, body).await
}

fn check_key(expected: Option<&str>, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(expected) = expected else { return Ok(()) };
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = value.and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    });
    // Azure takes a key in this header, and a token as a bearer.
    let of_azure = headers.get("api-key").and_then(|value| value.to_str().ok());
    match key.or(of_azure) {
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

async fn no_such_path(method: Method, uri: Uri) -> Response {
    let text =
        format!("There is no {method} {}: did you mean /v1{}?", uri.path(), meant(uri.path()));
    refuse(&Problem::new(404, text))
}

/// The path that a base URL without `/v1`, or one slash too many, has led away from.
fn meant(path: &str) -> &'static str {
    let path = path.trim_end_matches('/');
    let known = ["/models", "/embeddings"].into_iter().find(|known| path.ends_with(known));
    known.unwrap_or("/chat/completions")
}

async fn no_such_method(method: Method, uri: Uri) -> Response {
    let text =
        format!("{method} is not allowed on {}; the header `allow` has what is.", uri.path());
    refuse(&Problem::new(405, text))
}

async fn add_request_id(Shared(state): Shared<Arc<State>>, mut response: Response) -> Response {
    let id = format!("req_mock{}", state.next_number());
    if let Ok(value) = HeaderValue::from_str(&id) {
        // A script may have set one.
        response.headers_mut().entry(HeaderName::from_static("x-request-id")).or_insert(value);
    }
    response
}
