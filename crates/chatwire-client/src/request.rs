//! Builds the requests of the generated operations. [`client`](crate::client) sends them.
//!
//! reqwest has such a builder, too, but it needs a client of reqwest, whose connections would then be in every
//! program.

use chatwire_types::Extra;
use chatwire_types::encode::{Entry, Json, Object};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde::{Serialize, Serializer};

use crate::error::{Error, ErrorKind};
use crate::parameters::QueryParam;
use crate::transport::BoxError;

/// Builds one request. [`build`](Self::build) returns the first error.
#[derive(Debug)]
#[must_use]
pub struct RequestBuilder(Result<Request, Error>);

impl RequestBuilder {
    /// Begins a request to this address.
    pub fn new(method: Method, url: impl AsRef<str>) -> Self {
        let url = Url::parse(url.as_ref()).map_err(not_built);
        Self(url.map(|url| Request::new(method, url)))
    }

    /// Sets a header.
    pub fn header(
        self,
        name: HeaderName,
        value: impl TryInto<HeaderValue, Error: Into<BoxError>>,
    ) -> Self {
        self.and_then(|request| {
            request.headers_mut().insert(name, value.try_into().map_err(not_built)?);
            Ok(())
        })
    }

    /// Sets each of these headers.
    pub fn headers(self, headers: HeaderMap) -> Self {
        self.and_then(|request| {
            request.headers_mut().extend(headers);
            Ok(())
        })
    }

    /// Adds a parameter to the query.
    pub fn query<T: Serialize>(self, parameter: &QueryParam<'_, T>) -> Self {
        self.and_then(|request| {
            let pairs = parameter.pairs().map_err(not_built)?;
            if !pairs.is_empty() {
                request.url_mut().query_pairs_mut().extend_pairs(pairs);
            }
            Ok(())
        })
    }

    /// Sends this as JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        self.and_then(|request| {
            *request.body_mut() = Some(serde_json::to_vec(body).map_err(not_built)?.into());
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
            Ok(())
        })
    }

    /// Sends these bytes.
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.and_then(|request| {
            *request.body_mut() = Some(body.into());
            Ok(())
        })
    }

    /// Returns the request.
    ///
    /// # Errors
    ///
    /// Returns an error if the address, a header or a parameter cannot be sent.
    pub fn build(self) -> Result<Request, Error> {
        self.0
    }

    fn and_then(self, change: impl FnOnce(&mut Request) -> Result<(), Error>) -> Self {
        Self(self.0.and_then(|mut request| change(&mut request).map(|()| request)))
    }
}

fn not_built(cause: impl Into<BoxError>) -> Error {
    let cause = cause.into();
    let message = format!("the request cannot be built: {cause}");
    Error::caused(ErrorKind::Request, message, cause)
}

/// Writes a body with `stream` replaced, so that one request can be sent both ways without a copy of its messages and
/// images.
pub struct Streamed<'a> {
    body: &'a dyn Object,
    is_stream: bool,
}

impl<'a> Streamed<'a> {
    /// Asks for the whole answer.
    #[must_use]
    pub fn whole(body: &'a dyn Object) -> Self {
        Self { body, is_stream: false }
    }

    /// Asks for an event stream.
    #[must_use]
    pub fn stream(body: &'a dyn Object) -> Self {
        Self { body, is_stream: true }
    }

    /// Whether `stream` is the first key. A stream is always asked for there. For the whole answer, a `stream` of the
    /// request becomes false in its place, and one in `extra` has none.
    fn is_first(&self) -> bool {
        self.is_stream || self.body.extra().is_some_and(|extra| extra.contains_key(STREAM))
    }
}

impl Object for Streamed<'_> {
    fn entry(&self, position: usize) -> Entry<'_> {
        let stream = Entry::Present(STREAM, Json::Bool(self.is_stream));
        match position.checked_sub(1) {
            None if self.is_first() => stream,
            None => Entry::Absent,
            Some(position) => match self.body.entry(position) {
                Entry::Present(STREAM, _) if self.is_first() => Entry::Absent,
                Entry::Present(STREAM, _) => stream,
                other => other,
            },
        }
    }

    fn extra(&self) -> Option<&Extra> {
        self.body.extra()
    }
}

impl Serialize for Streamed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json::Object(self).serialize(serializer)
    }
}

const STREAM: &str = "stream";

#[cfg(test)]
mod tests {
    use super::*;
    use chatwire_types::{CreateChatCompletionRequest, Message};
    use serde_json::json;

    fn post() -> RequestBuilder {
        RequestBuilder::new(Method::POST, "http://h/v1/x")
    }

    #[test]
    fn all_parts_are_sent() {
        let request = post()
            .header(reqwest::header::ACCEPT, HeaderValue::from_static("text/csv"))
            .headers(HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("a/b"))]))
            .query(&QueryParam::new("absent", &None::<String>))
            .query(&QueryParam::new("q", &["a b", "ä&"]))
            .query(&QueryParam::new("n", &Some(1)))
            .json(&json!({"a": [1]}))
            .build()
            .unwrap();
        assert_eq!(request.url().as_str(), "http://h/v1/x?q=a+b&q=%C3%A4%26&n=1");
        assert_eq!(request.headers()["accept"], "text/csv");
        assert_eq!(request.headers()["content-type"], "a/b");
        assert_eq!(request.body().unwrap().as_bytes(), Some(&b"{\"a\":[1]}"[..]));
    }

    #[test]
    fn a_request_without_parameters_has_no_query() {
        let request = post().query(&QueryParam::new("q", &None::<u8>)).build().unwrap();
        assert_eq!(request.url().as_str(), "http://h/v1/x");
    }

    #[test]
    fn json_has_its_type() {
        let request = post().json(&1).build().unwrap();
        assert_eq!(request.headers()["content-type"], "application/json");
    }

    #[test]
    fn the_method_decides_whether_it_reads_a_stream() {
        let check = |stream: Option<bool>, is_stream: bool, expected: &str| {
            let mut request =
                CreateChatCompletionRequest::new("m", [Message::user("u")]).with_extra("x", 1);
            request.stream = stream;
            let sent = serde_json::to_string(&Streamed { body: &request, is_stream }).unwrap();
            assert_eq!(sent, expected);
        };
        let streamed =
            r#"{"stream":true,"model":"m","messages":[{"role":"user","content":"u"}],"x":1}"#;
        for stream in [None, Some(false), Some(true)] {
            check(stream, true, streamed);
        }
        let whole =
            r#"{"model":"m","messages":[{"role":"user","content":"u"}],"stream":false,"x":1}"#;
        check(Some(true), false, whole);
        check(Some(false), false, whole);
        check(None, false, r#"{"model":"m","messages":[{"role":"user","content":"u"}],"x":1}"#);
        let mut request = CreateChatCompletionRequest::new("m", [Message::user("u")]);
        request.extra.insert("stream", "true".into());
        let sent = serde_json::to_string(&Streamed::whole(&request)).unwrap();
        assert_eq!(
            sent,
            r#"{"stream":false,"model":"m","messages":[{"role":"user","content":"u"}]}"#
        );
    }

    #[test]
    fn unsendable_requests_are_errors() {
        let check = |builder: RequestBuilder, expected: &str| {
            let error = builder.json(&1).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Request);
            assert_eq!(error.to_string(), expected);
        };
        check(
            RequestBuilder::new(Method::GET, "nowhere"),
            "the request cannot be built: relative URL without a base",
        );
        check(
            post().header(CONTENT_TYPE, "a\nb"),
            "the request cannot be built: failed to parse header value",
        );
    }
}
