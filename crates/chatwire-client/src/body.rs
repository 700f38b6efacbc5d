//! Reads bodies with bounds on size and silence. What a body means is decided in
//! [`response`](crate::response).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chatwire_types::strip_byte_order_mark;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::auth::Secret;

/// What the reader of a body has to know of the client that sent the request; it travels with the
/// response.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyContext {
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) secret: Option<Secret>,
    /// The caller brought the HTTP client, so redirects are that client's business.
    pub(crate) foreign_http_client: bool,
}

impl BodyContext {
    pub(crate) fn of(response: &reqwest::Response) -> Self {
        response.extensions().get::<Self>().cloned().unwrap_or_default()
    }
}

/// Reads the whole body of a success.
pub(crate) async fn read(mut response: reqwest::Response) -> Result<Bytes, Error> {
    let context = BodyContext::of(&response);
    let mut body = BytesMut::new();
    while let Some(part) = next_part(&mut response, context.idle_timeout).await? {
        if body.len() + part.len() > LARGEST_BODY {
            return Err(Error::transport(format!("the answer is over {LARGEST_BODY} bytes long")));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

/// Reads what it can of the body of an error, without the API key in it.
pub(crate) async fn read_error(mut response: reqwest::Response) -> Bytes {
    let context = BodyContext::of(&response);
    let mut body = BytesMut::new();
    while body.len() < LARGEST_ERROR_BODY {
        match next_part(&mut response, context.idle_timeout).await {
            Ok(Some(part)) => body.extend_from_slice(&part),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(LARGEST_ERROR_BODY);
    match context.secret {
        Some(secret) => secret.redact(body.freeze()),
        None => body.freeze(),
    }
}

async fn next_part(
    response: &mut reqwest::Response,
    idle: Option<Duration>,
) -> Result<Option<Bytes>, Error> {
    match idle {
        None => Ok(response.chunk().await?),
        Some(idle) => match tokio::time::timeout(idle, response.chunk()).await {
            Ok(part) => Ok(part?),
            Err(_) => Err(Error::silence(idle)),
        },
    }
}

/// Decodes a body. A byte order mark before it means nothing (RFC 8259, section 8.1).
pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(strip_byte_order_mark(body))
}

/// Bigger than any answer of a real service; a bound on what a broken one can cost.
const LARGEST_BODY: usize = 256 << 20;
const LARGEST_ERROR_BODY: usize = 1 << 20;
