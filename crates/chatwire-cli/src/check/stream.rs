//! One recorded event stream: every chunk through its type and back, and all of them through the
//! accumulator. Single payloads go through [`payload`](super::payload).

use chatwire::ChatCompletion;
use chatwire::stream::{Accumulator, ChunkDecoder, Done, StreamError, Undecodable};
use serde_json::value::RawValue;

use super::exact::Json;
use super::kind::Kind;
use super::payload::{self, compare_with, note_unknown};
use super::report::{End, FileReport, ProblemKind};

pub(super) fn check(bytes: &[u8], report: &mut FileReport) {
    let mut checker = Checker {
        body: bytes,
        decoder: ChunkDecoder::new().keep_raw(true),
        accumulator: Accumulator::new(),
        chunks: 0,
        read: 0,
        lines: 0,
        end: None,
    };
    checker.run(report);
    checker.conclude(report);
}

struct Checker<'a> {
    body: &'a [u8],
    decoder: ChunkDecoder,
    accumulator: Accumulator,
    chunks: usize,
    /// How much of the body the steps before this one read, and how many lines ended in that.
    read: usize,
    lines: usize,
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

    /// `seen` is how much of the body was read for this step.
    fn step(&mut self, step: Result<(), StreamError>, seen: usize, report: &mut FileReport) {
        match step {
            Ok(()) => self.chunk(report),
            // Some services send it for "nothing new", and nothing is what it loses.
            Err(StreamError::Undecodable(event)) if event.raw == b"null" => {}
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
            Ok(before) => report.within(&place, |report| compare_with(&before, &chunk, report)),
            Err(error) => report.problem(ProblemKind::Malformed, &place, error.to_string()),
        }
        note_unknown(&chunk, report);
        self.accumulator.push(&chunk);
    }

    fn undecodable(&self, event: &Undecodable, seen: usize, report: &mut FileReport) {
        let is_json = serde_json::from_slice::<&RawValue>(&event.raw).is_ok();
        let kind = if is_json { ProblemKind::Refused } else { ProblemKind::Malformed };
        let place = format!("chunk {}", self.chunks + 1);
        report.problem(kind, &place, self.located(event, seen));
    }

    /// The reason with line and column in the file, where the event's data stands on one line of it.
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

    /// A stream that a service cut or failed is not a failure of the types, but its error event
    /// must come through them whole as well.
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
                End::new("error from the server", &error.message())
            }
            StreamError::NotEventStream(body) => {
                match Json::parse(self.body) {
                    Ok(Json::Object(_)) => {
                        payload::check(Kind::Response, false, self.body, report);
                    }
                    _ => report.problem(ProblemKind::Malformed, "", no_stream(&body.text())),
                }
                End::new("no event stream", &"")
            }
            error => {
                report.problem(ProblemKind::Lost, "", error.to_string());
                End::new("given up", &error)
            }
        };
        self.end = Some(end);
    }

    /// The completion that the chunks make is written and read again, as a caller would.
    fn conclude(self, report: &mut FileReport) {
        if let Err(error) = self.accumulator.ensure_complete() {
            report.problem(ProblemKind::Lost, COMPLETION, error.to_string());
        }
        let completion = self.accumulator.into_completion();
        let choices = completion.choices.as_ref().map_or(0, Vec::len);
        let written = serde_json::to_string(&completion).unwrap_or_default();
        match serde_json::from_str::<ChatCompletion>(&written) {
            Ok(again) if again == completion => {}
            _ => report.problem(
                ProblemKind::Changed,
                COMPLETION,
                "it is not the same after writing and reading it".to_owned(),
            ),
        }
        let mut end = self.end.unwrap_or_else(|| ended_well(self.decoder.done()));
        end.read = format!("{}, {}", count(self.chunks, "chunk"), count(choices, "choice"));
        report.end = Some(end);
    }
}

const COMPLETION: &str = "the accumulated completion";

fn line_ends(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

fn no_stream(body: &str) -> String {
    let start: String = body.split_whitespace().flat_map(|word| [word, " "]).collect();
    let start: String = start.trim().chars().take(60).collect();
    format!("no event stream at line 1 column 1: {start}")
}

fn ended_well(done: Option<Done>) -> End {
    match done {
        Some(Done::Marker) => End::new("done by `[DONE]`", &""),
        Some(Done::FinishReason) => End::new("done by finish reason", &""),
        Some(_) => End::new("done by the end of the body", &""),
        None => End::new("no end", &""),
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
