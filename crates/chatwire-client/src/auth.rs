//! The headers of a request: the one that carries the API key, and those that the caller chose.
//! [`secrets`](crate::secrets) removes the key from answers, and [`config`](crate::config) has the other settings.

use reqwest::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};

use crate::Error;

/// Adds the header that carries the key: `authorization: Bearer KEY`, or the key alone as the value of `name`.
pub(crate) fn add_key(
    headers: &mut HeaderMap,
    key: &str,
    name: Option<&HeaderName>,
) -> Result<(), Error> {
    let (name, text) = match name {
        Some(name) => (name.clone(), key.to_owned()),
        None => (AUTHORIZATION, format!("Bearer {key}")),
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| unusable_key())?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// Adds a header that the caller chose. `Debug` hides its value, because it may be a key.
pub(crate) fn add_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Error> {
    let header = parse_name(name)?;
    if FRAMING.contains(&header) {
        return Err(Error::config(format!(
            "the header `{header}` cannot be set, because it follows from the request; remove it"
        )));
    }
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

/// Headers that say how the request is sent.
const FRAMING: [HeaderName; 3] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];

pub(crate) fn parse_name(name: &str) -> Result<HeaderName, Error> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        Error::config(format!(
            "`{}` is not a header name: use letters, digits and `-`",
            name.escape_debug()
        ))
    })
}

/// The name of the header that carries the key.
pub(crate) fn key_header(name: Option<&HeaderName>) -> HeaderName {
    name.cloned().unwrap_or(AUTHORIZATION)
}

fn unusable_key() -> Error {
    Error::config(
        "the API key cannot be sent in a header, because it has a line break or another character \
         that is not printable ASCII; trim it"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_line_break_is_an_error_that_does_not_show_it() {
        let mut headers = HeaderMap::new();
        let error = add_key(&mut headers, "sk-secret\n", None).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk-secret"), "{error:?}");
    }

    #[test]
    fn bad_header_names_and_values_are_errors() {
        let mut headers = HeaderMap::new();
        assert!(add_header(&mut headers, "a b", "x").is_err());
        assert!(add_header(&mut headers, "a", "x\r\ny: z").is_err());
        assert!(add_header(&mut headers, "x-team", "blue").is_ok());
    }
}
