//! Decides from the error and the clock whether to retry a request, and after how long. The requests are
//! sent in [`client`](crate::client), so that every rule here can be tested without waiting.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::{Error, ErrorKind, time};

/// Time and chance, which tests replace.
pub(crate) trait Timer: Send + Sync {
    fn now(&self) -> SystemTime;
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// A number from 0 to 1.
    fn random(&self) -> f64;
}

/// The timer of every client outside tests.
#[derive(Debug)]
pub(crate) struct SystemTimer;

impl Timer for SystemTimer {
    fn now(&self) -> SystemTime {
        time::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(time::sleep(duration))
    }

    fn random(&self) -> f64 {
        time::random()
    }
}

/// A failed attempt that will be repeated. [`ClientBuilder::on_retry`](crate::ClientBuilder::on_retry)
/// passes it to your function.
#[derive(Clone, Debug)]
pub struct Retry {
    error: Error,
    number: u32,
    delay: Duration,
    is_asked: bool,
}

impl Retry {
    /// Why the last attempt failed.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The number of this retry, which is 1 for the first.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How long the client waits before it: at most 8 seconds, or at most 2 minutes if the server asks for a
    /// delay.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Whether the server asked for this delay (`retry-after`). If not, the client chose it.
    #[must_use]
    pub fn is_asked_by_server(&self) -> bool {
        self.is_asked
    }
}

impl Retry {
    /// The retry with another key after one that was refused. `None` if the server forbids it.
    pub(crate) fn with_new_key(error: Error, retries: u32) -> Option<Self> {
        let is_refused_key = error.status() == Some(401) && should_retry(&error) != Some(false);
        let number = retries.saturating_add(1);
        is_refused_key.then_some(Self { error, number, delay: Duration::ZERO, is_asked: false })
    }
}

/// The function that is called before each wait.
#[derive(Clone)]
pub(crate) struct RetryHook(Arc<dyn Fn(&Retry) + Send + Sync>);

impl RetryHook {
    pub(crate) fn new(hook: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn call(&self, retry: &Retry) {
        (self.0)(retry);
    }
}

/// The retry after a failed attempt; `None` if another attempt would be wrong or useless.
///
/// `retries` is the number of retries so far.
pub(crate) fn next_attempt(error: Error, retries: u32, timer: &dyn Timer) -> Option<Retry> {
    if !is_worth_repeating(&error) {
        return None;
    }
    let asked = asked_delay(&error, timer.now());
    // An earlier attempt would be refused again, and the caller should not wait that long unknowingly.
    if asked.is_some_and(|asked| asked > LONGEST_ASKED) {
        return None;
    }
    let delay = asked.unwrap_or_else(|| backoff(retries, timer.random()));
    Some(Retry { error, number: retries.saturating_add(1), delay, is_asked: asked.is_some() })
}

fn is_worth_repeating(error: &Error) -> bool {
    match error.kind() {
        // The server has not begun to answer.
        ErrorKind::Connect | ErrorKind::Transport => error.is_unanswered(),
        ErrorKind::Api => should_retry(error).unwrap_or_else(|| is_passing_status(error)),
        // After a timeout the server may still be working, and after a part of an answer it has worked. A retry
        // would cost money again.
        _ => false,
    }
}

/// What the server itself says.
fn should_retry(error: &Error) -> Option<bool> {
    match error.headers()?.get("x-should-retry")?.to_str().ok()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn is_passing_status(error: &Error) -> bool {
    match error.status() {
        Some(429) => !is_out_of_quota(error),
        Some(status) => matches!(status, 408 | 409 | 500..),
        None => false,
    }
}

/// Whether the account has no quota left, which waiting does not change.
fn is_out_of_quota(error: &Error) -> bool {
    let is_quota = |text: Option<String>| text.as_deref() == Some("insufficient_quota");
    is_quota(error.code()) || is_quota(error.error_type())
}

/// The wait that the server asks for.
impl Error {
    /// How long the server asks to wait before the next attempt: in `retry-after-ms`, in `retry-after`, or in the
    /// error object of the body. The client waits that long itself before its retries.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        asked_delay(self, time::now())
    }
}

/// The delay that the server asks for, in a header or else in the body.
pub(crate) fn asked_delay(error: &Error, now: SystemTime) -> Option<Duration> {
    let in_headers = error.headers().and_then(|headers| delay_in_headers(headers, now));
    in_headers.or_else(|| delay_in_body(error.body()?))
}

fn delay_in_headers(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = || seconds(text("retry-after-ms")?, 0.001);
    let after = || {
        let value = text(RETRY_AFTER.as_str())?;
        let date = || httpdate::parse_http_date(value).ok()?.duration_since(now).ok();
        seconds(value, 1.0).or_else(date)
    };
    millis().or_else(after)
}

/// The delay in the error object of a body: `"retry_after": 3`, or a delay in `details`, such as
/// `"retryDelay": "3s"`.
fn delay_in_body(body: &[u8]) -> Option<Duration> {
    if body.len() > LARGEST_HINT {
        return None;
    }
    let body = serde_json::from_slice::<Value>(body).ok()?;
    delay_in(&body, HINT_DEPTH)
}

fn delay_in(value: &Value, depth: u32) -> Option<Duration> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Array(items) => items.iter().find_map(|item| delay_in(item, depth)),
        Value::Object(entries) => {
            let named = entries.iter().find_map(|(key, value)| delay_named(key, value));
            named.or_else(|| entries.values().find_map(|value| delay_in(value, depth)))
        }
        _ => None,
    }
}

/// The delay under a key that says one.
fn delay_named(key: &str, value: &Value) -> Option<Duration> {
    let key = key.to_ascii_lowercase().replace(['_', '-'], "");
    let unit = match key.as_str() {
        "retryafter" | "retryafterseconds" | "retrydelay" | "retryin" => 1.0,
        "retryafterms" => 0.001,
        _ => return None,
    };
    match value {
        Value::Number(number) => seconds(&number.to_string(), unit),
        Value::String(text) => match text.trim().strip_suffix("ms") {
            Some(number) => seconds(number.trim(), 0.001),
            None => seconds(text.trim().trim_end_matches('s').trim(), unit),
        },
        _ => None,
    }
}

/// The length of time that a number says; `None` if it says none: negative, infinite or not a number. A number
/// that is too large is the longest time.
fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let begins_as_number = text.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let number = text.parse::<f64>().ok().filter(|_| begins_as_number)?;
    Some(Duration::try_from_secs_f64(number * unit).unwrap_or(Duration::MAX))
}

/// Half a second, doubled for each retry up to eight seconds, and shortened at random by up to a quarter.
fn backoff(retries: u32, random: f64) -> Duration {
    let doubled = SHORTEST_BACKOFF.saturating_mul(1 << retries.min(6)).min(LONGEST_BACKOFF);
    doubled.mul_f64(1.0 - 0.25 * random.clamp(0.0, 1.0))
}

const SHORTEST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);
const LONGEST_ASKED: Duration = Duration::from_secs(120);

/// A longer body is not searched for a delay, because it is no error object.
const LARGEST_HINT: usize = 16 * 1024;
/// How deep a delay may be in a body.
const HINT_DEPTH: u32 = 6;

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;

    use super::*;

    #[derive(Debug)]
    struct Fixed;

    impl Timer for Fixed {
        fn now(&self) -> SystemTime {
            httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap()
        }
        fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(std::future::ready(()))
        }
        fn random(&self) -> f64 {
            0.0
        }
    }

    /// The delay in milliseconds after a first attempt.
    fn check(status: u16, headers: &[(&'static str, &str)], body: &str, expected: Option<u64>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        let error = Error::refused(status, map, Bytes::copy_from_slice(body.as_bytes()), None);
        let actual = next_attempt(error, 0, &Fixed).map(|retry| retry.delay().as_millis() as u64);
        assert_eq!(actual, expected, "{status} {headers:?} {body}");
    }

    #[test]
    fn which_statuses_are_repeated() {
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            check(status, &[], "", Some(500));
        }
        for status in [301, 400, 401, 403, 404, 413, 422] {
            check(status, &[], "", None);
        }
    }

    #[test]
    fn the_server_has_the_last_word() {
        check(503, &[("x-should-retry", "false")], "", None);
        check(400, &[("x-should-retry", "true")], "", Some(500));
        check(429, &[("x-should-retry", "maybe")], "", Some(500));
    }

    #[test]
    fn an_empty_account_is_not_asked_again() {
        check(429, &[], r#"{"error":{"message":"m","code":"insufficient_quota"}}"#, None);
        check(429, &[], r#"{"error":{"message":"m","type":"insufficient_quota"}}"#, None);
        check(429, &[], r#"{"error":{"message":"m","code":"rate_limit_exceeded"}}"#, Some(500));
        check(429, &[], "<html>", Some(500));
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        check(429, &[("retry-after-ms", "250")], "", Some(250));
        check(429, &[("retry-after-ms", "250"), ("retry-after", "9")], "", Some(250));
        check(429, &[("retry-after-ms", "soon"), ("retry-after", "9")], "", Some(9_000));
        check(429, &[("retry-after", "2")], "", Some(2_000));
        check(429, &[("retry-after", "0.25")], "", Some(250));
        check(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT")], "", Some(30_000));
        check(429, &[("retry-after", "Wed, 21 Oct 2026 07:27:00 GMT")], "", Some(500));
        check(429, &[("retry-after", "Wed, 21 Oct 2099 07:27:00 GMT")], "", None);
        check(429, &[("retry-after", "120")], "", Some(120_000));
        check(429, &[("retry-after", "120.5")], "", None);
        check(429, &[("retry-after", "1e300")], "", None);
        check(429, &[("retry-after", &"9".repeat(400))], "", None);
        check(429, &[("retry-after", "1000000000")], "", None);
        for odd in ["inf", "-inf", "NaN", "-1", "", "tomorrow", "-1e300"] {
            check(429, &[("retry-after", odd), ("retry-after-ms", odd)], "", Some(500));
        }
    }

    #[test]
    fn a_delay_in_the_body_counts_without_a_header() {
        for (body, expected) in [
            (r#"{"error":{"message":"m","retry_after":3}}"#, Some(3_000)),
            (r#"{"error":{"message":"m","retry_after":"0.5"}}"#, Some(500)),
            (r#"{"error":{"details":[{"@type":"RetryInfo","retryDelay":"7s"}]}}"#, Some(7_000)),
            (r#"[{"error":{"details":[{"retryDelay":"250ms"}]}}]"#, Some(250)),
            (r#"{"retry_after_ms":40}"#, Some(40)),
            (r#"{"error":{"retry_after":121}}"#, None),
            (r#"{"error":{"retry_after":"soon"}}"#, Some(500)),
            (r#"{"error":{"retry_after":-1}}"#, Some(500)),
        ] {
            check(429, &[], body, expected);
        }
        check(429, &[("retry-after", "1")], r#"{"retry_after":3}"#, Some(1_000));
    }

    #[test]
    fn backoff_doubles_up_to_a_bound_and_is_jittered_downwards() {
        let delays: Vec<_> =
            [0, 1, 2, 3, 4, 5, 60, u32::MAX].map(|retries| backoff(retries, 0.0)).to_vec();
        let seconds: Vec<_> = delays.iter().map(Duration::as_secs_f64).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0]);
        assert_eq!(backoff(0, 1.0), Duration::from_millis(375));
        assert!((0.0..=1.0).contains(&SystemTimer.random()));
    }

    #[test]
    fn what_is_wrong_on_this_side_is_not_repeated() {
        let next = |error| next_attempt(error, 0, &Fixed);
        assert!(next(Error::config("bad".to_owned())).is_none());
        assert!(next(Error::timeout("late".to_owned())).is_none());
        assert!(next(Error::invalid_answer("cut".to_owned())).is_none());
    }
}
