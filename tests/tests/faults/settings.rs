//! Sets what a row changes in the client. This is the only file that names the methods of the builder;
//! [`crate::row`] defines the keys.

use std::time::Duration;

use chatwire_client::ClientBuilder;
use chatwire_stream::ChunkDecoder;

use crate::row::Settings;

/// One retry shows as well as two do whether the client retries, and the backoff takes half a second.
const MAX_RETRIES: u32 = 1;

pub(crate) fn apply(builder: ClientBuilder, settings: &Settings) -> ClientBuilder {
    let mut builder = builder.max_retries(settings.max_retries.unwrap_or(MAX_RETRIES));
    if let Some((name, value)) = &settings.header {
        builder = builder.header(name, value);
    }
    if let Some((name, value)) = &settings.query {
        builder = builder.query(name, value);
    }
    if let Some(timeout) = millis(settings.first_byte_timeout) {
        builder = builder.first_byte_timeout(timeout);
    }
    if let Some(timeout) = millis(settings.idle_timeout) {
        builder = builder.idle_timeout(timeout);
    }
    if let Some(timeout) = millis(settings.chunk_timeout) {
        builder = builder.chunk_timeout(timeout);
    }
    if let Some(timeout) = millis(settings.total_timeout) {
        builder = builder.total_timeout(timeout);
    }
    if let Some(timeout) = millis(settings.error_body_timeout) {
        builder = builder.error_body_timeout(timeout);
    }
    if let Some(timeout) = millis(settings.end_timeout) {
        builder = builder.end_timeout(timeout);
    }
    if let Some(size) = settings.max_body_size {
        builder = builder.max_body_size(size);
    }
    builder
}

/// The limit on a whole stream is a setting of its decoder.
pub(crate) fn decoder(settings: &Settings) -> ChunkDecoder {
    let decoder = ChunkDecoder::new();
    match settings.max_answer_size {
        Some(size) => decoder.max_answer_size(Some(size)),
        None => decoder,
    }
}

fn millis(value: Option<u64>) -> Option<Duration> {
    value.map(Duration::from_millis)
}
