//! Cuts the text of an event stream into its events, without reading them.
//! [`events`](crate::events) sends them.

use bytes::Bytes;

/// Cuts a stream behind each empty line.
pub(crate) fn events(mut bytes: Bytes) -> Vec<Bytes> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let event = bytes.split_to(event_length(&bytes));
        events.push(event);
    }
    events
}

/// The length of the first event with the empty line behind it, or of all bytes.
fn event_length(bytes: &[u8]) -> usize {
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
    for end in ends {
        let rest = bytes.get(end..).unwrap_or_default();
        for empty_line in [b"\r\n\r\n".as_slice(), b"\n\n", b"\r\r"] {
            if rest.starts_with(empty_line) {
                return end + empty_line.len();
            }
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_cut_into_events() {
        let check = |text: &'static str, expected: &[&str]| {
            assert_eq!(events(Bytes::from(text)), expected, "{text:?}");
        };
        check("", &[]);
        check("data: a\n\ndata: b\n\n", &["data: a\n\n", "data: b\n\n"]);
        check("data: a\r\n\r\ndata: b", &["data: a\r\n\r\n", "data: b"]);
        check("data: a\r\rdata: b\n", &["data: a\r\r", "data: b\n"]);
    }
}
