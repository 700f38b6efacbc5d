//! A whole completion in place of a stream: some servers ignore `stream` and answer with JSON.
//! [`super::first_line`] collects the body; an event stream is decoded in [`super`].

use chatwire_types::ChatCompletion;

use super::surrogates::replace_halves;
use crate::json::{check_objects, read};

/// What may follow the completion.
const MARKER: &str = "data: [DONE]";

/// Reads a body as one completion, with or without the marker of a stream behind it. A body without a
/// message, or with an error, is not an answer.
pub(super) fn read_answer(body: &[u8]) -> Option<Box<ChatCompletion>> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    let text = str::from_utf8(body.get(start..)?).ok()?.trim_end();
    let text = text.strip_suffix(MARKER).unwrap_or(text).trim_end();
    check_objects(text).ok()?;
    let completion: Box<ChatCompletion> = match read(text) {
        Ok(completion) => completion,
        Err(_) => read(&replace_halves(text)?).ok()?,
    };
    let mut choices = completion.choices.iter().flatten();
    let has_error = completion.error.as_ref().is_some_and(|error| error.says_something());
    (choices.any(|choice| choice.message.is_some()) && !has_error).then_some(completion)
}
