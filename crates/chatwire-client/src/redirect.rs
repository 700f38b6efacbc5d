//! Which redirects are followed, and the words for those that are not. Everything else about an
//! error is put into words in [`error`](crate::error).

use reqwest::header::LOCATION;
use reqwest::redirect::{Action, Attempt};
use reqwest::{StatusCode, Url};

use crate::body::BodyContext;
use crate::describe::server_name;

/// Follows what keeps method, body and server; anything else could hand the key to a stranger or
/// turn a POST into a GET, so it comes back as an error that names the new place.
pub(crate) fn follow_on_the_same_server(attempt: Attempt<'_>) -> Action {
    let same_server = attempt.previous().last().is_some_and(|from| is_same(from, attempt.url()));
    let few = attempt.previous().len() <= MOST_REDIRECTS;
    if keeps_method(attempt.status()) && same_server && few {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Where an answer leads, why the client did not go there, and what to do; `None` when it leads
/// nowhere.
pub(crate) fn describe(response: &reqwest::Response) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let target = response.url().join(location).ok()?;
    let place = server_name(&target) + target.path();
    let same = is_same(response.url(), &target);
    Some(if BodyContext::of(response).foreign_http_client {
        format!("the server sends the request on to {place}, which the HTTP client did not follow")
    } else if same && keeps_method(response.status()) {
        format!(
            "too many redirects: the server sent the request on more than {MOST_REDIRECTS} times, \
             probably in a circle, last to {place}; check the base URL"
        )
    } else if same {
        format!(
            "the server sends the request on to {place}, which the client does not follow because \
             this status would turn it into a GET; correct the base URL"
        )
    } else {
        format!(
            "the server sends the request on to {place}, which the client does not follow because \
             the API key would go along; set that as the base URL if you trust it"
        )
    })
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}

/// Scheme, host and port.
fn is_same(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

const MOST_REDIRECTS: usize = 5;
