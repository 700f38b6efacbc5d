//! Reads an answer with a status of failure into an [`Error`]. What the error then says is in
//! [`error`](crate::error).

use crate::{Error, body, redirect};

impl Error {
    /// The error of an answer whose status is not the documented one.
    pub(crate) async fn from_response(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let redirect = redirect::describe(&response);
        let body = body::read_error(response).await;
        Self::refused(status, headers, body, redirect)
    }
}
