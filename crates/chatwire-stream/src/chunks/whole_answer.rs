//! Reads a body that is one completion as JSON, because some servers ignore `stream`.
//! [`super::first_line`] collects that body; [`super`] decodes event streams.

use chatwire_types::ChatCompletion;

use super::surrogates::replace_halves;
use chatwire_types::json::read;

/// Some servers send this line after the completion.
const END_OF_STREAM: &str = "data: [DONE]";

/// Reads a body as one completion. Returns also how many surrogate halves without their other half were
/// replaced, and `None` if the body has no message or reports an error.
pub(super) fn read_answer(body: &[u8]) -> Option<(Box<ChatCompletion>, u64)> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    let text = str::from_utf8(body.get(start..)?).ok()?.trim_end();
    let text = text.strip_suffix(END_OF_STREAM).unwrap_or(text).trim_end();
    let (completion, replaced): (Box<ChatCompletion>, _) = match read(text) {
        Ok(completion) => (completion, 0),
        Err(_) => {
            let (text, replaced) = replace_halves(text)?;
            (read(&text).ok()?, replaced)
        }
    };
    let mut choices = completion.choices.iter().flatten();
    let has_error = completion.error.as_ref().is_some_and(|error| error.says_something());
    (choices.any(|choice| choice.message.is_some()) && !has_error).then_some((completion, replaced))
}
