//! Decides which redirects are followed, and describes those that are not. The other messages of errors
//! are in [`error`](crate::error).

use reqwest::header::LOCATION;
use reqwest::redirect::{Action, Attempt};
use reqwest::{StatusCode, Url};

use crate::body::BodyContext;
use crate::describe::server_name;

/// Follows a redirect that keeps the method, the body and the server. Any other redirect could send the key
/// to a stranger or turn a POST into a GET, so it becomes an error that names the new address.
pub(crate) fn follow_on_the_same_server(attempt: Attempt<'_>) -> Action {
    let same_server = attempt.previous().last().is_some_and(|from| is_same(from, attempt.url()));
    let few = attempt.previous().len() <= MOST_REDIRECTS;
    if keeps_method(attempt.status()) && same_server && few {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Says where an answer redirects to, why the client did not follow, and what to do. `None` if the answer is
/// not a redirect.
pub(crate) fn describe(response: &reqwest::Response) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let target = response.url().join(location).ok()?;
    let place = server_name(&target) + target.path();
    let same = is_same(response.url(), &target);
    Some(if BodyContext::of(response).foreign_http_client {
        format!("the server redirects to {place}, which the HTTP client did not follow")
    } else if same && keeps_method(response.status()) {
        format!(
            "too many redirects: the server redirected more than {MOST_REDIRECTS} times, probably in a \
             circle, last to {place}; check the base URL"
        )
    } else if same {
        format!(
            "the server redirects to {place}, which the client does not follow because this status \
             turns the request into a GET; correct the base URL"
        )
    } else {
        format!(
            "the server redirects to {place}, which the client does not follow because it would send \
             the API key there; set that as the base URL if you trust it"
        )
    })
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}

/// Whether scheme, host and port are the same.
fn is_same(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

const MOST_REDIRECTS: usize = 5;
