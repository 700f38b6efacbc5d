//! Reads an answer whose status is not a success into an [`Error`]. The message of the error is made in
//! [`error`](crate::error).

use crate::{Error, body, redirect};

impl Error {
    /// Reads the error of an answer whose status is not a success.
    pub(crate) async fn from_response(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let redirect = redirect::describe(&response);
        let body = body::read_error(response).await;
        Self::refused(status, headers, body, redirect)
    }
}
