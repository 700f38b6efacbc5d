//! The names that the generated operations use, those of other bindings included. The public types are in
//! [`response`](crate::response), [`error`](crate::error) and [`config`](crate::config).

pub use crate::error::Error;
pub use crate::form::Form;
pub use crate::items::{Items, PageParts, PageReader};
pub use crate::parameters::{QueryParam, cookie_param, cookie_params, encode_path, header_param};
pub use crate::request::{RequestBuilder, Streamed};
pub use crate::response::{ByteStream, Response};
pub use crate::transport::HttpResponse;

/// The operation that a request is for.
#[derive(Clone, Copy, Debug)]
pub struct OperationInfo {
    /// The `operationId`.
    pub operation_id: &'static str,
}
