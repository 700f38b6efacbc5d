//! Tests the extractors and the responses for axum.

#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum_core::body::Body;
use axum_core::extract::{FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use chatwire_types::{CreateChatCompletionRequest, ErrorResponse, UpdateChatCompletionRequest};

/// A body in memory is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the body is in memory"),
    }
}

fn sent(media: &str, body: impl Into<Body>) -> Request {
    Request::builder().header("content-type", media).body(body.into()).unwrap()
}

fn text(response: Response) -> (u16, String) {
    assert_eq!(response.headers()["content-type"], "application/json");
    let status = response.status().as_u16();
    let body = ready(Bytes::from_request(Request::new(response.into_body()), &())).unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn check(media: &str, body: impl Into<Body>, expected: (u16, &str)) {
    let rejection = ready(CreateChatCompletionRequest::from_request(sent(media, body), &()));
    let (status, text) = text(rejection.unwrap_err().into_response());
    assert_eq!((status, text.as_str()), expected);
}

#[test]
fn requests_are_read() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"vendor":1}"#;
    for media in ["application/json", "Application/JSON; charset=utf-8", "application/x+json"] {
        let request = ready(CreateChatCompletionRequest::from_request(sent(media, body), &()));
        assert_eq!(serde_json::to_string(&request.unwrap()).unwrap(), body);
    }
    let update = sent("application/json", r#"{"metadata":{"a":"b"}}"#);
    assert!(ready(UpdateChatCompletionRequest::from_request(update, &())).is_ok());
}

#[test]
fn rejections_are_the_official_envelope() {
    check(
        "application/json",
        r#"{"messages":"hi"}"#,
        (
            400,
            r#"{"error":{"message":"`messages`: expected a list, found a string","type":"invalid_request_error","param":"messages","code":"invalid_type"}}"#,
        ),
    );
    check(
        "application/json",
        "{",
        (
            400,
            r#"{"error":{"message":"the body of the request cannot be read: EOF while parsing an object at line 1 column 1","type":"invalid_request_error"}}"#,
        ),
    );
    let media = r#"{"error":{"message":"the content type of the request must be `application/json`","type":"invalid_request_error"}}"#;
    check("text/plain", "{}", (415, media));
    check("", "{}", (415, media));
    let large = r#"{"error":{"message":"the body of the request is too large","type":"invalid_request_error"}}"#;
    check("application/json", vec![b' '; 3_000_000], (413, large));
}

#[test]
fn an_envelope_is_a_response() {
    let error = ErrorResponse::server_error("out of memory");
    let expected = r#"{"error":{"message":"out of memory","type":"server_error"}}"#;
    assert_eq!(text(error.clone().into_response()), (500, expected.to_owned()));
    let overloaded = (http::StatusCode::SERVICE_UNAVAILABLE, error).into_response();
    assert_eq!(text(overloaded), (503, expected.to_owned()));
}
