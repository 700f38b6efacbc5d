//! Reads what the bodies of a recording do not say: the address, the status, the headers and the times.
//! `record` writes it, and [`names`](super::names) has the endings of the files.

use std::time::Duration;

use serde_json::Value;

/// What is known of a recording beside its bodies.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details {
    pub(crate) method: Option<String>,
    /// The path and the query.
    pub(crate) target: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    /// The answer broke off after the bytes of its file.
    pub(crate) is_cut: bool,
    /// Empty if the times are not known.
    pub(crate) pieces: Vec<Piece>,
}

/// Bytes of the answer that arrived together. The first piece has no bytes, and is the head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    /// The time since the piece before it, or since the request was sent.
    pub(crate) pause: Duration,
    pub(crate) bytes: u64,
}

impl Details {
    /// Reads the file that `record` writes. Values of a wrong type are as good as absent.
    pub(crate) fn read(text: &[u8]) -> serde_json::Result<Self> {
        let json: Value = serde_json::from_slice(text)?;
        let text = |key| json.get(key).and_then(Value::as_str).map(str::to_owned);
        let list = |key| json.get(key).and_then(Value::as_array).into_iter().flatten();
        let status = json.get("status").and_then(Value::as_u64);
        Ok(Self {
            method: text("method"),
            target: text("target"),
            status: status.and_then(|status| u16::try_from(status).ok()),
            headers: list("headers").filter_map(header).collect(),
            is_cut: json.get("cut") == Some(&Value::Bool(true)),
            pieces: list("pieces").filter_map(Piece::read).collect(),
        })
    }

    /// Reads a status line and headers, as `curl --dump-header` writes them. Of several heads, such as
    /// those of redirects, the last counts.
    pub(crate) fn read_head(text: &str) -> Self {
        let mut details = Self::default();
        for line in text.lines() {
            if line.starts_with("HTTP/") {
                details.headers.clear();
                details.status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
            } else if let Some((name, value)) = line.split_once(':') {
                details.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        details
    }
}

fn header(pair: &Value) -> Option<(String, String)> {
    let text = |place: usize| pair.get(place).and_then(Value::as_str).map(str::to_owned);
    Some((text(0)?, text(1)?))
}

impl Piece {
    /// Reads `[milliseconds, bytes]`.
    fn read(pair: &Value) -> Option<Self> {
        let pause = pair.get(0)?.as_f64()? / 1000.0;
        let pause = Duration::try_from_secs_f64(pause).ok()?;
        Some(Self { pause, bytes: pair.get(1)?.as_u64()? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn odd_details_are_read_as_far_as_they_go() {
        let text =
            json!({"status": -1, "headers": [1, ["a"], ["b", "c"]], "pieces": [[-1, 2], [1, 2]]});
        let details = Details::read(text.to_string().as_bytes()).unwrap();
        assert_eq!(details.status, None);
        assert_eq!(details.headers, [("b".to_owned(), "c".to_owned())]);
        assert_eq!(details.pieces.len(), 1);
        assert!(Details::read(b"{").is_err());
    }

    #[test]
    fn heads() {
        let text = "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\nHTTP/2 429\r\nRetry-After: 1\r\n\r\n";
        let details = Details::read_head(text);
        assert_eq!(details.status, Some(429));
        assert_eq!(details.headers, [("retry-after".to_owned(), "1".to_owned())]);
    }
}
