//! Checks one recorded event stream: each chunk through its type and back, all of them through the
//! accumulator, and the lines that belong to no chunk. Single payloads go through
//! [`payload`](super::payload).

use chatwire::ChatCompletion;
use chatwire::stream::{Accumulator, ChunkDecoder, Done, StreamError, Undecodable};
use chatwire::types::strip_byte_order_mark;
use serde_json::value::RawValue;

use super::accumulation::Values;
use super::compare::brief;
use super::exact::Json;
use super::passed_over;
use super::payload::{self, compare_with, note_unknown};
use super::report::{End, FileReport, Kind, ProblemKind};

pub(super) fn check(bytes: &[u8], report: &mut FileReport) {
    if let Some(answer) = whole_answer(bytes) {
        payload::check(Kind::Response, false, answer, report);
        report.end = Some(End::new(NOT_EVENTS, &"").after(0, 0));
        return;
    }
    let mut checker = Checker {
        body: bytes,
        decoder: ChunkDecoder::new().keep_raw(true),
        accumulator: Accumulator::new(),
        values: Values::default(),
        chunks: 0,
        read: 0,
        lines: 0,
        api_error: Vec::new(),
        end: None,
    };
    checker.run(report);
    checker.passed_over(report);
    checker.conclude(report);
}

/// The JSON object that a server sent in place of a stream, with or without the marker of a stream.
fn whole_answer(body: &[u8]) -> Option<&[u8]> {
    let body = strip_byte_order_mark(body).trim_ascii_end();
    let body = body.strip_suffix(b"data: [DONE]").unwrap_or(body);
    let is_object = body.trim_ascii_start().starts_with(b"{") && is_json(body);
    is_object.then_some(body)
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(text).is_ok()
}

struct Checker<'a> {
    body: &'a [u8],
    decoder: ChunkDecoder,
    accumulator: Accumulator,
    /// What the chunks brought, to be found in the completion.
    values: Values,
    chunks: usize,
    /// How much of the body the earlier steps read. `read <= body.len()`.
    read: usize,
    /// How many lines ended in that.
    lines: usize,
    /// The error that the server reported, as it came. It may stand on a line that is not a field.
    api_error: Vec<u8>,
    /// How it ended, if not well.
    end: Option<End>,
}

impl Checker<'_> {
    fn run(&mut self, report: &mut FileReport) {
        let mut rest = self.body;
        while let Some(step) = self.decoder.next(&mut rest).map(|step| step.map(drop)) {
            let seen = self.body.len() - rest.len();
            self.step(step, seen, report);
        }
        while let Some(step) = self.decoder.finish().map(|step| step.map(drop)) {
            self.step(step, self.body.len(), report);
        }
    }

    /// `seen` is how much of the body was read for this step and the earlier ones.
    fn step(&mut self, step: Result<(), StreamError>, seen: usize, report: &mut FileReport) {
        match step {
            Ok(()) => self.chunk(report),
            // Some services send `null` for "nothing new", so nothing is lost with it.
            Err(error) if error.is_null() => {}
            Err(StreamError::Undecodable(event)) => self.undecodable(&event, seen, report),
            Err(error) => self.failed(&error, report),
        }
        self.lines += line_ends(self.body.get(self.read..seen).unwrap_or_default());
        self.read = seen;
    }

    fn chunk(&mut self, report: &mut FileReport) {
        let chunk = self.decoder.take();
        self.chunks += 1;
        let place = format!("chunk {}", self.chunks);
        match Json::parse(self.decoder.raw().as_bytes()) {
            Ok(before) => {
                if !chunk.is_heartbeat() {
                    self.values.add(self.chunks, &before);
                }
                report.within(&place, |report| compare_with(&before, &chunk, report));
            }
            Err(error) => report.problem(ProblemKind::Malformed, &place, error.to_string()),
        }
        note_unknown(&chunk, report);
        self.accumulator.push(&chunk);
    }

    fn undecodable(&self, event: &Undecodable, seen: usize, report: &mut FileReport) {
        let kind = if is_json(&event.raw) { ProblemKind::Refused } else { ProblemKind::Malformed };
        let place = format!("chunk {}", self.chunks + 1);
        report.problem(kind, &place, self.located(event, seen));
    }

    /// The reason with line and column in the file, if the event's data stands on one line of it.
    fn located(&self, event: &Undecodable, seen: usize) -> String {
        let message = event.source.to_string();
        let read = self.body.get(self.read..seen).unwrap_or_default();
        let mut windows = read.windows(event.raw.len().max(1));
        let Some(start) = windows.rposition(|window| *window == event.raw[..]) else {
            return format!("{message} of the event's data");
        };
        let before = read.get(..start).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (line, column) = (event.source.line().max(1), event.source.column().max(1));
        let column = if line == 1 { before.len() - line_start + column } else { column };
        let reason = message.rsplit_once(" at line ").map_or(&*message, |(reason, _)| reason);
        format!("{reason} at line {} column {column}", self.lines + line_ends(before) + line)
    }

    /// Notes how the stream ended. If the service cut it or failed, that is not a problem of the types, but
    /// its error event must come through them whole.
    fn failed(&mut self, error: &StreamError, report: &mut FileReport) {
        let end = match error {
            StreamError::Truncated(_) => End::new("truncated", &""),
            StreamError::Api(error) => {
                if let Ok(before) = Json::parse(&error.raw) {
                    report.within("error event", |report| {
                        compare_with(&before, &error.response, report);
                    });
                    note_unknown(&error.response, report);
                }
                self.api_error.clone_from(&error.raw);
                End::new("error from the server", &error.message())
            }
            StreamError::NotEventStream(body) => {
                report.problem(ProblemKind::Malformed, "", not_events(&body.text()));
                End::new(NOT_EVENTS, &"")
            }
            error => {
                report.problem(ProblemKind::Lost, "", error.to_string());
                End::new("given up", &error)
            }
        };
        self.end = Some(end);
    }

    /// Reports the lines that reading an event stream passes over. A body of another kind has been
    /// reported as a whole.
    fn passed_over(&self, report: &mut FileReport) {
        if self.end.as_ref().is_some_and(|end| end.name == NOT_EVENTS) {
            return;
        }
        let ends_at_marker = self.decoder.done() == Some(Done::Marker);
        for line in passed_over::find(self.body, ends_at_marker) {
            if !line.holds(&self.api_error) {
                let place = format!("line {}", line.number);
                report.problem(ProblemKind::Lost, &place, line.detail());
            }
        }
    }

    /// Reports what the completion of the chunks lacks, and writes and reads it as a caller would.
    fn conclude(self, report: &mut FileReport) {
        let is_complete = self.accumulator.ensure_complete();
        let completion = self.accumulator.into_completion();
        let choices = completion.choices.as_ref().map_or(0, Vec::len);
        let written = serde_json::to_string(&completion).unwrap_or_default();
        match (is_complete, Json::parse(written.as_bytes())) {
            (Ok(()), Ok(json)) => self.values.report_lost(&json, report),
            (Err(error), _) => report.problem(ProblemKind::Lost, COMPLETION, error.to_string()),
            (_, Err(error)) => report.problem(ProblemKind::Lost, COMPLETION, error.to_string()),
        }
        match serde_json::from_str::<ChatCompletion>(&written) {
            Ok(again) if again == completion => {}
            _ => report.problem(
                ProblemKind::Changed,
                COMPLETION,
                "it is not the same after writing and reading it".to_owned(),
            ),
        }
        let end = self.end.unwrap_or_else(|| ended_well(self.decoder.done()));
        report.end = Some(end.after(self.chunks, choices));
    }
}

const COMPLETION: &str = "the accumulated completion";
const NOT_EVENTS: &str = "not an event stream";

fn line_ends(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

fn not_events(body: &str) -> String {
    let words: Vec<&str> = body.split_whitespace().collect();
    format!("{NOT_EVENTS} at line 1 column 1: {}", brief(&words.join(" ")))
}

fn ended_well(done: Option<Done>) -> End {
    match done {
        Some(Done::Marker) => End::new("done by `[DONE]`", &""),
        Some(Done::FinishReason) => End::new("done by finish reason", &""),
        Some(_) => End::new("done by the end of the body", &""),
        None => End::new("no end", &""),
    }
}
