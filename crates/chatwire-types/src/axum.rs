//! Requests and error envelopes in servers that are written with axum: extractors for the requests, and a response for
//! the envelope. [`crate::validate`] decides what is wrong with a request.

use axum_core::extract::{FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, StatusCode};

use crate::{
    CreateChatCompletionRequest, ErrorBody, ErrorObject, ErrorResponse, InvalidRequest,
    UpdateChatCompletionRequest,
};

/// Reads and [validates](CreateChatCompletionRequest::validate) the body of a request.
///
/// A rejection is the official envelope, with the status
///
/// - 400 if the body is not a valid request; `param` names the parameter,
/// - 413 if the body is larger than axum's `DefaultBodyLimit`, which is 2 MB and too small for some images, and
/// - 415 if the content type is not JSON.
///
/// To take requests that the document does not allow, use `axum::Json`.
///
/// ```
/// use axum_core::response::{IntoResponse, Response};
/// use chatwire_types::{CreateChatCompletionRequest, ErrorResponse};
///
/// async fn chat(request: CreateChatCompletionRequest) -> Response {
///     let model = request.model.unwrap_or_default();
///     let error = ErrorResponse::server_error(format!("the model `{model}` does not exist"));
///     (http::StatusCode::NOT_FOUND, error).into_response()
/// }
/// ```
impl<S: Send + Sync> FromRequest<S> for CreateChatCompletionRequest {
    type Rejection = (StatusCode, ErrorResponse);

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        Self::from_body(&body(request, state).await?).map_err(invalid)
    }
}

/// Reads and [validates](UpdateChatCompletionRequest::validate) the body of a request, with the rejections of
/// [`CreateChatCompletionRequest`].
impl<S: Send + Sync> FromRequest<S> for UpdateChatCompletionRequest {
    type Rejection = (StatusCode, ErrorResponse);

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        Self::from_body(&body(request, state).await?).map_err(invalid)
    }
}

/// The envelope as JSON, with the status 500. Return `(status, envelope)` for another status.
impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        // Encoding cannot fail, because every key is a string and no type refuses.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, json)], body).into_response()
    }
}

/// The official envelope, with the status 400.
impl IntoResponse for InvalidRequest {
    fn into_response(self) -> Response {
        invalid(self).into_response()
    }
}

fn invalid(invalid: InvalidRequest) -> (StatusCode, ErrorResponse) {
    (StatusCode::BAD_REQUEST, invalid.into())
}

async fn body<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Bytes, (StatusCode, ErrorResponse)> {
    if !is_json(request.headers()) {
        let message = "the content type of the request must be `application/json`";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let status = rejection.status();
        let message = match status {
            StatusCode::PAYLOAD_TOO_LARGE => "the body of the request is too large",
            _ => "the body of the request cannot be read",
        };
        refuse(status, message)
    })
}

/// Whether the content type is `application/json`, or one such as `application/vnd.api+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    media.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

fn refuse(status: StatusCode, message: &str) -> (StatusCode, ErrorResponse) {
    let error = ErrorObject::new(message).type_("invalid_request_error");
    (status, ErrorResponse::default().error(ErrorBody::from(error)))
}
