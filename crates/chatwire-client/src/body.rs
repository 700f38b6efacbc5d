//! Reads whole bodies, with bounds on their size, on silence and on the whole time.
//! [`response`](crate::response) decodes them.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chatwire_types::{json, strip_byte_order_mark, with_max_objects};
use serde::de::DeserializeOwned;

use crate::Error;
use crate::compression::{self, Unreadable};
use crate::limits::Limits;
use crate::secrets::Secrets;
use crate::time::{self, Instant};
use crate::trace::Call;
use crate::transport::HttpResponse;

/// The bytes that are kept of the body of an error.
const LARGEST_ERROR_BODY: usize = 1 << 20;

/// The first allocation for a body whose length is not known.
const FIRST_ROOM: usize = 8 * 1024;

/// What the reader of a body needs to know about the call. It travels with the response.
#[derive(Clone, Debug)]
pub(crate) struct BodyContext(Arc<CallContext>);

#[derive(Clone, Debug)]
pub(crate) struct CallContext {
    pub(crate) limits: Limits,
    pub(crate) secrets: Secrets,
    /// The server, for messages.
    pub(crate) server: String,
    /// When the call must be over. A stream may take any time.
    pub(crate) deadline: Option<Deadline>,
    /// The span of the call.
    pub(crate) call: Call,
}

/// The end of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    /// The limit that it follows from.
    pub(crate) limit: Duration,
}

impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        // A limit of centuries means none.
        let now = Instant::now();
        let at =
            now.checked_add(limit).unwrap_or_else(|| now + Duration::from_secs(u32::MAX.into()));
        Self { at, limit }
    }

    pub(crate) fn error(&self, server: &str) -> Error {
        let Self { limit, .. } = self;
        Error::timeout(format!(
            "{server} did not finish its answer within {limit:?}; ask again, or set a longer \
             `total_timeout`"
        ))
    }
}

impl BodyContext {
    pub(crate) fn new(context: CallContext) -> Self {
        Self(Arc::new(context))
    }

    pub(crate) fn of(response: &HttpResponse) -> Option<&Self> {
        response.extensions().get::<Self>()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// The secrets, for adding another one before the next attempt.
    pub(crate) fn secrets_mut(&mut self) -> &mut Secrets {
        &mut Arc::make_mut(&mut self.0).secrets
    }

    pub(crate) fn server(&self) -> &str {
        &self.0.server
    }

    pub(crate) fn call(&self) -> &Call {
        &self.0.call
    }

    /// Removes secrets from a body that becomes part of an error.
    pub(crate) fn redact(&self, body: Bytes) -> Bytes {
        self.0.secrets.redact(body)
    }

    /// Reads the whole body of a success.
    ///
    /// # Errors
    ///
    /// Returns an error that holds status, headers, and the part of the body that arrived.
    pub(crate) async fn read(&self, mut response: HttpResponse) -> Result<Bytes, Error> {
        let mut body = BytesMut::new();
        let reading = self.read_all(&mut response, &mut body);
        let read = match self.0.deadline {
            None => reading.await,
            Some(deadline) => time::timeout_at(deadline.at, reading)
                .await
                .unwrap_or_else(|| Err(deadline.error(self.server()))),
        };
        let body = body.freeze();
        let (status, headers) = (response.status(), response.headers().clone());
        if let Err(error) = read {
            return Err(error.with_answer(status, headers, self.redact(body)));
        }
        let limit = self.0.limits.max_body_size.unwrap_or(usize::MAX);
        match compression::whole(compression::label(&headers), body, limit) {
            Ok(Some(body)) => Ok(body),
            Ok(None) => Err(self.too_large(limit).with_answer(status, headers, Bytes::new())),
            Err(unreadable) => Err(Error::compressed(status, headers, &unreadable)),
        }
    }

    async fn read_all(
        &self,
        response: &mut HttpResponse,
        body: &mut BytesMut,
    ) -> Result<(), Error> {
        let limit = self.0.limits.max_body_size.unwrap_or(usize::MAX);
        let announced = response.body().announced().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(self.too_large(limit));
        }
        while let Some(part) = self.next_part(response).await? {
            if part.len() > limit - body.len() {
                return Err(self.too_large(limit));
            }
            make_room(body, part.len(), announced, limit);
            body.extend_from_slice(&part);
        }
        Ok(())
    }

    fn too_large(&self, limit: usize) -> Error {
        Error::invalid_answer(format!(
            "the answer of {} is longer than {limit} bytes; check the base URL, or raise \
             `max_body_size`",
            self.server()
        ))
    }

    /// Reads the body of an error, as far as it arrives in time, and removes secrets from it.
    ///
    /// # Errors
    ///
    /// Returns why a compressed body cannot be read.
    pub(crate) async fn read_error(&self, mut response: HttpResponse) -> Result<Bytes, Unreadable> {
        let mut body = BytesMut::new();
        let reading = async {
            // A secret that begins before the limit must be found, so a little more is read.
            while body.len() < LARGEST_ERROR_BODY + FIRST_ROOM {
                match self.next_part(&mut response).await {
                    Ok(Some(part)) => body.extend_from_slice(&part),
                    Ok(None) | Err(_) => break,
                }
            }
        };
        match self.0.limits.error_body {
            None => reading.await,
            Some(limit) => drop(time::timeout(limit, reading).await),
        }
        let label = compression::label(response.headers());
        let body = compression::beginning(label, body.freeze(), LARGEST_ERROR_BODY + FIRST_ROOM)?;
        let mut body = self.redact(body);
        body.truncate(LARGEST_ERROR_BODY);
        Ok(body)
    }

    async fn next_part(&self, response: &mut HttpResponse) -> Result<Option<Bytes>, Error> {
        let reading = response.body_mut().next();
        let part = match self.0.limits.idle {
            None => reading.await,
            Some(idle) => match time::timeout(idle, reading).await {
                Some(part) => part,
                None => return Err(Error::silence(self.server(), idle)),
            },
        };
        part.transpose().map_err(|error| Error::broken_body(self.server(), error))
    }

    /// Decodes a body. A byte order mark before it is ignored (RFC 8259, section 8.1).
    pub(crate) fn decode<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, serde_json::Error> {
        let body = strip_byte_order_mark(body);
        let max_objects = self.0.limits.max_objects.unwrap_or(usize::MAX);
        with_max_objects(max_objects, || match str::from_utf8(body) {
            // It needs no second copy of long texts.
            Ok(text) => json::read(text),
            Err(_) => serde_json::from_slice(body),
        })
    }
}

/// Makes room for the next part. The room doubles, but never exceeds what the body may have. The announced
/// length is not reserved at once, because a server may announce anything.
fn make_room(body: &mut BytesMut, part: usize, announced: Option<usize>, limit: usize) {
    let needed = body.len() + part;
    if needed > body.capacity() {
        let most = announced.unwrap_or(limit).min(limit);
        let doubled = (2 * needed).max(FIRST_ROOM).min(most);
        body.reserve(needed.max(doubled) - body.len());
    }
}
