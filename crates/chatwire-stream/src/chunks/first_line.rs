//! Decides whether a body is an event stream: by its first line, and by the content type if the line does not
//! decide. [`super`] decodes the event stream.

use chatwire_types::BYTE_ORDER_MARK;

use crate::outcome::{KEPT, NotEventStream};

/// The state of a body before its first event.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstLine {
    status: Option<u16>,
    content_type: Option<Box<str>>,
    /// The first bytes of the body, without blanks that did not fit. `start.len() <= KEPT`
    start: Vec<u8>,
    /// The number of bytes of `start` that are a byte order mark and blanks. `blank <= start.len()`
    blank: u16,
    verdict: Verdict,
    /// The whole body so far, if it is JSON and may be an answer.
    answer: PossibleAnswer,
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
    /// There are too few bytes to decide.
    #[default]
    Undecided,
    /// The standard ignores the first line, so an event may still come.
    Ignored,
    EventStream,
    OtherBody,
}

impl FirstLine {
    pub(crate) fn response(&mut self, status: u16, content_type: Option<&str>) {
        self.status = Some(status);
        self.content_type = content_type.map(Into::into);
        if self.verdict == Verdict::Ignored {
            // The content type may decide.
            self.verdict = Verdict::Undecided;
        }
    }

    /// Whether the body is known not to be an event stream.
    pub(crate) fn is_other_body(&self) -> bool {
        self.verdict == Verdict::OtherBody
    }

    /// Examines the next bytes. Returns true if they must not be decoded as events.
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
                return self.verdict == Verdict::OtherBody;
            }
        }
    }

    /// Drops blanks, if there is nothing else in the start. Gateways send any number of them to keep a
    /// connection open. The last blank stays, because a space before a field changes its meaning.
    fn drop_blanks(&mut self) -> bool {
        let is_blank = usize::from(self.blank) == self.start.len();
        if is_blank {
            self.start.drain(..self.start.len().saturating_sub(1));
            self.blank = self.start.len() as u16;
        }
        is_blank
    }

    /// Appends bytes. The capacity doubles as in a vector, but never exceeds [`KEPT`].
    fn keep(&mut self, bytes: &[u8]) {
        let needed = self.start.len() + bytes.len();
        if needed > self.start.capacity() {
            let capacity = needed.max(2 * self.start.len()).min(KEPT);
            self.start.reserve_exact(capacity - self.start.len());
        }
        self.start.extend_from_slice(bytes);
    }

    /// Keeps the next bytes of a body that is not an event stream, if the body may be an answer.
    pub(crate) fn keep_json(&mut self, bytes: &[u8], limit: usize) {
        let text = self.start.get(self.blank.into()..).unwrap_or_default();
        if !text.starts_with(b"{") || self.has_failed() {
            return;
        }
        let mut body = match std::mem::replace(&mut self.answer, PossibleAnswer::TooLarge) {
            PossibleAnswer::Nothing => Vec::new(),
            PossibleAnswer::Body(body) => body,
            PossibleAnswer::TooLarge => return,
        };
        if bytes.len() <= limit.saturating_sub(body.len()) {
            body.extend_from_slice(bytes);
            self.answer = PossibleAnswer::Body(body);
        }
    }

    /// Takes the whole body, if it may be an answer.
    pub(crate) fn take_json(&mut self) -> Option<Vec<u8>> {
        match std::mem::take(&mut self.answer) {
            PossibleAnswer::Body(body) => Some(body),
            _ => None,
        }
    }

    /// The error for a body that is not an event stream and cannot be an answer, once [`KEPT`] bytes are here.
    pub(crate) fn rejected(&self) -> Option<NotEventStream> {
        let may_be_answer = matches!(self.answer, PossibleAnswer::Body(_));
        (self.is_other_body() && self.start.len() >= KEPT && !may_be_answer)
            .then(|| self.describe())
    }

    /// The error for a body that ended without an event. If the connection broke, a body that may still
    /// become an event stream is not rejected, unless the status reports a failure.
    pub(crate) fn rejected_at_end(&self, is_broken: bool) -> Option<NotEventStream> {
        let has_failed = self.has_failed();
        let is_other_body = if is_broken {
            self.is_other_body() || (has_failed && !self.start.is_empty())
        } else {
            !self.may_be_stream() || has_failed
        };
        is_other_body.then(|| self.describe())
    }

    fn may_be_stream(&self) -> bool {
        let is_blank = self.start.iter().all(u8::is_ascii_whitespace);
        self.verdict == Verdict::EventStream
            || (is_blank && !self.has_other_label() && self.status != Some(204))
    }

    /// Whether the status reports a failure.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.is_some_and(|status| !matches!(status, 200..=299))
    }

    fn judge(&mut self) {
        if self.start.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&self.start) {
            return;
        }
        self.skip_blanks();
        let (blank, text) = self.start.split_at_checked(self.blank.into()).unwrap_or_default();
        // The standard ignores a line with a space before its field name.
        let indent = blank.strip_prefix(BYTE_ORDER_MARK).unwrap_or(blank).last();
        let is_indented = indent.is_some_and(|byte| !matches!(byte, b'\r' | b'\n'));
        self.verdict = match text.first() {
            None => Verdict::Undecided,
            Some(b'{' | b'[' | b'<') => Verdict::OtherBody,
            Some(_) => match is_field(text) {
                None => Verdict::Undecided,
                Some(true) if !is_indented => Verdict::EventStream,
                Some(_) if self.has_other_label() => Verdict::OtherBody,
                Some(_) => Verdict::Ignored,
            },
        };
    }

    /// Continues after the known blanks, so that many small reads take linear time.
    fn skip_blanks(&mut self) {
        if self.blank == 0 && self.start.starts_with(BYTE_ORDER_MARK) {
            self.blank = BYTE_ORDER_MARK.len() as u16;
        }
        let rest = self.start.get(self.blank.into()..).unwrap_or_default();
        // The sum fits, because it is at most `KEPT`.
        self.blank += (rest.len() - rest.trim_ascii_start().len()) as u16;
    }

    /// Whether the content type is JSON or HTML. Other types prove nothing, because some servers label event
    /// streams as `text/plain`.
    fn has_other_label(&self) -> bool {
        let label = self.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        label.contains("json") || label.contains("html")
    }

    pub(crate) fn describe(&self) -> NotEventStream {
        NotEventStream {
            status: self.status,
            content_type: self.content_type.as_deref().map(str::to_owned),
            body: self.start.clone(),
        }
    }
}

/// Whether a line is a field of the format or a comment. Returns `None` if that is not known yet.
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
        check(None, "{\"id\":1}", Verdict::OtherBody);
        check(Some("text/event-stream"), "\r\n {\"id\":1}", Verdict::OtherBody);
        check(None, "<html>", Verdict::OtherBody);
        check(Some("text/plain"), "data: {}", Verdict::EventStream);
        check(Some("application/json"), "\n\ndata: {}", Verdict::EventStream);
        check(None, ": processing", Verdict::EventStream);
        check(None, "\u{FEFF}id\n", Verdict::EventStream);
    }

    #[test]
    fn the_content_type_decides_if_the_line_does_not() {
        check(Some("text/plain"), "upstream is down", Verdict::Ignored);
        check(Some("text/html; charset=utf-8"), "upstream is down", Verdict::OtherBody);
        check(None, "dat", Verdict::Undecided);
    }

    #[test]
    fn a_field_begins_its_line() {
        check(Some("text/plain"), " data: {}", Verdict::Ignored);
        check(Some("application/json"), "\n\t: x", Verdict::OtherBody);
        check(None, " \n\r\ndata: {}", Verdict::EventStream);
    }

    #[test]
    fn any_number_of_blanks_is_skipped() {
        for blank in ["\n", " \r\n", " "] {
            let blanks = blank.repeat(3 * KEPT + 5);
            check(None, &format!("{blanks}{{\"id\":1}}"), Verdict::OtherBody);
            check(Some("application/json"), &format!("\u{FEFF}{blanks}<html>"), Verdict::OtherBody);
            check(None, &format!("{blanks}\ndata: {{}}"), Verdict::EventStream);
            check(None, &format!("{blanks}\n data: {{}}"), Verdict::Ignored);
        }
    }

    /// All bodies of up to `pieces` of these pieces.
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
    fn the_size_of_reads_does_not_matter() {
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
    fn the_capacity_stays_within_a_kilobyte() {
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
