//! Reads the rate limits that services send in headers. [`retry`](crate::retry) reads how long to wait after an
//! error.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::Error;

/// How much of the account's rate limits is left, as far as the service says so (`x-ratelimit-…`).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = chatwire_mock::MockServer::start().await?;
/// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
/// # use chatwire_types::{CreateChatCompletionRequest, Message};
/// # let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hi")]);
/// let completion = client.chat(&request).await?;
/// if let Some(0) = completion.rate_limits().requests.remaining {
///     println!("wait before the next request");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// The limit on requests.
    pub requests: RateLimit,
    /// The limit on tokens.
    pub tokens: RateLimit,
}

/// One rate limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// How many are allowed in a period, `x-ratelimit-limit-…`.
    pub limit: Option<u64>,
    /// How many are left, `x-ratelimit-remaining-…`.
    pub remaining: Option<u64>,
    /// How long until the limit is full again, `x-ratelimit-reset-…`.
    pub reset: Option<Duration>,
}

/// The rate limits that came with an error.
impl Error {
    /// The rate limits in the headers of the answer.
    #[must_use]
    pub fn rate_limits(&self) -> Option<RateLimits> {
        Some(RateLimits::read(self.headers()?))
    }
}

impl RateLimits {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self {
            requests: RateLimit::read(headers, "requests"),
            tokens: RateLimit::read(headers, "tokens"),
        }
    }
}

impl RateLimit {
    fn read(headers: &HeaderMap, what: &str) -> Self {
        let text = |part: &str| {
            headers.get(format!("x-ratelimit-{part}-{what}"))?.to_str().ok().map(str::trim)
        };
        let count = |part: &str| text(part)?.parse::<f64>().ok().map(|count| count.max(0.0) as u64);
        Self {
            limit: count("limit"),
            remaining: count("remaining"),
            reset: text("reset").and_then(duration),
        }
    }
}

/// Reads `1h2m3.5s`, `6m0s`, `20ms`, or a number of seconds.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, unit) = rest.split_at_checked(end)?;
        let length = unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at_checked(length)?;
        seconds += number.parse::<f64>().ok()? * unit_in_seconds(unit)?;
        rest = after;
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|_| !text.is_empty())
}

fn unit_in_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "d" => 86_400.0,
        "h" => 3600.0,
        "m" => 60.0,
        "s" | "" => 1.0,
        "ms" => 0.001,
        "us" | "µs" => 0.000_001,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("6m0s", Some(360.0)),
            ("1h2m3.5s", Some(3723.5)),
            ("20ms", Some(0.02)),
            ("12", Some(12.0)),
            ("0.25", Some(0.25)),
            ("", None),
            ("soon", None),
            ("1x", None),
            ("1.2.3s", None),
            ("-1s", None),
        ] {
            assert_eq!(duration(text).map(|time| time.as_secs_f64()), expected, "{text:?}");
        }
    }

    #[test]
    fn headers_are_read() {
        let headers = [
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let limits = RateLimits::read(&HeaderMap::from_iter(headers));
        assert_eq!(limits.requests, RateLimit { limit: Some(60), ..RateLimit::default() });
        assert_eq!((limits.tokens.limit, limits.tokens.remaining), (None, Some(149_984)));
        assert_eq!(limits.tokens.reset, Some(Duration::from_secs(360)));
    }
}
