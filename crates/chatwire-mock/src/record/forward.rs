//! Passes a request on to the real server, and its answer back, piece by piece. [`draft`](super::draft)
//! saves both.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use tokio::sync::mpsc::Sender;

use super::draft::Draft;
use super::recorder::Recorder;
use crate::body;
use crate::limits::QUICK;
use crate::made::Made;
use crate::note::Note;
use crate::peers::{Answering, Peer};
use crate::problem::Problem;
use crate::state::State;
use crate::value_limit::check_values;

type Piece = Result<Bytes, reqwest::Error>;

/// Answers any request with the answer of the real server.
pub(crate) async fn answer(
    state: Arc<State>,
    recorder: Arc<Recorder>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let Parts { method, uri, headers, extensions, .. } = parts;
    let peer: Arc<Peer> = extensions.get().cloned().unwrap_or_default();
    let note: Note = extensions.get().cloned().unwrap_or_default();
    let received = body::read(body, &state.bodies, state.limits.request_timeout).await?;
    let answering = Answering::new(peer.clone());
    let is_large = received.bytes.len() > QUICK;
    let (shared, asked) = (recorder.clone(), (method.clone(), uri.clone(), headers.clone()));
    let (bytes, noted) = (received.bytes.clone(), note.clone());
    let draft = state.queue.run(is_large, move || {
        check_values(&bytes)?;
        noted.body(&bytes);
        let (method, uri, headers) = asked;
        shared.begin(&method, &uri, &headers, &bytes).map_err(|error| not_recorded(&error))
    });
    let mut draft = draft.await?;
    let headers = without_own_key(headers, state.api_key.is_some());
    let sent = recorder.upstream.send(method, &uri, headers, received.bytes);
    let (parts, upstream) = sent.await?.into_parts();
    drop(received.lease);
    let begun = draft.head(parts.status, &parts.headers);
    note.write(|noted| noted.recording = Some(draft.name().to_owned()));
    let mut saving = Saving { draft: Some(draft), note };
    saving.check(begun);
    if upstream.is_end_stream() {
        saving.end(false);
    }
    let body = Made::new(|pieces| async move {
        let _answering = answering;
        pass(upstream, saving, &pieces, &peer).await;
    });
    Ok(Response::from_parts(parts, Body::from_stream(body)))
}

/// Removes the key that the server itself has asked for. It is not meant for the upstream.
fn without_own_key(mut headers: HeaderMap, has_key: bool) -> HeaderMap {
    if has_key {
        headers.remove(header::AUTHORIZATION);
        headers.remove("api-key");
    }
    headers
}

/// Sends the pieces of a body as they come. The client gets the same end: a body that breaks off does so for
/// both.
async fn pass(mut body: reqwest::Body, mut saving: Saving, pieces: &Sender<Piece>, peer: &Peer) {
    while let Some(piece) = next(&mut body).await {
        match &piece {
            Ok(bytes) => saving.push(bytes),
            Err(_) => {
                saving.end(true);
                peer.flushed(pieces).await;
            }
        }
        // The connection does not ask what comes after the last byte.
        if body.is_end_stream() {
            saving.end(false);
        }
        let is_last = piece.is_err();
        if pieces.send(piece).await.is_err() || is_last {
            return;
        }
    }
    saving.end(false);
}

/// The next bytes. Trailers are left out, because hardly a client reads them.
async fn next(body: &mut reqwest::Body) -> Option<Piece> {
    loop {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(bytes)) => return Some(Ok(bytes)),
            Ok(Err(_)) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

/// The recording of an answer. What goes wrong with it does not disturb the answer.
struct Saving {
    /// `None` if it has ended.
    draft: Option<Draft>,
    note: Note,
}

impl Saving {
    fn push(&mut self, bytes: &[u8]) {
        if let Some(draft) = &mut self.draft {
            let pushed = draft.push(bytes);
            self.check(pushed);
        }
    }

    fn end(&mut self, is_cut: bool) {
        if let Some(mut draft) = self.draft.take() {
            let finished = draft.finish(is_cut);
            self.draft = Some(draft);
            self.check(finished);
            self.draft = None;
        }
    }

    /// Gives the recording up if it cannot be written.
    fn check(&mut self, done: io::Result<()>) {
        if let Err(error) = done
            && let Some(draft) = self.draft.take()
        {
            draft.discard();
            self.note.write(|noted| {
                noted.recording = None;
                noted.error = Some(format!("the answer was not recorded: {error}"));
            });
        }
    }
}

fn not_recorded(error: &io::Error) -> Problem {
    let text = format!(
        "The answer cannot be recorded: {error}. Free some space, or record in another folder."
    );
    Problem::new(500, text)
}
