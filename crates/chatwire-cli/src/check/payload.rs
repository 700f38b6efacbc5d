//! One JSON payload through its type and back. Streams, which are many payloads, go through
//! [`stream`](super::stream).

use chatwire::types::{
    ChatCompletion, ChatCompletionChunk, ChatCompletionDeleted, ChatCompletionList,
    ChatCompletionMessageList, CreateChatCompletionRequest, ErrorResponse, Finding, FindingKind,
    Path, Unknown, UpdateChatCompletionRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::compare::{brief, compare};
use super::kind::Kind;
use super::report::{FileReport, Note, NoteKind, Problem, ProblemKind};

pub(super) fn check(kind: Kind, bytes: &[u8], report: &mut FileReport) {
    match kind {
        Kind::Request => round_trip::<CreateChatCompletionRequest>(bytes, report),
        Kind::Response => round_trip::<ChatCompletion>(bytes, report),
        Kind::Chunk => round_trip::<ChatCompletionChunk>(bytes, report),
        Kind::Error => round_trip::<ErrorResponse>(bytes, report),
        Kind::List => round_trip::<ChatCompletionList>(bytes, report),
        Kind::MessageList => round_trip::<ChatCompletionMessageList>(bytes, report),
        Kind::UpdateRequest => round_trip::<UpdateChatCompletionRequest>(bytes, report),
        Kind::Deleted => round_trip::<ChatCompletionDeleted>(bytes, report),
        Kind::Stream => {}
    }
}

fn round_trip<T: DeserializeOwned + Serialize + Unknown>(bytes: &[u8], report: &mut FileReport) {
    let before: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return report.problem(ProblemKind::Malformed, "", error.to_string()),
    };
    match serde_json::from_slice::<T>(bytes) {
        Ok(value) => compare_with(&before, &value, report),
        Err(error) => report.problem(ProblemKind::Refused, "", error.to_string()),
    }
}

/// Reports what became of `before` in `value`, and what in it the document does not know.
pub(super) fn compare_with<T: Serialize + Unknown>(
    before: &Value,
    value: &T,
    report: &mut FileReport,
) {
    match serde_json::to_value(value) {
        Ok(after) => compare(before, &after).into_iter().for_each(|problem| report.push(problem)),
        Err(error) => report.push(Problem {
            kind: ProblemKind::Lost,
            place: String::new(),
            detail: format!("it cannot be encoded again: {error}"),
        }),
    }
    value.visit_unknown(&mut Path::new(), &mut |path, finding| report.note(note(path, &finding)));
}

fn note(path: &Path, finding: &Finding<'_>) -> Note {
    let kind = match finding.kind {
        FindingKind::UnknownKey => NoteKind::UnknownKey,
        FindingKind::Deviation => NoteKind::Deviation,
        FindingKind::UnknownValue => NoteKind::UnknownValue,
        _ => NoteKind::UnknownVariant,
    };
    let text = finding.text.map(|text| brief(&text.into()));
    let detail = text.or_else(|| finding.json.map(brief)).unwrap_or_default();
    Note { kind, place: path.to_string(), detail }
}
