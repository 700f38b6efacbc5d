//! Builds the requests of the generated operations. [`client`](crate::client) sends them.
//!
//! reqwest has such a builder, too, but it needs a client of reqwest, whose connections would then be in every
//! program.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::runtime::QueryParam;
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

#[cfg(test)]
mod tests {
    use super::*;
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
    fn what_cannot_be_sent() {
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
