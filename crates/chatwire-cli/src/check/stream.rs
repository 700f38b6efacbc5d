//! One recorded event stream: every chunk through its type and back, and all of them through the
//! accumulator. Single payloads go through [`payload`](super::payload).

use chatwire::ChatCompletion;
use chatwire::sse::{Accumulator, ChunkDecoder, Done, StreamError};

use super::payload::compare_with;
use super::report::{FileReport, ProblemKind};

pub(super) fn check(bytes: &[u8], report: &mut FileReport) {
    let mut checker = Checker {
        decoder: ChunkDecoder::new().keep_raw(true),
        accumulator: Accumulator::new(),
        chunks: 0,
        outcome: None,
    };
    checker.run(bytes, report);
    checker.conclude(report);
}

struct Checker {
    decoder: ChunkDecoder,
    accumulator: Accumulator,
    chunks: usize,
    /// How it ended, if not well.
    outcome: Option<String>,
}

impl Checker {
    fn run(&mut self, mut bytes: &[u8], report: &mut FileReport) {
        while let Some(step) = self.decoder.next(&mut bytes).map(|step| step.map(drop)) {
            self.step(step, report);
        }
        while let Some(step) = self.decoder.finish().map(|step| step.map(drop)) {
            self.step(step, report);
        }
    }

    fn step(&mut self, step: Result<(), StreamError>, report: &mut FileReport) {
        let place = format!("chunk {}", self.chunks + 1);
        match step {
            Ok(()) => self.chunk(&place, report),
            // Some services send it for "nothing new", and nothing is what it loses.
            Err(StreamError::Undecodable(event)) if event.raw == b"null" => {}
            Err(StreamError::Undecodable(event)) => {
                report.problem(ProblemKind::Malformed, &place, event.source.to_string());
            }
            Err(StreamError::NotEventStream(body)) => {
                report.problem(ProblemKind::Malformed, "", body.to_string());
            }
            Err(error) => self.end(&error, report),
        }
    }

    fn chunk(&mut self, place: &str, report: &mut FileReport) {
        let chunk = self.decoder.take();
        self.chunks += 1;
        match serde_json::from_str(self.decoder.raw()) {
            Ok(before) => report.within(place, |report| compare_with(&before, &chunk, report)),
            Err(error) => report.problem(ProblemKind::Malformed, place, error.to_string()),
        }
        self.accumulator.push(&chunk);
    }

    /// A stream that a service cut or failed is not a failure of the types, but its error event
    /// must come through them whole as well.
    fn end(&mut self, error: &StreamError, report: &mut FileReport) {
        if let StreamError::Api(error) = error
            && let Ok(before) = serde_json::from_slice(&error.raw)
        {
            report.within("error event", |report| compare_with(&before, &error.response, report));
        }
        self.outcome = Some(match error {
            StreamError::Truncated(_) => "truncated".to_owned(),
            StreamError::Api(error) => format!("error from the server: {}", error.message()),
            error => error.to_string(),
        });
    }

    /// The completion that the chunks make is written and read again, as a caller would.
    fn conclude(self, report: &mut FileReport) {
        let completion = self.accumulator.into_completion();
        let choices = completion.choices.as_ref().map_or(0, Vec::len);
        let written = serde_json::to_string(&completion).unwrap_or_default();
        match serde_json::from_str::<ChatCompletion>(&written) {
            Ok(again) if again == completion => {}
            _ => report.problem(
                ProblemKind::Changed,
                "the accumulated completion",
                "it is not the same after writing and reading it".to_owned(),
            ),
        }
        let end = match (self.outcome, self.decoder.done()) {
            (Some(outcome), _) => outcome,
            (None, Some(done)) => format!("done by {}", done_name(done)),
            (None, None) => "no end".to_owned(),
        };
        report.outcome =
            Some(format!("{}, {}, {end}", count(self.chunks, "chunk"), count(choices, "choice")));
    }
}

fn done_name(done: Done) -> &'static str {
    match done {
        Done::Marker => "`[DONE]`",
        Done::FinishReason => "finish reason",
        _ => "the end of the body",
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
