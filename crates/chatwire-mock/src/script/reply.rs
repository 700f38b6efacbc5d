//! A reply as a test builds it. [`prepared`](super::prepared) checks it when the server starts.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use chatwire_types::ChatCompletion;
use serde_json::Value;

use crate::fault::Fault;
use crate::said::{Call, Said};

/// What a rule of a script answers.
///
/// A reply has one kind of content:
///
/// - what the model says: [`text`](Self::text), [`tool_call`](Self::tool_call),
///   [`reasoning`](Self::reasoning), [`refusal`](Self::refusal), [`logprobs`](Self::logprobs),
///   [`usage`](Self::usage), [`finish_reason`](Self::finish_reason) and [`message`](Self::message) together,
/// - a [`completion`](Self::completion),
/// - an [`error`](Self::error),
/// - any [`json`](Self::json),
/// - [`bytes`](Self::bytes), or those of a [`file`](Self::file).
///
/// What the model says, and a completion, are sent as an event stream if the request asks for one. The server
/// makes up what a reply leaves out: without content, it answers as it does without a script.
///
/// A status, headers, waits and faults can be added to any content.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Reply {
    pub(super) said: Option<Said>,
    pub(super) completion: Option<Value>,
    pub(super) error: Option<(u16, Value)>,
    pub(super) json: Option<Value>,
    pub(super) bytes: Option<(String, Bytes)>,
    pub(super) file: Option<PathBuf>,
    pub(super) status: Option<u16>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) delay: Duration,
    pub(super) chunk_delay: Option<Duration>,
    pub(super) faults: Vec<Fault>,
    pub(super) fault_error: Option<Value>,
}

impl Reply {
    /// A reply without content.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of the message, of each choice. It is sent as it is, also if the request asks for JSON, and
    /// cut at the stop sequences and the token limit of the request.
    ///
    /// If `tool_choice` demands a call, as `required` does, the server calls a tool and does not send the
    /// text, because no model could send it.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.say(|said| {
            said.text = Some(text.into());
            said.is_exact = true;
        })
    }

    /// Adds a call of a function. A string is sent as the text of the arguments, valid or not, and any other
    /// value as JSON.
    pub fn tool_call(self, name: impl Into<String>, arguments: impl Into<Value>) -> Self {
        let (name, input) = (name.into(), input(arguments.into()));
        self.say(|said| said.calls.push(Call { id: None, name, input, is_custom: false }))
    }

    /// Adds a call of a custom tool with this input.
    pub fn custom_tool_call(self, name: impl Into<String>, input: impl Into<String>) -> Self {
        let (name, input) = (name.into(), input.into());
        self.say(|said| said.calls.push(Call { id: None, name, input, is_custom: true }))
    }

    /// The id of the last tool call. By default, the server makes one up.
    pub fn tool_call_id(self, id: impl Into<String>) -> Self {
        self.say(|said| {
            if let Some(call) = said.calls.last_mut() {
                call.id = Some(id.into());
            }
        })
    }

    /// The `reasoning_content` of the message.
    pub fn reasoning(self, text: impl Into<String>) -> Self {
        self.say(|said| said.reasoning = Some(text.into()))
    }

    /// The `refusal` of the message.
    pub fn refusal(self, text: impl Into<String>) -> Self {
        self.say(|said| said.refusal = Some(text.into()))
    }

    /// The `logprobs` of each choice, whether the request asks for them or not. By default, the server makes
    /// them up for a request with `logprobs: true`.
    pub fn logprobs(self, logprobs: impl Into<Value>) -> Self {
        self.say(|said| said.logprobs = Some(logprobs.into()))
    }

    /// The `finish_reason` of each choice.
    pub fn finish_reason(self, reason: impl Into<String>) -> Self {
        self.say(|said| said.finish_reason = Some(reason.into()))
    }

    /// Sets a key of the usage, such as `completion_tokens`. The server counts the others. Call it again for
    /// more keys.
    pub fn usage(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.say(|said| drop(said.usage.insert(key.into(), value.into())))
    }

    /// Sets a key of the message, such as `annotations`. Call it again for more keys.
    pub fn message(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.say(|said| drop(said.message.insert(key.into(), value.into())))
    }

    /// A whole completion. It can have keys that the types do not know, and its values are sent as they
    /// are.
    pub fn completion(mut self, completion: &ChatCompletion) -> Self {
        // Its maps have texts as keys, so this does not fail.
        self.completion = serde_json::to_value(completion).ok();
        self
    }

    /// An error in the official envelope, with this status. A string is its message, and an object has the
    /// keys `message`, `type`, `param` and `code`, and any other. What is left out fits the status.
    pub fn error(mut self, status: u16, error: impl Into<Value>) -> Self {
        self.error = Some((status, error.into()));
        self
    }

    /// Any JSON, as it is, also for a request with `stream: true`.
    pub fn json(mut self, json: impl Into<Value>) -> Self {
        self.json = Some(json.into());
        self
    }

    /// A body of these bytes and this content type. With `text/event-stream`, each event is a chunk for
    /// pauses and faults.
    pub fn bytes(mut self, content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.bytes = Some((content_type.into(), bytes.into()));
        self
    }

    /// The bytes of a file, which is read when the server starts. The content type is `text/event-stream`
    /// for a name in `.sse`, `application/json` for `.json`, `text/html` for `.html`, `text/plain` for
    /// `.txt`, and otherwise `application/octet-stream`; a header replaces it.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// The status. The default is 200, and that of an error the one that it names.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a header. It replaces a header of this name that the server would send.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The wait before the answer begins, with its status and its headers.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The wait before each chunk of a stream. The default is that of the server.
    pub fn chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = Some(delay);
        self
    }

    /// Adds something that goes wrong, such as [`Fault::CutAfterChunks`].
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Sends an error after this many chunks of a stream, and nothing after it. The error is as that of
    /// [`error`](Self::error). A request without `stream` gets only the error, with the status 500.
    pub fn error_after(mut self, chunks: u64, error: impl Into<Value>) -> Self {
        self.fault_error = Some(error.into());
        self.fault(Fault::ErrorAfterChunks(chunks))
    }

    fn say(mut self, set: impl FnOnce(&mut Said)) -> Self {
        set(self.said.get_or_insert_default());
        self
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::new().text(text)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::new().text(text)
    }
}

fn input(arguments: Value) -> String {
    match arguments {
        Value::String(text) => text,
        value => value.to_string(),
    }
}
