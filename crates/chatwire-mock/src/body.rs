//! Reads the body of a request within the bounds on its size, its time, and the bytes of all bodies.
//! [`routes`](crate::routes) decides which bodies are read.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_core::Stream;
use serde_json::Value;

use crate::budget::{Budget, Lease};
use crate::journal::keep_body;
use crate::limits::{LARGEST_BODY, SMALL};
use crate::problem::Problem;
use crate::value_limit::check_values;

/// A whole body, with its part of the budget.
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    /// Held until the request is parsed. Bytes that are kept longer have a bound of their own.
    pub(crate) lease: Lease,
}

/// Refuses a body that is not said to be JSON, and one that is compressed.
pub(crate) fn check_media(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let media = text(header::CONTENT_TYPE).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.is_empty() {
        let text = "The request has no content type: send 'application/json'.";
        return Err(Problem::new(415, text));
    }
    if !media.eq_ignore_ascii_case("application/json") {
        let text = format!("The content type must be 'application/json', not '{media}'.");
        return Err(Problem::new(415, text));
    }
    match text(header::CONTENT_ENCODING) {
        Some(coding) if !coding.eq_ignore_ascii_case("identity") => {
            let text = format!("The body is compressed with '{coding}': send it uncompressed.");
            Err(Problem::new(415, text))
        }
        _ => Ok(()),
    }
}

/// Parses a body within the limit on its values.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Problem> {
    check_values(body)?;
    serde_json::from_slice(body)
        .map_err(|error| Problem::new(400, format!("The body is not valid JSON: {error}.")))
}

/// Reads a body. If it is refused, a part of it may be unread, so the connection must end.
pub(crate) async fn read(
    body: Body,
    budget: &Budget,
    longest: Duration,
) -> Result<Received, Problem> {
    let announced = body.size_hint().upper();
    let announced = announced.map_or(Some(LARGEST_BODY), |length| usize::try_from(length).ok());
    let Some(announced) = announced.filter(|length| *length <= LARGEST_BODY) else {
        return Err(too_large());
    };
    let reading = collect(body.into_data_stream(), budget, announced);
    let read = tokio::time::timeout(longest, reading).await;
    let received = read.unwrap_or_else(|_| Err(too_slow(longest)))?;
    keep_body(&received.bytes);
    Ok(received)
}

/// `announced` is the length of the body, or the largest if the client does not say it.
async fn collect(
    mut body: BodyDataStream,
    budget: &Budget,
    announced: usize,
) -> Result<Received, Problem> {
    let mut lease = budget.lease(0).map_err(|_| too_many())?;
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(piece) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
        let piece = piece.map_err(|error| {
            Problem::new(400, format!("The body of the request cannot be read: {error}."))
        })?;
        let length = bytes.len() + piece.len();
        if length > LARGEST_BODY {
            return Err(too_large());
        }
        if length > bytes.capacity() {
            let room = (2 * length).max(SMALL).min(announced).max(length);
            lease.grow(room).map_err(|_| too_many())?;
            bytes.reserve_exact(room - bytes.len());
        }
        bytes.extend_from_slice(&piece);
    }
    bytes.shrink_to_fit();
    Ok(Received { bytes: bytes.into(), lease })
}

fn too_large() -> Problem {
    let most = LARGEST_BODY >> 20;
    let text = format!("The body is larger than {most} MiB, the most that the mock reads.");
    Problem::new(413, text).closing()
}

fn too_many() -> Problem {
    let text = "The mock holds too many large bodies of other requests: try again later, or send \
                fewer large requests at the same time.";
    Problem::new(503, text).closing()
}

fn too_slow(longest: Duration) -> Problem {
    let text = format!(
        "The body of the request did not arrive within {longest:?}: send it faster, or raise \
         `request_timeout` of the mock."
    );
    Problem::new(408, text).closing()
}
