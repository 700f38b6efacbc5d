//! Helpers of the tests: runs a decoder over the pieces of a body, and implements the standard's algorithm
//! literally to compare with. The tests are in the files beside this folder.
#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};

use chatwire_sse::Decoder;
use proptest::sample::Index;

/// Reports that a test was skipped. It writes to the stream directly, because the test runner captures what a
/// passing test prints.
pub(crate) fn skip(path: &Path) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: {} not found", path.display()).expect("standard error is open");
}

/// The path of a file or folder that may lie beside the checkout.
pub(crate) fn shared(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name)
}

/// Cuts a body in these places.
pub(crate) fn cut<'a>(body: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places.windows(2).map(|place| &body[place[0]..place[1]]).collect()
}

/// An event as the vectors write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) event: String,
    pub(crate) data: String,
    pub(crate) id: String,
    pub(crate) retry: Option<u64>,
}

/// The events of a stream and the state after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Seen>,
    pub(crate) last_event_id: String,
    pub(crate) retry: Option<u64>,
}

/// Runs the decoder over the pieces. With `flush`, an event without a blank line after it counts too.
pub(crate) fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, flush: bool) -> Outcome {
    let pieces: Vec<&[u8]> = pieces.into_iter().collect();
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in &pieces {
        let mut input = *piece;
        while let Some(event) = decoder.next(&mut input).expect("under the bound") {
            events.push(seen(event));
        }
        assert!(input.is_empty(), "no event, so the input must be used up");
    }
    if flush {
        events.extend(decoder.finish().expect("under the bound").map(seen));
    }
    #[cfg(feature = "bytes")]
    assert_eq!(with_kept_events(&pieces, flush), events, "events to keep are the same");
    let last_event_id = String::from_utf8_lossy(decoder.last_event_id()).into_owned();
    Outcome { events, last_event_id, retry: decoder.retry() }
}

/// Does the same with [`Decoder::next_bytes`].
#[cfg(feature = "bytes")]
fn with_kept_events(pieces: &[&[u8]], flush: bool) -> Vec<Seen> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        let mut input = bytes::Bytes::copy_from_slice(piece);
        while let Some(event) = decoder.next_bytes(&mut input).expect("under the bound") {
            let name = if event.name().is_empty() { &b"message"[..] } else { event.name() };
            events.push(Seen {
                event: String::from_utf8_lossy(name).into_owned(),
                data: String::from_utf8_lossy(event.data()).into_owned(),
                id: String::from_utf8_lossy(decoder.last_event_id()).into_owned(),
                retry: event.retry(),
            });
        }
        assert!(input.is_empty(), "no event, so the input must be used up");
    }
    if flush {
        events.extend(decoder.finish().expect("under the bound").map(seen));
    }
    events
}

fn seen(event: chatwire_sse::Event<'_>) -> Seen {
    Seen {
        event: event.event_type().into_owned(),
        data: event.data_lossy().into_owned(),
        id: event.id_lossy().into_owned(),
        retry: event.retry,
    }
}

/// Interprets a whole body step by step, as the WHATWG HTML standard describes it.
pub(crate) fn literal(body: &[u8], flush: bool) -> Outcome {
    let text = String::from_utf8_lossy(body).into_owned();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut state = Literal::default();
    let mut rest = text;
    while let Some(end) = rest.find(['\r', '\n']) {
        state.line(&rest[..end]);
        let line_end = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + line_end..];
    }
    if flush {
        if !rest.is_empty() {
            state.line(rest);
        }
        state.line("");
    }
    state.outcome
}

#[derive(Default)]
struct Literal {
    outcome: Outcome,
    data: String,
    event_type: String,
    last_event_id: String,
    new_retry: Option<u64>,
}

impl Literal {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            self.dispatch();
        } else if line.starts_with(':') {
        } else if let Some((field, value)) = line.split_once(':') {
            self.field(field, value.strip_prefix(' ').unwrap_or(value));
        } else {
            self.field(line, "");
        }
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "event" => self.event_type = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.last_event_id = value.to_owned(),
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                if let Ok(retry) = value.parse() {
                    self.outcome.retry = Some(retry);
                    self.new_retry = Some(retry);
                }
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        self.outcome.last_event_id = self.last_event_id.clone();
        let data = std::mem::take(&mut self.data);
        let event_type = std::mem::take(&mut self.event_type);
        let Some(data) = data.strip_suffix('\n') else { return };
        self.outcome.events.push(Seen {
            event: if event_type.is_empty() { "message".to_owned() } else { event_type },
            data: data.to_owned(),
            id: self.last_event_id.clone(),
            retry: self.new_retry.take(),
        });
    }
}
