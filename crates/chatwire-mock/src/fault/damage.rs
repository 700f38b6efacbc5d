//! Plays faults on a whole answer. [`output`](super::output) sends its pieces, and [`kind`](super::kind)
//! says what each fault means.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use bytes::Bytes;
use chatwire_stream::encode::DONE;
use futures_core::Stream as _;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::kind::Fault;
use super::output::{Break, Output, Over, Split};
use crate::made::Made;
use crate::peers::Peer;
use crate::respond::{self, is_event_stream};

/// Returns the answer with all these faults. `error` is the body of the error that a fault sends.
pub(crate) async fn damage(
    mut response: Response,
    faults: &[Fault],
    error: Option<&Value>,
    peer: &Arc<Peer>,
) -> Response {
    if faults.is_empty() {
        return response;
    }
    let is_stream = is_event_stream(response.headers());
    for fault in faults {
        match fault {
            Fault::SlowFirstByte(time) => {
                // A connection that waits makes room for others.
                peer.set_stalled(true);
                sleep(*time).await;
                peer.set_stalled(false);
            }
            Fault::HtmlError(status) => response = page(*status),
            Fault::Redirect(url) => response = redirect(url),
            Fault::ErrorAfterChunks(_) if !is_stream => {
                let error = error.cloned().unwrap_or_else(broken);
                response = respond::json(StatusCode::INTERNAL_SERVER_ERROR, &error, None);
            }
            Fault::WrongContentType => {
                let wrong = HeaderValue::from_static("text/plain; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, wrong);
            }
            _ => {}
        }
    }
    let plan = Plan::new(faults, is_stream, error);
    if plan.changes_the_body() { plan.play(response, peer.clone()) } else { response }
}

fn page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<!doctype html>\n<html><head><title>{status}</title></head>\n\
         <body><h1>{status}</h1><p>A proxy would send such a page.</p></body></html>\n"
    );
    (status, Html(page)).into_response()
}

fn redirect(url: &str) -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response()
}

/// The error that a fault sends if a script has no other.
fn broken() -> Value {
    let message = "The mock broke this answer off, because the fault `error-after-chunks` is set.";
    json!({"error": {"message": message, "type": "server_error", "param": null, "code": null}})
}

/// What happens to a body.
struct Plan {
    is_stream: bool,
    split: Split,
    garbage: bool,
    missing_done: bool,
    huge: Option<u64>,
    after_bytes: Option<(u64, Break)>,
    after_chunks: Option<(u64, Break)>,
    /// The event to send after this many chunks.
    error: Option<(u64, Bytes)>,
}

impl Plan {
    fn new(faults: &[Fault], is_stream: bool, error: Option<&Value>) -> Self {
        let mut plan = Self {
            is_stream,
            split: Split::Whole,
            garbage: false,
            missing_done: false,
            huge: None,
            after_bytes: None,
            after_chunks: None,
            error: None,
        };
        for fault in faults {
            match fault {
                Fault::CutAfterBytes(n) => plan.after_bytes = Some((*n, Break::Cut)),
                Fault::CutAfterChunks(n) => plan.after_chunks = Some((*n, Break::Cut)),
                Fault::StallAfterBytes(n) => plan.after_bytes = Some((*n, Break::Stall)),
                Fault::StallAfterChunks(n) => plan.after_chunks = Some((*n, Break::Stall)),
                Fault::ErrorAfterChunks(n) if is_stream => {
                    let error = error.cloned().unwrap_or_else(broken);
                    plan.error = Some((*n, format!("data: {error}\n\n").into()));
                }
                Fault::ByteByByte => plan.split = Split::Bytes,
                Fault::SplitUtf8 => plan.split = Split::InCharacters,
                Fault::Garbage => plan.garbage = true,
                Fault::MissingDone => plan.missing_done = is_stream,
                Fault::HugeEvent(bytes) => plan.huge = Some(*bytes),
                _ => {}
            }
        }
        plan
    }

    fn changes_the_body(&self) -> bool {
        self.split != Split::Whole
            || self.changes_the_length()
            || self.after_bytes.is_some()
            || self.after_chunks.is_some()
    }

    fn changes_the_length(&self) -> bool {
        self.garbage || self.missing_done || self.huge.is_some() || self.error.is_some()
    }

    fn play(self, response: Response, peer: Arc<Peer>) -> Response {
        let (mut parts, body) = response.into_parts();
        match body.size_hint().exact() {
            // The client expects the whole body.
            Some(length) if !self.changes_the_length() => {
                parts.headers.insert(header::CONTENT_LENGTH, length.into());
            }
            _ => drop(parts.headers.remove(header::CONTENT_LENGTH)),
        }
        let frames = body.into_data_stream();
        let body = Made::new(|pieces| async move {
            let output = Output { pieces, peer, split: self.split, limit: self.after_bytes };
            // An early end is what the plan is for.
            let _ = self.send(frames, output).await;
        });
        Response::from_parts(parts, Body::from_stream(body))
    }

    async fn send(self, frames: BodyDataStream, output: Output) -> Result<(), Over> {
        if self.is_stream {
            self.send_stream(frames, output).await
        } else {
            self.send_whole(frames, output).await
        }
    }

    async fn send_whole(self, frames: BodyDataStream, mut output: Output) -> Result<(), Over> {
        let body = if self.garbage { Bytes::from_static(GARBAGE) } else { join(frames).await };
        let last = (body.len() as u64).saturating_sub(1);
        let half = |chunks| match chunks {
            0 => 0,
            1 => body.len() as u64 / 2,
            _ => last,
        };
        let limits = [self.after_bytes, self.after_chunks.map(|(n, how)| (half(n), how))];
        let spaces = self.huge.unwrap_or(0);
        let first = limits.into_iter().flatten().min_by_key(|(bytes, _)| *bytes);
        output.limit = first.map(|(bytes, how)| (bytes.min(last) + spaces, how));
        fill(&mut output, b' ', spaces).await?;
        output.send(body).await?;
        // Only an empty body comes here with a limit.
        match output.limit {
            Some((_, how)) => output.break_off(how).await,
            None => Ok(()),
        }
    }

    async fn send_stream(self, mut frames: BodyDataStream, mut output: Output) -> Result<(), Over> {
        if let Some((0, how)) = self.after_bytes {
            return output.break_off(how).await;
        }
        let mut chunks = 0;
        let has_done = loop {
            let frame = next(&mut frames).await;
            let is_done = frame.as_ref().is_some_and(|frame| frame == DONE);
            let is_end = is_done || frame.is_none();
            if let Some((_, how)) = self.after_chunks.filter(|(n, _)| *n == chunks || is_end) {
                return output.break_off(how).await;
            }
            if let Some((_, error)) = self.error.as_ref().filter(|(n, _)| *n == chunks || is_end) {
                return output.send(error.clone()).await;
            }
            if chunks == 1 || (is_end && chunks == 0) {
                self.insert(&mut output).await?;
            }
            match frame {
                Some(frame) if !is_done => output.send(frame).await?,
                _ => break is_done,
            }
            chunks += 1;
        };
        match output.limit {
            Some((_, how)) => output.break_off(how).await,
            None if has_done && !self.missing_done => output.send(Bytes::from_static(DONE)).await,
            None => Ok(()),
        }
    }

    /// The events that no model sends.
    async fn insert(&self, output: &mut Output) -> Result<(), Over> {
        if self.garbage {
            output.send(Bytes::from_static(b"data: ")).await?;
            output.send(Bytes::from_static(GARBAGE)).await?;
            output.send(Bytes::from_static(b"\n\n")).await?;
        }
        if let Some(bytes) = self.huge {
            let text = bytes.saturating_sub((HUGE_START.len() + HUGE_END.len()) as u64);
            output.send(Bytes::from_static(HUGE_START.as_bytes())).await?;
            fill(output, b'x', text).await?;
            output.send(Bytes::from_static(HUGE_END.as_bytes())).await?;
        }
        Ok(())
    }
}

/// Sends a byte many times, in pieces.
async fn fill(output: &mut Output, byte: u8, mut count: u64) -> Result<(), Over> {
    let piece =
        Bytes::from(vec![byte; usize::try_from(count).map_or(PIECE, |count| count.min(PIECE))]);
    while count > 0 {
        let length = count.min(piece.len() as u64);
        output.send(piece.slice(..length as usize)).await?;
        count -= length;
    }
    Ok(())
}

async fn next(frames: &mut BodyDataStream) -> Option<Bytes> {
    // The bodies of the mock do not fail.
    poll_fn(|context| Pin::new(&mut *frames).poll_next(context)).await?.ok()
}

/// A whole body is one frame, which this does not copy.
async fn join(mut frames: BodyDataStream) -> Bytes {
    let first = next(&mut frames).await.unwrap_or_default();
    let Some(second) = next(&mut frames).await else { return first };
    let mut joined = [first, second].concat();
    while let Some(frame) = next(&mut frames).await {
        joined.extend_from_slice(&frame);
    }
    joined.into()
}

const GARBAGE: &[u8] = b"\xFF\xFE{\"garbage\": \xC3";
const HUGE_START: &str = r#"data: {"id":"chatcmpl-mock","object":"chat.completion.chunk","created":0,"model":"mock","choices":[{"index":0,"delta":{"content":""#;
const HUGE_END: &str = "\"},\"finish_reason\":null}]}\n\n";

/// The length of the pieces of a huge event.
const PIECE: usize = 16 << 10;
