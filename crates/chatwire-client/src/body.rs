//! Reads whole bodies, with bounds on their size and on silence. [`response`](crate::response) decodes
//! them.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chatwire_types::strip_byte_order_mark;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::auth::Secret;

/// The settings of the client that the reader of a body needs. They travel with the response.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyContext {
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) secret: Option<Secret>,
    /// Whether the caller brought the HTTP client, which then decides about redirects.
    pub(crate) foreign_http_client: bool,
}

impl BodyContext {
    pub(crate) fn of(response: &reqwest::Response) -> Self {
        response.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Removes the API key from a body that becomes part of an error.
    pub(crate) fn redact(&self, body: Bytes) -> Bytes {
        match &self.secret {
            Some(secret) => secret.redact(body),
            None => body,
        }
    }
}

/// Reads the whole body of a success.
pub(crate) async fn read(mut response: reqwest::Response) -> Result<Bytes, Error> {
    let context = BodyContext::of(&response);
    let mut body = BytesMut::new();
    while let Some(part) = next_part(&mut response, context.idle_timeout).await? {
        if body.len() + part.len() > LARGEST_BODY {
            let message = format!("the answer is longer than {LARGEST_BODY} bytes");
            return Err(Error::transport(message));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

/// Reads the body of an error, as far as it arrives, and removes the API key from it.
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
    context.redact(body.freeze())
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

/// Decodes a body. A byte order mark before it is ignored (RFC 8259, section 8.1).
pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(strip_byte_order_mark(body))
}

/// Larger than any answer of a real service. It bounds the memory that a broken server can take.
const LARGEST_BODY: usize = 256 << 20;
const LARGEST_ERROR_BODY: usize = 1 << 20;
