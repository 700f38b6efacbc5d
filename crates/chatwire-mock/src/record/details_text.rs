//! Writes the details of a recording as they become known, because the list of pieces can be long.
//! [`Details`](crate::recording::Details) reads them.

use std::io::{self, Write};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::recording::{Secrets, is_secret_header};

/// Writes one JSON object, piece by piece.
#[derive(Debug)]
pub(super) struct DetailsText<W> {
    out: W,
    /// The last piece, which more bytes may join.
    last: Option<(Duration, usize)>,
    has_pieces: bool,
}

impl<W: Write> DetailsText<W> {
    /// Writes what is known when the head of the answer comes. `target` has no secrets.
    pub(super) fn begin(
        mut out: W,
        method: &str,
        target: &str,
        status: StatusCode,
        headers: &HeaderMap,
        secrets: &Secrets,
    ) -> io::Result<Self> {
        let (method, target) = (json!(method), json!(target));
        writeln!(out, "{{\n  \"method\": {method},\n  \"target\": {target},")?;
        writeln!(out, "  \"status\": {},\n  \"headers\": [", status.as_u16())?;
        let headers = shown(headers, secrets);
        for (place, header) in headers.iter().enumerate() {
            let comma = if place + 1 < headers.len() { "," } else { "" };
            writeln!(out, "    {header}{comma}")?;
        }
        write!(out, "  ],\n  \"pieces\": [")?;
        Ok(Self { out, last: None, has_pieces: false })
    }

    /// Adds bytes that came this long after those before them.
    pub(super) fn piece(&mut self, pause: Duration, bytes: usize) -> io::Result<()> {
        match &mut self.last {
            // Bytes that came together are passed on in pieces of one buffer.
            Some((_, length)) if *length > 0 && pause < TOGETHER => *length += bytes,
            _ => {
                self.write_last()?;
                self.last = Some((pause, bytes));
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self, is_cut: bool) -> io::Result<()> {
        self.write_last()?;
        let cut = if is_cut { ",\n  \"cut\": true" } else { "" };
        writeln!(self.out, "\n  ]{cut}\n}}")?;
        self.out.flush()
    }

    fn write_last(&mut self) -> io::Result<()> {
        let Some((pause, bytes)) = self.last.take() else { return Ok(()) };
        let comma = if self.has_pieces { "," } else { "" };
        self.has_pieces = true;
        write!(self.out, "{comma}\n    [{:.3}, {bytes}]", pause.as_secs_f64() * 1000.0)
    }
}

/// Pieces with a shorter pause count as one.
const TOGETHER: Duration = Duration::from_micros(100);

/// The headers without those that are secrets, as pairs.
fn shown(headers: &HeaderMap, secrets: &Secrets) -> Vec<Value> {
    let open = headers.iter().filter(|(name, _)| !is_secret_header(name));
    let texts = open.filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
    texts.map(|(name, value)| json!([name.as_str(), secrets.mask_header(value)])).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::recording::{Details, Piece};

    #[test]
    fn what_is_written_can_be_read() {
        let check = |pieces: &[(f64, usize)], is_cut: bool, expected: &[(f64, u64)]| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static("text/\"x\""));
            headers.insert("set-cookie", HeaderValue::from_static("id=1"));
            headers.insert("location", HeaderValue::from_static("https://h/?sig=abc&a=1"));
            let mut out = Vec::new();
            let (status, secrets) = (StatusCode::IM_A_TEAPOT, Secrets::default());
            let mut text =
                DetailsText::begin(&mut out, "GET", "/v1/x?a=\"", status, &headers, &secrets)
                    .unwrap();
            for (pause, bytes) in pieces {
                text.piece(Duration::from_secs_f64(pause / 1000.0), *bytes).unwrap();
            }
            text.finish(is_cut).unwrap();
            let details = Details::read(&out).unwrap();
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let expected = Details {
                method: Some("GET".to_owned()),
                target: Some("/v1/x?a=\"".to_owned()),
                status: Some(418),
                headers: vec![
                    pair("content-type", "text/\"x\""),
                    pair("location", "https://h/?sig=[secret]&a=1"),
                ],
                is_cut,
                pieces: expected
                    .iter()
                    .map(|(pause, bytes)| Piece {
                        pause: Duration::from_secs_f64(pause / 1000.0),
                        bytes: *bytes,
                    })
                    .collect(),
            };
            assert_eq!(details, expected);
        };
        check(&[], false, &[]);
        check(&[(1.5, 0)], true, &[(1.5, 0)]);
        let pieces = [(9.0, 0), (0.0, 4), (0.01, 5), (2.0, 6), (0.25, 7)];
        check(&pieces, false, &[(9.0, 0), (0.0, 9), (2.0, 6), (0.25, 7)]);
    }
}
