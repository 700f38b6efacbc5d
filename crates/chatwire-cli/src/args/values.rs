//! Parses arguments of several parts, such as `NAME=VALUE`. The types of the arguments are in the file of
//! each command.

use std::time::Duration;

use serde_json::Value;

/// A limit of the client, under the name that the client's errors use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    Time(TimeLimit, Option<Duration>),
    Count(CountLimit, Option<u64>),
}

/// A limit in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeLimit {
    Connect,
    FirstByte,
    Idle,
    Chunk,
    End,
    Total,
    ErrorBody,
}

/// A limit in bytes, or on a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountLimit {
    BodySize,
    EventSize,
    AnswerSize,
    Objects,
    Retries,
}

const TIME_LIMITS: [(&str, TimeLimit); 7] = [
    ("connect_timeout", TimeLimit::Connect),
    ("first_byte_timeout", TimeLimit::FirstByte),
    ("idle_timeout", TimeLimit::Idle),
    ("chunk_timeout", TimeLimit::Chunk),
    ("end_timeout", TimeLimit::End),
    ("total_timeout", TimeLimit::Total),
    ("error_body_timeout", TimeLimit::ErrorBody),
];

const COUNT_LIMITS: [(&str, CountLimit); 5] = [
    ("max_body_size", CountLimit::BodySize),
    ("max_event_size", CountLimit::EventSize),
    ("max_answer_size", CountLimit::AnswerSize),
    ("max_objects", CountLimit::Objects),
    ("max_retries", CountLimit::Retries),
];

/// The names that [`limit`] takes.
pub(crate) fn limit_names() -> impl Iterator<Item = &'static str> {
    let times = TIME_LIMITS.iter().map(|(name, _)| *name);
    times.chain(COUNT_LIMITS.iter().map(|(name, _)| *name))
}

/// `idle_timeout=600`
pub(super) fn limit(text: &str) -> Result<Limit, String> {
    let (name, value) = pair(text)?;
    if let Some((_, time)) = TIME_LIMITS.iter().find(|(known, _)| *known == name) {
        return Ok(Limit::Time(*time, or_none(&value, seconds)?));
    }
    if let Some((_, count)) = COUNT_LIMITS.iter().find(|(known, _)| *known == name) {
        return Ok(Limit::Count(*count, or_none(&value, whole_number)?));
    }
    let names: Vec<&str> = limit_names().collect();
    Err(format!("there is no limit `{name}`; the limits are {}", names.join(", ")))
}

fn or_none<T>(value: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if value == "none" { Ok(None) } else { parse(value).map(Some) }
}

fn seconds(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| {
        format!("`{value}` is not a number of seconds, such as 600 or 0.5, or `none`")
    })
}

fn whole_number(value: &str) -> Result<u64, String> {
    value.parse().map_err(|_| format!("`{value}` is not a whole number, such as 1000, or `none`"))
}

/// `NAME=VALUE`
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    split(text, '=').ok_or_else(|| "write NAME=VALUE".to_owned())
}

/// `NAME: VALUE`
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    split(text, ':').ok_or_else(|| "write NAME: VALUE, such as `x-team: blue`".to_owned())
}

fn split(text: &str, separator: char) -> Option<(String, String)> {
    let (name, value) = text.split_once(separator)?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

/// `KEY=JSON`
pub(super) fn extra(text: &str) -> Result<(String, Value), String> {
    let (key, json) = pair(text).map_err(|_| "write KEY=JSON, such as `top_p=0.9`".to_owned())?;
    match serde_json::from_str(&json) {
        Ok(value) => Ok((key, value)),
        Err(error) => Err(format!(
            "`{json}` is not JSON: {error}; a text needs quotes: '{key}={}'",
            Value::String(json.clone())
        )),
    }
}

/// A text with more than white space.
pub(super) fn not_blank(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty; write a name, or leave the option out".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// A number that JSON can express.
pub(super) fn number(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "write a number, such as 0.7".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let ten = Some(Duration::from_secs(10));
        assert_eq!(limit("idle_timeout=10"), Ok(Limit::Time(TimeLimit::Idle, ten)));
        assert_eq!(limit("max_objects = none"), Ok(Limit::Count(CountLimit::Objects, None)));
        for bad in ["idle_timeout", "idle_timeout=", "idle_timeout=-1", "max_objects=1.5", "x=1"] {
            assert!(limit(bad).is_err(), "{bad}");
        }
        for name in limit_names() {
            assert!(limit(&format!("{name}=7")).is_ok(), "{name}");
        }
    }

    #[test]
    fn parts() {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        assert_eq!(pair("a=b=c"), Ok(owned(("a", "b=c"))));
        assert_eq!(header("x-a:  b: c"), Ok(owned(("x-a", "b: c"))));
        assert_eq!(extra(r#"stop=["a"]"#), Ok(("stop".to_owned(), serde_json::json!(["a"]))));
        assert!(extra("user=bob").unwrap_err().contains(r#"'user="bob"'"#));
        for bad in ["", "=x", "x"] {
            assert!(pair(bad).is_err() && header(bad).is_err() && extra(bad).is_err(), "{bad}");
        }
        for bad in ["", "inf", "NaN", "x"] {
            assert!(number(bad).is_err(), "{bad}");
        }
        assert!(not_blank(" ").is_err());
    }
}
