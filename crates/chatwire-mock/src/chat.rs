//! Answers a chat request: reads it, checks it, and asks each source of replies in turn.
//! [`routes`](crate::routes) has checked the key, and [`respond`](crate::respond) makes other responses.

use std::mem::take;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use tokio::time::sleep;

use crate::answer::{Answer, Context};
use crate::asked::Asked;
use crate::body;
use crate::fault::{self, damage};
use crate::limits::QUICK;
use crate::note::Note;
use crate::peers::{Answering, Peer};
use crate::planned::{Content, Form, Planned};
use crate::problem::Problem;
use crate::said::Said;
use crate::script::Prepare;
use crate::state::State;
use crate::validate::validate;

/// What can answer a chat request, in the order in which they are asked. The first reply counts.
const SOURCES: &[Source] = &[scripted, unscripted];

/// Returns `None` if it does not answer the request.
type Source = fn(&State, &Asked<'_>) -> Result<Option<Planned>, Problem>;

pub(crate) async fn answer(
    state: Arc<State>,
    peer: Arc<Peer>,
    note: Note,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    let answering = Answering::new(peer.clone());
    let is_large = body.bytes.len() > QUICK;
    let shared = state.clone();
    let has_fault = fault::is_in(&headers);
    let noted = note.clone();
    let planned = state.queue.run(is_large, move || {
        let planned = plan(&shared, &headers, &body.bytes, &noted);
        drop(body.lease);
        planned
    });
    let (mut planned, form) = planned.await?;
    let size = planned.size();
    let lease = state.lease_answer(size)?;
    let (faults, fault_error) = (take(&mut planned.faults), planned.fault_error.take());
    sleep(planned.delay).await;
    let shared = state.clone();
    let write = move || {
        let delay = planned.chunk_delay.unwrap_or(shared.chunk_delay);
        planned.write(form, &shared.stored, &note, delay, lease, answering)
    };
    let response = state.queue.run(size > QUICK, write).await?;
    let faults = match (has_fault, faults.is_empty()) {
        (true, _) => Vec::new(),
        (false, false) => faults,
        (false, true) => state.random_faults.next(),
    };
    Ok(damage(response, &faults, fault_error.as_ref(), &peer).await)
}

/// Reads a request, and plans its answer. The parsed request ends here, because it can be much
/// larger than its text.
fn plan(
    state: &State,
    headers: &HeaderMap,
    body: &Bytes,
    note: &Note,
) -> Result<(Planned, Form), Problem> {
    let request = body::parse(body)?;
    note.request(&request);
    validate(&request)?;
    let asked = Asked { request: &request, headers };
    for source in SOURCES {
        if let Some(planned) = source(state, &asked)? {
            note.write(|noted| noted.rule.clone_from(&planned.rule));
            return Ok((planned, Form::of(&request)));
        }
    }
    Err(Problem::new(500, "Nothing in the mock answers this request."))
}

/// Answers by the rules of the script.
fn scripted(state: &State, asked: &Asked<'_>) -> Result<Option<Planned>, Problem> {
    let Some(picked) = state.rules.pick(asked)? else { return Ok(None) };
    let content = match &picked.reply.content {
        Prepare::Said(said) => make_up(state, asked, said.as_deref().cloned())?,
        Prepare::Completion(completion) => Content::Completion(completion.clone()),
        Prepare::Bytes(media, frames) => {
            Content::Bytes { media: media.clone(), frames: frames.clone() }
        }
    };
    Ok(Some(picked.reply.plan(content, picked.rule.to_owned())))
}

/// Makes an answer up. It is the last source, because it has a reply to every request.
fn unscripted(state: &State, asked: &Asked<'_>) -> Result<Option<Planned>, Problem> {
    make_up(state, asked, None).map(|content| Some(Planned::new(content)))
}

/// Makes up what the user has not said.
fn make_up(state: &State, asked: &Asked<'_>, said: Option<Said>) -> Result<Content, Problem> {
    let said = match said {
        Some(said) if said.has_words() => Some(said),
        None => state.next_text().map(Said::text),
        Some(said) => Some(Said { text: state.next_text(), ..said }),
    };
    let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let context = Context { number: state.next_number(), created, said: said.as_ref() };
    let answer = Answer::plan(asked.request, &context)?;
    Ok(Content::Answer(Box::new(answer)))
}
