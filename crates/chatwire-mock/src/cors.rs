//! Lets pages of any origin call the server (CORS): answers their preflights, and marks every answer.
//! [`routes`](crate::routes) has it only if the user asks for it.

use std::time::Duration;

use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};

/// Allows any origin, method and header.
///
/// The methods and headers of a preflight are repeated, because `*` does not include `authorization`.
pub(crate) fn layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::any())
        .allow_private_network(true)
        .max_age(PREFLIGHT_LIFE)
}

/// How long a browser may remember the answer to a preflight. A test may restart the server on the same
/// port without CORS.
const PREFLIGHT_LIFE: Duration = Duration::from_secs(10);
