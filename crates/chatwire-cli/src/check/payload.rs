//! Checks one JSON payload: decodes it into its type and encodes it again. [`stream`](super::stream)
//! checks streams, which are many payloads.

use chatwire::types::{
    ChatCompletion, ChatCompletionChunk, ChatCompletionDeleted, ChatCompletionList,
    ChatCompletionMessageList, CreateChatCompletionRequest, ErrorResponse, Finding, FindingKind,
    Path, Unknown, UpdateChatCompletionRequest, strip_byte_order_mark,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::compare::{brief, compare};
use super::exact::Json;
use super::report::{FileReport, Kind, Note, NoteKind, ProblemKind};

/// Checks a payload. Its content may refine the kind, unless the kind is `certain`.
pub(super) fn check(kind: Kind, certain: bool, bytes: &[u8], report: &mut FileReport) {
    // Clients skip a byte order mark, because it is not a part of the JSON.
    let bytes = strip_byte_order_mark(bytes);
    match Json::parse(bytes) {
        Err(error) => report.problem(ProblemKind::Malformed, "", error.to_string()),
        Ok(before) => {
            let kind = if certain { kind } else { kind.refined(&before) };
            report.kind = Some(kind);
            check_kind(kind, &before, bytes, report);
        }
    }
}

fn check_kind(kind: Kind, before: &Json, bytes: &[u8], report: &mut FileReport) {
    match (kind, before) {
        (Kind::Request, _) => round_trip::<CreateChatCompletionRequest>(before, bytes, report),
        (Kind::Response, _) => round_trip::<ChatCompletion>(before, bytes, report),
        (Kind::Chunk, _) => round_trip::<ChatCompletionChunk>(before, bytes, report),
        (Kind::Error, Json::Object(_)) => round_trip::<ErrorResponse>(before, bytes, report),
        // Some services put a list around the envelope.
        (Kind::Error, Json::List(items)) if items.iter().all(is_object) => {
            round_trip::<Vec<ErrorResponse>>(before, bytes, report);
        }
        (Kind::Error, _) => without_envelope(bytes, report),
        (Kind::List, _) => round_trip::<ChatCompletionList>(before, bytes, report),
        (Kind::MessageList, _) => round_trip::<ChatCompletionMessageList>(before, bytes, report),
        (Kind::UpdateRequest, _) => {
            round_trip::<UpdateChatCompletionRequest>(before, bytes, report);
        }
        (Kind::Deleted, _) => round_trip::<ChatCompletionDeleted>(before, bytes, report),
        (Kind::Stream, _) => {}
    }
}

fn is_object(json: &Json) -> bool {
    matches!(json, Json::Object(_))
}

/// The body of an error may be any JSON. A client keeps it as it came.
fn without_envelope(bytes: &[u8], report: &mut FileReport) {
    let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let note = Note::new(NoteKind::UnknownVariant, String::new(), shape(&value), brief(&value));
    report.note(note);
}

fn round_trip<T: DeserializeOwned + Serialize + Unknown>(
    before: &Json,
    bytes: &[u8],
    report: &mut FileReport,
) {
    match serde_json::from_slice::<T>(bytes) {
        Err(error) => report.problem(ProblemKind::Refused, "", error.to_string()),
        Ok(value) => {
            compare_with(before, &value, report);
            note_unknown(&value, report);
        }
    }
}

/// Reports the differences between `before` and the JSON of `value`.
pub(super) fn compare_with<T: Serialize>(before: &Json, value: &T, report: &mut FileReport) {
    match serde_json::to_vec(value).and_then(|text| Json::parse(&text)) {
        Ok(after) => compare(before, &after).into_iter().for_each(|problem| report.push(problem)),
        Err(error) => {
            report.problem(ProblemKind::Lost, "", format!("it cannot be encoded again: {error}"));
        }
    }
}

/// Notes the parts of `value` that the document does not know.
pub(super) fn note_unknown<T: Unknown>(value: &T, report: &mut FileReport) {
    value.visit_unknown(&mut Path::new(), &mut |path, finding| report.note(note(path, &finding)));
}

fn note(path: &Path, finding: &Finding<'_>) -> Note {
    let kind = match finding.kind {
        FindingKind::UnknownKey => NoteKind::UnknownKey,
        FindingKind::Deviation => NoteKind::Deviation,
        FindingKind::UnknownValue => NoteKind::UnknownValue,
        _ => NoteKind::UnknownVariant,
    };
    let text = finding.text.map(Value::from);
    let value = text.as_ref().or(finding.json).unwrap_or(&Value::Null);
    Note::new(kind, path.to_string(), shape(value), brief(value))
}

fn shape(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
