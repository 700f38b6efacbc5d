//! The API key and the headers that carry it. No other file holds the key as text. The other settings
//! are in [`config`](crate::config).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::Error;

/// An API key that is never shown in `Debug`, in an error or in a log.
#[derive(Clone)]
pub(crate) struct Secret(Arc<str>);

impl Secret {
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self(key.into().into())
    }

    /// Adds the header that carries the key: `authorization: Bearer KEY`, or the key alone as the value of
    /// `name`.
    pub(crate) fn add_to(
        &self,
        headers: &mut HeaderMap,
        name: Option<&HeaderName>,
    ) -> Result<(), Error> {
        let (name, text) = match name {
            Some(name) => (name.clone(), self.0.to_string()),
            None => (AUTHORIZATION, format!("Bearer {}", self.0)),
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| unusable_key())?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    }

    /// Replaces every copy of the key with `***`, because some servers repeat the key in their errors.
    pub(crate) fn redact(&self, body: Bytes) -> Bytes {
        if self.0.len() < SHORTEST_REDACTED {
            return body;
        }
        match std::str::from_utf8(&body) {
            Ok(text) if text.contains(&*self.0) => text.replace(&*self.0, "***").into(),
            _ => body,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Adds a header that the caller chose. `Debug` hides its value, because it may be a key.
pub(crate) fn add_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Error> {
    let header = parse_name(name)?;
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::config(format!(
            "the value of the header `{name}` cannot be sent, because a header value is one line of \
             visible text; look for a line break in it"
        ))
    })?;
    value.set_sensitive(true);
    headers.insert(header, value);
    Ok(())
}

pub(crate) fn parse_name(name: &str) -> Result<HeaderName, Error> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        Error::config(format!(
            "`{}` is not a header name: use letters, digits and `-`",
            name.escape_debug()
        ))
    })
}

fn unusable_key() -> Error {
    Error::config(
        "the API key cannot be sent in a header, because it has a line break or another character \
         that is not printable ASCII; trim it"
            .to_owned(),
    )
}

/// A shorter key is a placeholder, and replacing it would damage ordinary words.
const SHORTEST_REDACTED: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_line_break_is_an_error_that_does_not_show_it() {
        let mut headers = HeaderMap::new();
        let error = Secret::new("sk-secret\n").add_to(&mut headers, None).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk-secret"), "{error:?}");
    }

    #[test]
    fn a_repeated_key_is_replaced() {
        let secret = Secret::new("sk-secret-1");
        let body = secret.redact(Bytes::from_static(b"Incorrect API key: sk-secret-1."));
        assert_eq!(&body[..], b"Incorrect API key: ***.");
        assert_eq!(format!("{secret:?}"), "***");
    }

    #[test]
    fn bad_header_names_and_values_are_errors() {
        let mut headers = HeaderMap::new();
        assert!(add_header(&mut headers, "a b", "x").is_err());
        assert!(add_header(&mut headers, "a", "x\r\ny: z").is_err());
        assert!(add_header(&mut headers, "x-team", "blue").is_ok());
    }
}
