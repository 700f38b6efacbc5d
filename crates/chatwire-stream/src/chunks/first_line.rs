//! Decides whether a body is an event stream, from its first line, and from the content type where the line
//! leaves it open. [`super`] decodes the event stream.

use chatwire_types::BYTE_ORDER_MARK;

use crate::outcome::{KEPT, NotEventStream};

/// Watches a body until its first event.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstLine {
    status: Option<u16>,
    content_type: Option<Box<str>>,
    /// The beginning of the body, until the first event.
    start: Vec<u8>,
    /// How many bytes of the start are known to be its byte order mark and blanks.
    blank: u16,
    verdict: Verdict,
    /// The whole body so far, if it is JSON: it may be an answer.
    json: PossibleAnswer,
}

#[derive(Clone, Debug, Default)]
enum PossibleAnswer {
    #[default]
    Nothing,
    Body(Vec<u8>),
    TooLarge,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verdict {
    /// Not enough bytes.
    #[default]
    Undecided,
    /// A line that the standard ignores: an event may still come.
    Ignored,
    EventStream,
    NotEvents,
}

impl FirstLine {
    pub(crate) fn response(&mut self, status: u16, content_type: Option<&str>) {
        self.status = Some(status);
        self.content_type = content_type.map(Into::into);
        if self.verdict == Verdict::Ignored {
            // The label may say more than the line.
            self.verdict = Verdict::Undecided;
        }
    }

    /// Whether the body is known to be something else.
    pub(crate) fn is_not_events(&self) -> bool {
        self.verdict == Verdict::NotEvents
    }

    /// Looks at bytes that the decoder has not seen; true when they must not be decoded.
    pub(crate) fn look(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        loop {
            let room = KEPT.saturating_sub(self.start.len());
            let (kept, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.keep(kept);
            if self.verdict == Verdict::Undecided {
                self.judge();
            }
            rest = later;
            if rest.is_empty() || !self.drop_blanks() {
                return self.verdict == Verdict::NotEvents;
            }
        }
    }

    /// Makes room for what comes after more blanks than are kept, which gateways send to keep a
    /// connection open; false when something else stands here. The last one says how a line begins.
    fn drop_blanks(&mut self) -> bool {
        let is_blank = usize::from(self.blank) == self.start.len();
        if is_blank {
            self.start.drain(..self.start.len().saturating_sub(1));
            self.blank = self.start.len() as u16;
        }
        is_blank
    }

    /// Grows as a vector does, but never beyond what is kept.
    fn keep(&mut self, bytes: &[u8]) {
        let needed = self.start.len() + bytes.len();
        if needed > self.start.capacity() {
            let capacity = needed.max(2 * self.start.len()).min(KEPT);
            self.start.reserve_exact(capacity - self.start.len());
        }
        self.start.extend_from_slice(bytes);
    }

    /// Keeps the next bytes of a body that is not an event stream, if it may be an answer.
    pub(crate) fn keep_json(&mut self, bytes: &[u8], limit: usize) {
        let text = self.start.get(self.blank.into()..).unwrap_or_default();
        if !text.starts_with(b"{") || self.has_failed() {
            return;
        }
        let mut body = match std::mem::replace(&mut self.json, PossibleAnswer::TooLarge) {
            PossibleAnswer::Nothing => Vec::new(),
            PossibleAnswer::Body(body) => body,
            PossibleAnswer::TooLarge => return,
        };
        if bytes.len() <= limit.saturating_sub(body.len()) {
            body.extend_from_slice(bytes);
            self.json = PossibleAnswer::Body(body);
        }
    }

    /// The whole body, if it may be an answer.
    pub(crate) fn take_json(&mut self) -> Option<Vec<u8>> {
        match std::mem::take(&mut self.json) {
            PossibleAnswer::Body(body) => Some(body),
            _ => None,
        }
    }

    /// What the body is instead, once as much of it is here as is kept, and it cannot be an answer.
    pub(crate) fn rejected(&self) -> Option<NotEventStream> {
        let may_be_answer = matches!(self.json, PossibleAnswer::Body(_));
        (self.is_not_events() && self.start.len() >= KEPT && !may_be_answer)
            .then(|| self.describe())
    }

    /// What the body was instead, when it ended without an event. When it broke off, a beginning that may
    /// be an event's counts for the stream, unless the status says otherwise.
    pub(crate) fn rejected_at_end(&self, is_broken: bool) -> Option<NotEventStream> {
        let has_failed = self.has_failed();
        let is_not_events = if is_broken {
            self.is_not_events() || (has_failed && !self.start.is_empty())
        } else {
            !self.may_be_stream() || has_failed
        };
        is_not_events.then(|| self.describe())
    }

    fn may_be_stream(&self) -> bool {
        let said_nothing = self.start.iter().all(u8::is_ascii_whitespace);
        self.verdict == Verdict::EventStream
            || (said_nothing && !self.labelled_otherwise() && self.status != Some(204))
    }

    /// Whether the status says that there is no answer.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.is_some_and(|status| !matches!(status, 200..=299))
    }

    fn judge(&mut self) {
        if self.start.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&self.start) {
            return;
        }
        self.skip_blanks();
        let (blank, text) = self.start.split_at_checked(self.blank.into()).unwrap_or_default();
        // Space before a field makes another field of it, which is ignored.
        let indent = blank.strip_prefix(BYTE_ORDER_MARK).unwrap_or(blank).last();
        let is_indented = indent.is_some_and(|byte| !matches!(byte, b'\r' | b'\n'));
        self.verdict = match text.first() {
            None => Verdict::Undecided,
            Some(b'{' | b'[' | b'<') => Verdict::NotEvents,
            Some(_) => match is_field(text) {
                None => Verdict::Undecided,
                Some(true) if !is_indented => Verdict::EventStream,
                Some(_) if self.labelled_otherwise() => Verdict::NotEvents,
                Some(_) => Verdict::Ignored,
            },
        };
    }

    /// Goes on from the blanks that are known, so that small reads take no more than linear time.
    fn skip_blanks(&mut self) {
        if self.blank == 0 && self.start.starts_with(BYTE_ORDER_MARK) {
            self.blank = BYTE_ORDER_MARK.len() as u16;
        }
        let rest = self.start.get(self.blank.into()..).unwrap_or_default();
        // All of the start is no more than `KEPT`.
        self.blank += (rest.len() - rest.trim_ascii_start().len()) as u16;
    }

    /// JSON and HTML are labelled on purpose; `text/plain` is what careless servers say.
    fn labelled_otherwise(&self) -> bool {
        let label = self.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        label.contains("json") || label.contains("html")
    }

    fn describe(&self) -> NotEventStream {
        NotEventStream {
            status: self.status,
            content_type: self.content_type.as_deref().map(str::to_owned),
            body: self.start.clone(),
        }
    }
}

/// Whether a line starts with a field of the format or is a comment; `None` while it may become one.
fn is_field(line: &[u8]) -> Option<bool> {
    let end = line.iter().position(|byte| matches!(byte, b':' | b'\r' | b'\n'));
    let known: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b""];
    match end {
        Some(end) => Some(line.get(..end).is_some_and(|name| known.contains(&name))),
        None if known.iter().any(|name| name.starts_with(line)) => None,
        None => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content_type: Option<&str>, body: &str, expected: Verdict) {
        for size in [1, 2, body.len()] {
            let mut first_line = FirstLine::default();
            first_line.response(200, content_type);
            for piece in body.as_bytes().chunks(size) {
                first_line.look(piece);
            }
            assert_eq!(first_line.verdict, expected, "{content_type:?} {body:?} by {size}");
        }
    }

    #[test]
    fn the_first_line_decides() {
        check(None, "{\"id\":1}", Verdict::NotEvents);
        check(Some("text/event-stream"), "\r\n {\"id\":1}", Verdict::NotEvents);
        check(None, "<html>", Verdict::NotEvents);
        check(Some("text/plain"), "data: {}", Verdict::EventStream);
        check(Some("application/json"), "\n\ndata: {}", Verdict::EventStream);
        check(None, ": processing", Verdict::EventStream);
        check(None, "\u{FEFF}id\n", Verdict::EventStream);
    }

    #[test]
    fn the_label_decides_where_the_line_does_not() {
        check(Some("text/plain"), "upstream is down", Verdict::Ignored);
        check(Some("text/html; charset=utf-8"), "upstream is down", Verdict::NotEvents);
        check(None, "dat", Verdict::Undecided);
    }

    #[test]
    fn a_field_begins_its_line() {
        check(Some("text/plain"), " data: {}", Verdict::Ignored);
        check(Some("application/json"), "\n\t: x", Verdict::NotEvents);
        check(None, " \n\r\ndata: {}", Verdict::EventStream);
    }

    #[test]
    fn more_blanks_than_are_kept_decide_nothing() {
        for blank in ["\n", " \r\n", " "] {
            let blanks = blank.repeat(3 * KEPT + 5);
            check(None, &format!("{blanks}{{\"id\":1}}"), Verdict::NotEvents);
            check(Some("application/json"), &format!("\u{FEFF}{blanks}<html>"), Verdict::NotEvents);
            check(None, &format!("{blanks}\ndata: {{}}"), Verdict::EventStream);
            check(None, &format!("{blanks}\n data: {{}}"), Verdict::Ignored);
        }
    }

    /// All bodies of up to so many of these pieces.
    fn bodies(pieces: usize) -> Vec<Vec<u8>> {
        let mut all = vec![Vec::new()];
        let mut longest = 0..1;
        for _ in 0..pieces {
            let start = all.len();
            for before in longest.clone() {
                for piece in
                    [&b" "[..], b"\t", b"\r", b"\n", b":", b"{", b"id", b"x", b"\xEF", b"\xBB\xBF"]
                {
                    all.push([&all[before], piece].concat());
                }
            }
            longest = start..all.len();
        }
        all
    }

    fn judged(label: Option<&str>, body: &[u8], size: usize) -> (Verdict, Vec<u8>) {
        let mut first_line = FirstLine::default();
        first_line.response(200, label);
        body.chunks(size).for_each(|piece| {
            first_line.look(piece);
        });
        (first_line.verdict, first_line.start)
    }

    #[test]
    fn the_size_of_reads_decides_nothing() {
        let labels = [None, Some("application/json")];
        let long = bodies(2).into_iter().map(|end| [vec![b'\n'; KEPT - 2], end].concat());
        for body in bodies(4).into_iter().chain(long) {
            for label in labels {
                let whole = judged(label, &body, body.len().max(1));
                for size in 1..4 {
                    assert_eq!(judged(label, &body, size), whole, "{body:?} by {size}");
                }
            }
        }
    }

    #[test]
    fn a_kilobyte_is_kept() {
        let mut first_line = FirstLine::default();
        assert!(first_line.look(b"{"));
        assert_eq!(first_line.rejected(), None);
        assert!(first_line.look(&[b'x'; 5000]));
        assert_eq!(first_line.rejected().unwrap().body.len(), KEPT);
    }

    #[test]
    fn no_more_room_is_taken_than_that() {
        for size in [1, 3, 700, 5000] {
            let mut first_line = FirstLine::default();
            for piece in [b':'; 5000].chunks(size) {
                assert!(!first_line.look(piece));
                assert!(first_line.start.capacity() <= KEPT, "by {size}");
            }
            assert_eq!(first_line.start.len(), KEPT);
        }
    }
}
