//! Answers a chat request: reads it, checks it, and asks each source of replies in turn.
//! [`routes`](crate::routes) has checked the key, and [`respond`](crate::respond) makes other responses.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chatwire_stream::encode::SplitText;
use serde_json::Value;

use crate::answer::{Answer, Context, LONGEST_WORD};
use crate::body;
use crate::budget::Lease;
use crate::events::{Events, StreamedAnswer};
use crate::fault::{self, damage};
use crate::limits::QUICK;
use crate::peers::{Answering, Peer};
use crate::problem::Problem;
use crate::respond::json;
use crate::said::Said;
use crate::state::State;
use crate::stored::{Draft, Store};
use crate::validate::validate;

/// What can answer a chat request, in the order in which they are asked. The first reply counts.
const SOURCES: &[Source] = &[unscripted];

/// Returns `None` if it does not answer the request.
type Source = fn(&State, &Asked<'_>) -> Result<Option<Planned>, Problem>;

/// A valid chat request.
struct Asked<'a> {
    request: &'a Value,
}

/// An answer, and the form in which it is sent.
struct Planned {
    answer: Answer,
    is_stream: bool,
    include_usage: bool,
    /// What the request leaves for the stored completion, if it asks for one.
    draft: Option<Draft>,
}

pub(crate) async fn answer(
    state: Arc<State>,
    peer: Arc<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    let answering = Answering::new(peer.clone());
    let is_large = body.bytes.len() > QUICK;
    let shared = state.clone();
    let planned = state.queue.run(is_large, move || {
        let planned = plan(&shared, &body.bytes);
        drop(body.lease);
        planned
    });
    let planned = planned.await?;
    let size = planned.answer.size();
    let lease = state.lease_answer(size)?;
    let delay = state.chunk_delay;
    let shared = state.clone();
    let write = move || planned.write(&shared.stored, delay, lease, answering);
    let response = state.queue.run(size > QUICK, write).await?;
    let faults = if fault::is_in(&headers) { Vec::new() } else { state.random_faults.next() };
    Ok(damage(response, &faults, None, &peer).await)
}

/// Reads a request, and plans its answer. The parsed request ends here, because it can be much
/// larger than its text.
fn plan(state: &State, body: &Bytes) -> Result<Planned, Problem> {
    let request = body::parse(body)?;
    validate(&request)?;
    state.kept.push(body.clone());
    let asked = Asked { request: &request };
    for source in SOURCES {
        if let Some(planned) = source(state, &asked)? {
            return Ok(planned);
        }
    }
    Err(Problem::new(500, "Nothing in the mock answers this request."))
}

/// Makes an answer up. It is the last source, because it has a reply to every request.
fn unscripted(state: &State, asked: &Asked<'_>) -> Result<Option<Planned>, Problem> {
    let said = state.next_text().map(Said::text);
    let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let context = Context { number: state.next_number(), created, said: said.as_ref() };
    let is_true = |path: &str| asked.request.pointer(path) == Some(&Value::Bool(true));
    Ok(Some(Planned {
        answer: Answer::plan(asked.request, &context)?,
        is_stream: is_true("/stream"),
        include_usage: is_true("/stream_options/include_usage"),
        draft: Draft::of(asked.request),
    }))
}

impl Planned {
    fn write(
        self,
        stored: &Store,
        delay: Duration,
        lease: Lease,
        answering: Answering,
    ) -> Result<Response, Problem> {
        let completion = self.answer.completion();
        if let Some(draft) = self.draft {
            stored.push(draft, &completion);
        }
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
