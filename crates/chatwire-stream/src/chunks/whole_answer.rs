//! Reads a body that is one completion or one chunk as JSON, because some servers ignore `stream`.
//! [`super::first_line`] collects that body; [`super`] decodes event streams.

use chatwire_types::{ChatCompletion, ChatCompletionChunk};

use super::is_finished;
use chatwire_types::json::{read, replace_halves};

/// Some servers send this line after the completion.
const END_OF_STREAM: &str = "data: [DONE]";

/// The JSON object that is the whole body.
pub(super) fn object_in(body: &[u8]) -> Option<&str> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    let text = str::from_utf8(body.get(start..)?).ok()?.trim_end();
    Some(text.strip_suffix(END_OF_STREAM).unwrap_or(text).trim_end())
}

/// Reads an object as a completion. Returns also how many surrogate halves without their other half were
/// replaced, and `None` if the object has no message.
pub(super) fn read_answer(text: &str) -> Option<(Box<ChatCompletion>, u64)> {
    let (completion, replaced): (Box<ChatCompletion>, _) = match read(text) {
        Ok(completion) => (completion, 0),
        Err(_) => {
            let (text, replaced) = replace_halves(text)?;
            (read(&text).ok()?, replaced)
        }
    };
    let mut choices = completion.choices.iter().flatten();
    choices.any(|choice| choice.message.is_some()).then_some((completion, replaced))
}

/// Reads an object as the only chunk of an answer, with a delta and a finish reason in each choice.
pub(super) fn read_only_chunk(text: &str) -> Option<ChatCompletionChunk> {
    let chunk: ChatCompletionChunk = read(text).ok()?;
    let choices = chunk.choices.as_deref().filter(|choices| !choices.is_empty())?;
    choices.iter().all(|choice| choice.delta.is_some() && is_finished(choice)).then_some(chunk)
}

/// The JSON of a completion that also reports an error.
pub(super) fn error_beside(answer: &ChatCompletion) -> Option<Vec<u8>> {
    answer.error.as_ref().filter(|error| error.says_something())?;
    serde_json::to_vec(answer).ok()
}
