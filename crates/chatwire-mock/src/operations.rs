//! Answers the operations beside the chat: those on stored completions and on models, and embeddings.
//! [`routes`](crate::routes) has their paths, and [`stored`](crate::stored) the completions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::body;
use crate::embeddings;
use crate::problem::Problem;
use crate::respond::json_text;
use crate::state::State;
use crate::stored::ListQuery;

type Answer = Result<Response, Problem>;

/// The last part of a path, or part before `/messages`. It may be no text after decoding.
type Name = Result<Path<String>, PathRejection>;

pub(crate) async fn list(Shared(state): Shared<Arc<State>>, RawQuery(query): RawQuery) -> Answer {
    let query = ListQuery::read(&query.unwrap_or_default())?;
    answer(&state, state.stored.list(&query)?)
}

pub(crate) async fn get(Shared(state): Shared<Arc<State>>, id: Name) -> Answer {
    answer(&state, state.stored.get(&text(id)?)?)
}

pub(crate) async fn update(
    Shared(state): Shared<Arc<State>>,
    id: Name,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let id = text(id)?;
    body::check_media(&headers)?;
    let body = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    let request = body::parse(&body.bytes)?;
    answer(&state, state.stored.update(&id, &request)?)
}

pub(crate) async fn delete(Shared(state): Shared<Arc<State>>, id: Name) -> Answer {
    answer(&state, state.stored.delete(&text(id)?)?)
}

pub(crate) async fn messages(
    Shared(state): Shared<Arc<State>>,
    id: Name,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = ListQuery::read(&query.unwrap_or_default())?;
    answer(&state, state.stored.messages(&text(id)?, &query)?)
}

pub(crate) async fn models(Shared(state): Shared<Arc<State>>) -> Answer {
    answer(&state, state.models.list())
}

pub(crate) async fn model(Shared(state): Shared<Arc<State>>, name: Name) -> Answer {
    answer(&state, state.models.get(&text(name)?)?)
}

pub(crate) async fn embeddings(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    body::check_media(&headers)?;
    let body = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    answer(&state, embeddings::answer(&body::parse(&body.bytes)?)?)
}

fn text(name: Name) -> Result<String, Problem> {
    let Path(name) = name.map_err(|error| {
        Problem::new(400, format!("The path cannot be read: {error}; encode it as UTF-8."))
    })?;
    Ok(name)
}

fn answer(state: &State, json: String) -> Answer {
    let lease = state.lease_answer(json.len())?;
    Ok(json_text(StatusCode::OK, json, Some(lease)))
}
