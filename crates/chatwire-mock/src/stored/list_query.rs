//! Reads the query of a list: where a page starts, how long it is, and what is on it.
//! [`page`](super::page) makes the page.

use serde_json::{Value, json};

use crate::problem::Problem;
use crate::validate::validate_update;

/// The parameters of a list. The messages of a completion have no filters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(super) after: Option<String>,
    pub(super) limit: Option<usize>,
    pub(super) newest_first: bool,
    pub(super) model: Option<String>,
    pub(super) metadata: Vec<(String, String)>,
}

impl ListQuery {
    /// Reads the query of an address. Unknown parameters are ignored; of a repeated one, the last
    /// counts.
    pub(crate) fn read(query: &str) -> Result<Self, Problem> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "after" => read.after = Some(value),
                "limit" => read.limit = Some(limit(&value)?),
                "order" => read.newest_first = newest_first(&value)?,
                "model" => read.model = Some(value),
                name if name.starts_with("metadata") => {
                    let key = name.strip_prefix("metadata[").and_then(|key| key.strip_suffix(']'));
                    let key = key.filter(|key| !key.contains("]["));
                    read.metadata.push((key.ok_or_else(not_deep)?.to_owned(), value));
                }
                _ => {}
            }
        }
        let metadata: Value = read.metadata.iter().cloned().collect();
        // The bounds are those of the metadata that a completion can have.
        validate_update(&json!({"metadata": metadata}))?;
        Ok(read)
    }
}

fn limit(value: &str) -> Result<usize, Problem> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        let text = format!("`limit` must be an integer of at least 0, not '{value}'.");
        return Err(Problem::param("limit", "invalid_type", text));
    }
    // The document says that it is an integer of 64 bits.
    let limit: i64 = value.parse().map_err(|_| {
        let text = format!("`limit` must be at most {}, not {value}.", i64::MAX);
        Problem::param("limit", "integer_above_max_value", text)
    })?;
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

fn newest_first(value: &str) -> Result<bool, Problem> {
    match value {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => {
            let text = format!("`order` must be 'asc' or 'desc', not '{value}'.");
            Err(Problem::param("order", "invalid_value", text))
        }
    }
}

fn not_deep() -> Problem {
    let text = "`metadata` must be written as `metadata[KEY]=VALUE`, once for each pair.";
    Problem::param("metadata", "invalid_type", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let check = |query: &str, expected: ListQuery| {
            assert_eq!(ListQuery::read(query), Ok(expected), "{query}");
        };
        check("", ListQuery::default());
        check("include=x&=&a", ListQuery::default());
        let limit = |limit| ListQuery { limit: Some(limit), ..ListQuery::default() };
        check("limit=0", limit(0));
        check("limit=5&limit=7", limit(7));
        check("limit=9223372036854775807", limit(i64::MAX as usize));
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        check(
            "order=desc&model=a%2Fb&after=x&metadata[a]=b+c&metadata%5Bd%5D=%C3%A9",
            ListQuery {
                after: Some("x".to_owned()),
                newest_first: true,
                model: Some("a/b".to_owned()),
                metadata: vec![pair("a", "b c"), pair("d", "é")],
                ..ListQuery::default()
            },
        );
        let long = format!("metadata[a]={}", "é".repeat(513));
        let many: String = (0..17).map(|key| format!("metadata[{key}]=&")).collect();
        for wrong in [
            &long,
            &many,
            "limit=-1",
            "limit=9223372036854775808",
            "limit=",
            "limit=1.5",
            "order=up",
            "order=",
            "metadata=x",
            "metadata[a][b]=x",
        ] {
            assert!(ListQuery::read(wrong).is_err(), "{wrong}");
        }
    }
}
