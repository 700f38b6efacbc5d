//! What the user wants an answer to say. [`answer`](crate::answer) makes a completion of it, and makes up
//! what it leaves out.

use serde_json::{Map, Value};

/// What each choice says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) text: Option<String>,
    pub(crate) reasoning: Option<String>,
    pub(crate) refusal: Option<String>,
    pub(crate) calls: Vec<Call>,
    /// Further keys of the message.
    pub(crate) message: Map<String, Value>,
    /// The `logprobs` of the choice.
    pub(crate) logprobs: Option<Value>,
    pub(crate) finish_reason: Option<String>,
    /// Keys that replace those of the computed usage.
    pub(crate) usage: Map<String, Value>,
    /// Whether the text is sent as it is, also if the request asks for JSON.
    pub(crate) is_exact: bool,
}

/// A tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    /// The arguments of a function, or the input of a custom tool.
    pub(crate) input: String,
    pub(crate) is_custom: bool,
}

impl Said {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// Whether it is more than an addition to words that the server makes up.
    pub(crate) fn has_words(&self) -> bool {
        self.text.is_some() || !self.is_plain()
    }

    /// Whether a model that must call a tool could not say this.
    pub(crate) fn is_plain(&self) -> bool {
        self.calls.is_empty() && self.refusal.is_none()
    }
}
