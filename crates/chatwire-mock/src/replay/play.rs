//! Plays a recording: its status, its headers and its bytes, with pauses.
//! [`recordings`](super::recordings) finds it.

use std::convert::Infallible;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use tokio::time::sleep;

use super::folder::Recording;
use super::pauses::Pauses;
use super::recordings::Recordings;
use crate::body;
use crate::budget::Lease;
use crate::event_text::events;
use crate::fault::{Fault, damage};
use crate::limits::QUICK;
use crate::made::Made;
use crate::note::Note;
use crate::peers::{Answering, Peer};
use crate::problem::Problem;
use crate::recording::{AnswerKind, Details, Piece, Secrets};
use crate::state::State;
use crate::value_limit::check_values;

/// Answers any request from the recordings.
pub(crate) async fn answer(
    state: Arc<State>,
    recordings: Arc<Recordings>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let Parts { method, uri, headers, extensions, .. } = parts;
    let peer: Arc<Peer> = extensions.get().cloned().unwrap_or_default();
    let note: Note = extensions.get().cloned().unwrap_or_default();
    let body = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    let answering = Answering::new(peer.clone());
    let is_large = body.bytes.len() > QUICK;
    let shared = state.clone();
    let planned = state.queue.run(is_large, move || {
        check_values(&body.bytes)?;
        note.body(&body.bytes);
        let secrets = Secrets::of(&headers, uri.query().unwrap_or_default());
        let target = uri.path_and_query().map_or(uri.path(), |target| target.as_str());
        let recording = recordings.find(method.as_str(), target, &body.bytes, &secrets)?;
        note.write(|noted| noted.recording = Some(recording.name.clone()));
        Played::open(recording, recordings.pauses, &shared)
    });
    let played = planned.await?;
    sleep(played.head_pause).await;
    let cut = played.cut_after.map(Fault::CutAfterBytes);
    let response = played.respond(answering);
    Ok(damage(response, cut.as_slice(), None, &peer).await)
}

/// A recording that is about to be played.
struct Played {
    status: StatusCode,
    headers: HeaderMap,
    /// The wait before the head.
    head_pause: Duration,
    pieces: Vec<(Duration, Bytes)>,
    cut_after: Option<u64>,
    lease: Lease,
}

impl Played {
    fn open(recording: &Recording, pauses: Pauses, state: &State) -> Result<Self, Problem> {
        let broken = |problem: String| {
            let file = recording.file.display();
            Problem::new(500, format!("The recording {file} cannot be played: {problem}."))
        };
        let size = fs::metadata(&recording.file).map_err(|error| broken(error.to_string()))?.len();
        let lease = state.lease_answer(usize::try_from(size).unwrap_or(usize::MAX))?;
        let bytes = fs::read(&recording.file).map_err(|error| broken(error.to_string()))?;
        let bytes = Bytes::from(bytes);
        let Details { status, is_cut, .. } = &recording.details;
        let status = StatusCode::from_u16(status.unwrap_or(200));
        let cut_after = is_cut.then_some(bytes.len() as u64);
        let (head_pause, pieces) = pieces(recording, bytes, pauses);
        Ok(Self {
            status: status.map_err(|error| broken(error.to_string()))?,
            headers: headers(recording),
            head_pause,
            pieces,
            cut_after,
            lease,
        })
    }

    fn respond(self, answering: Answering) -> Response {
        let Self { status, headers, pieces, lease, .. } = self;
        let length: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
        let body = Made::<Result<Bytes, Infallible>>::new(|sender| async move {
            let _held = (lease, answering);
            for (pause, bytes) in pieces {
                if !pause.is_zero() {
                    sleep(pause).await;
                }
                if sender.send(Ok(bytes)).await.is_err() {
                    return;
                }
            }
        });
        let mut response = Response::new(Body::from_stream(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        let is_stream = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|media| media.as_bytes().starts_with(b"text/event-stream"));
        if !is_stream && self.cut_after.is_none() {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        response
    }
}

/// The headers of the recording, except those that belong to its connection.
fn headers(recording: &Recording) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &recording.details.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            continue;
        };
        if !OF_A_CONNECTION.contains(&name.as_str()) {
            headers.append(name, value);
        }
    }
    let media = HeaderValue::from_static(recording.kind.media());
    headers.entry(header::CONTENT_TYPE).or_insert(media);
    headers
}

const OF_A_CONNECTION: &[&str] =
    &["connection", "keep-alive", "content-length", "date", "transfer-encoding"];

/// The wait before the head, and the bytes in the pieces in which they are sent, each after its pause.
fn pieces(
    recording: &Recording,
    bytes: Bytes,
    pauses: Pauses,
) -> (Duration, Vec<(Duration, Bytes)>) {
    let whole = |bytes| vec![(Duration::ZERO, bytes)];
    match pauses {
        Pauses::None => (Duration::ZERO, whole(bytes)),
        Pauses::Each(pause) if recording.kind == AnswerKind::Stream => {
            (Duration::ZERO, events(bytes).into_iter().map(|event| (pause, event)).collect())
        }
        Pauses::Each(pause) => (pause, whole(bytes)),
        Pauses::Recorded => recorded(&recording.details.pieces, bytes),
    }
}

/// The first piece is the head if it has no bytes.
fn recorded(pieces: &[Piece], mut bytes: Bytes) -> (Duration, Vec<(Duration, Bytes)>) {
    let (head, pieces) = match pieces {
        [head, rest @ ..] if head.bytes == 0 => (head.pause, rest),
        pieces => (Duration::ZERO, pieces),
    };
    let mut paced = Vec::new();
    for piece in pieces {
        let length = usize::try_from(piece.bytes).unwrap_or(usize::MAX).min(bytes.len());
        paced.push((piece.pause, bytes.split_to(length)));
    }
    // Bytes that the times do not cover, because somebody has edited the file.
    paced.push((Duration::ZERO, bytes));
    (head, paced)
}
