//! Reads an answer whose status is not a success into an [`Error`]. The message of the error is made in
//! [`error`](crate::error).

use bytes::Bytes;

use crate::body::BodyContext;
use crate::transport::HttpResponse;
use crate::{Error, redirect};

impl Error {
    /// Reads the error of an answer whose status is not a success.
    #[doc(hidden)]
    pub async fn from_response(response: HttpResponse) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let redirect = redirect::describe(&response);
        let read = match BodyContext::of(&response).cloned() {
            Some(context) => context.read_error(response).await,
            None => Ok(Bytes::new()),
        };
        match read {
            Ok(body) => Self::refused(status, headers, body, redirect),
            Err(unreadable) => {
                Self::refused(status, headers, Bytes::new(), Some(unreadable.to_string()))
            }
        }
    }
}
