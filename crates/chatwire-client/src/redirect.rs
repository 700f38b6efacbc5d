//! Decides which redirects are followed, and describes those that are not. The other messages of errors
//! are in [`error`](crate::error).

use reqwest::header::LOCATION;
use reqwest::{StatusCode, Url};

use crate::describe::{one_line, server_name};
use crate::transport::{AnsweredBy, HttpResponse};

/// The path that the operations append to the base URL.
pub(crate) const CHAT_PATH: &str = "/chat/completions";

/// The maximum number of redirects that one attempt follows.
pub(crate) const MOST_REDIRECTS: u32 = 5;

/// The statuses that redirect. 304 and others have no new address.
const REDIRECTS: [StatusCode; 5] = [
    StatusCode::MOVED_PERMANENTLY,
    StatusCode::FOUND,
    StatusCode::SEE_OTHER,
    StatusCode::TEMPORARY_REDIRECT,
    StatusCode::PERMANENT_REDIRECT,
];

/// A longer address cannot be sent.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// The length of an address that is shown.
const SHOWN_PATH: usize = 200;

/// How many redirects were followed before an answer. It travels with the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Followed(pub(crate) u32);

/// The address to which an answer redirects, if it may be followed: a redirect that keeps the method, the body
/// and the server. Any other redirect could send the key to a stranger or turn a POST into a GET.
pub(crate) fn followed(response: &HttpResponse) -> Option<Url> {
    let target = target(response)?;
    let is_followed = keeps_method(response.status())
        && is_same(address(response)?, &target)
        && target.as_str().len() <= LONGEST_ADDRESS;
    is_followed.then_some(target)
}

/// Says where an answer redirects to, why the client did not follow, and what to do. `None` if the answer is
/// not a redirect.
pub(crate) fn describe(response: &HttpResponse) -> Option<String> {
    if !REDIRECTS.contains(&response.status()) {
        return None;
    }
    let Some(target) = target(response) else {
        return Some("the server redirects without a valid address; check the base URL".to_owned());
    };
    let place = shown(&target);
    let same = address(response).is_some_and(|address| is_same(address, &target));
    let followed = response.extensions().get::<Followed>().map_or(0, |followed| followed.0);
    Some(if same && keeps_method(response.status()) && followed >= MOST_REDIRECTS {
        format!(
            "too many redirects: the server redirected more than {MOST_REDIRECTS} times, probably in a \
             circle, last to {place}; check the base URL"
        )
    } else if same && keeps_method(response.status()) {
        format!("the server redirects to {place}, which the HTTP client did not follow")
    } else if same {
        format!(
            "the server redirects to {place}, which the client does not follow because this status \
             turns the request into a GET; {}",
            advice(&target, "correct the base URL")
        )
    } else {
        format!(
            "the server redirects to {place}, which the client does not follow because it would send \
             the API key there; {}",
            advice(&target, "check the base URL")
        )
    })
}

fn target(response: &HttpResponse) -> Option<Url> {
    // Some servers do not escape letters outside ASCII.
    let location = str::from_utf8(response.headers().get(LOCATION)?.as_bytes()).ok()?;
    let target = address(response)?.join(location).ok()?;
    matches!(target.scheme(), "http" | "https").then_some(target)
}

fn address(response: &HttpResponse) -> Option<&Url> {
    response.extensions().get::<AnsweredBy>().map(|AnsweredBy(url)| url)
}

/// An address without user, password and query, cut if it is long.
fn shown(url: &Url) -> String {
    let path = url.path();
    let (path, dots) = match path.char_indices().nth(SHOWN_PATH) {
        Some((end, _)) => (path.get(..end).unwrap_or_default(), "…"),
        None => (path, ""),
    };
    one_line(&format!("{}{path}{dots}", server_name(url)))
}

/// Advises the base URL that leads to an address, if the address ends with the path of the operation.
fn advice(target: &Url, otherwise: &str) -> String {
    match target.path().strip_suffix(CHAT_PATH) {
        Some(base) if base.len() < SHOWN_PATH => {
            format!("set the base URL to {}{base} if you trust it", server_name(target))
        }
        _ => otherwise.to_owned(),
    }
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}

/// Whether scheme, host and port are the same.
fn is_same(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}
