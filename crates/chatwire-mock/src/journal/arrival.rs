//! Enters each request when its head arrives, and its body when that was read. [`ring`](super::ring) keeps
//! them.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;

use crate::state::State;

tokio::task_local! {
    /// The request that the current task answers. Whatever reads the body need not know of the journal.
    static CURRENT: (Arc<State>, u64);
}

/// Enters a request, and answers it.
pub(crate) async fn enter(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let number = state.journal.enter(request.method(), request.uri(), request.headers());
    CURRENT.scope((state, number), next.run(request)).await
}

/// Keeps the body of the request that the current task answers.
pub(crate) fn keep_body(body: &Bytes) {
    // A test of the body alone runs outside of such a task, so it has no request.
    let _ = CURRENT.try_with(|(state, number)| state.journal.set_body(*number, body));
}
