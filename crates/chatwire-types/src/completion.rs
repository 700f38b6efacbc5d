//! Shortcuts that read a completion: its text, its tool calls, its time. [`crate::message`] builds
//! messages.

use std::borrow::Cow;

use serde_core::de::DeserializeOwned;

use crate::{
    ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, FinishReason, FunctionToolCall,
    ResponseMessage, ToolCall,
};

impl ChatCompletion {
    /// The first choice, if there is one.
    pub fn first_choice(&self) -> Option<&Choice> {
        self.choices.as_ref()?.first()
    }

    /// The text of the first choice.
    ///
    /// ```
    /// use chatwire_types::ChatCompletion;
    ///
    /// let completion: ChatCompletion =
    ///     serde_json::from_str(r#"{"choices":[{"message":{"content":"This is a test."}}]}"#)?;
    /// assert_eq!(completion.text().as_deref(), Some("This is a test."));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.first_choice()?.as_text()
    }

    /// The message of the first choice.
    pub fn message(&self) -> Option<&ResponseMessage> {
        self.first_choice()?.message.as_ref()
    }

    /// Takes the message of the first choice, for the next request.
    ///
    /// ```
    /// use chatwire_types::{ChatCompletion, CreateChatCompletionRequest, Message};
    ///
    /// let mut request = CreateChatCompletionRequest::new("m", [Message::user("Hello")]);
    /// let completion: ChatCompletion =
    ///     serde_json::from_str(r#"{"choices":[{"message":{"content":"Hi!"}}]}"#)?;
    /// if let Some(message) = completion.into_message() {
    ///     request.push(message);
    /// }
    /// request.push(Message::user("How are you?"));
    /// assert_eq!(request.messages.map(|messages| messages.len()), Some(3));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn into_message(self) -> Option<ResponseMessage> {
        self.choices?.into_iter().next()?.message
    }

    /// The words with which the model refused to answer, in the first choice.
    pub fn refusal(&self) -> Option<&str> {
        self.first_choice()?.refusal()
    }

    /// Why the model stopped, in the first choice.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.first_choice()?.finish_reason.as_ref()
    }

    /// The tokens of the request, if the service reports its usage.
    ///
    /// ```
    /// use chatwire_types::ChatCompletion;
    ///
    /// let completion: ChatCompletion = serde_json::from_str(
    ///     r#"{"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}"#,
    /// )?;
    /// assert_eq!(completion.prompt_tokens(), Some(9));
    /// assert_eq!(completion.completion_tokens(), Some(12));
    /// assert_eq!(completion.total_tokens(), Some(21));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn prompt_tokens(&self) -> Option<u64> {
        self.usage.as_ref()?.prompt_tokens
    }

    /// The tokens of the answer, if the service reports its usage.
    pub fn completion_tokens(&self) -> Option<u64> {
        self.usage.as_ref()?.completion_tokens
    }

    /// The tokens of the request and the answer, if the service reports its usage.
    pub fn total_tokens(&self) -> Option<u64> {
        self.usage.as_ref()?.total_tokens
    }

    /// The time at which the completion was created, in Unix seconds. Also works if a service sends
    /// `created` as a float or as text.
    ///
    /// ```
    /// use chatwire_types::{ChatCompletion, Timestamp};
    ///
    /// let completion: ChatCompletion = serde_json::from_str(r#"{"created":"1725709829"}"#)?;
    /// assert_eq!(completion.created, Some(Timestamp::from("1725709829")));
    /// assert_eq!(completion.created_seconds(), Some(1725709829));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn created_seconds(&self) -> Option<u64> {
        self.created.as_ref()?.seconds()
    }

    /// The tool calls of the first choice; empty if there are none.
    pub fn tool_calls(&self) -> &[ToolCall] {
        self.message().and_then(|message| message.tool_calls.as_deref()).unwrap_or_default()
    }
}

impl Choice {
    /// The text of the message. Without a message, the `text` that some services send in its place.
    ///
    /// ```
    /// use chatwire_types::Choice;
    ///
    /// let choice: Choice = serde_json::from_str(r#"{"message":{"content":"Hi!"}}"#)?;
    /// assert_eq!(choice.as_text().as_deref(), Some("Hi!"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let content = self.message.as_ref().and_then(|message| message.content.as_ref()?.text());
        content.or_else(|| self.text.as_deref().map(Cow::Borrowed))
    }

    /// The words with which the model refused to answer.
    pub fn refusal(&self) -> Option<&str> {
        self.message.as_ref()?.refusal.as_deref()
    }
}

impl ChunkChoice {
    /// The text that this piece adds. Without a delta, the `text` that some services send in its place.
    ///
    /// ```
    /// use chatwire_types::ChunkChoice;
    ///
    /// let choice: ChunkChoice = serde_json::from_str(r#"{"delta":{"content":"Hi"}}"#)?;
    /// assert_eq!(choice.as_text().as_deref(), Some("Hi"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let content = self.delta.as_ref().and_then(|delta| delta.content.as_ref()?.text());
        content.or_else(|| self.text.as_deref().map(Cow::Borrowed))
    }

    /// The words that this piece adds to the refusal.
    pub fn refusal(&self) -> Option<&str> {
        self.delta.as_ref()?.refusal.as_deref()
    }
}

impl ChatCompletionChunk {
    /// The first choice, if there is one. The last chunk of a stream may carry only usage.
    pub fn first_choice(&self) -> Option<&ChunkChoice> {
        self.choices.as_ref()?.first()
    }

    /// The time at which the completion was created: see [`ChatCompletion::created_seconds`].
    pub fn created_seconds(&self) -> Option<u64> {
        self.created.as_ref()?.seconds()
    }

    /// The text that this chunk adds to the first choice in its list. If a stream has several
    /// choices, each chunk may hold another one, so read [`choices`](Self::choices) instead.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.first_choice()?.as_text()
    }
}

impl ToolCall {
    /// The id, which the message that answers the call repeats.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Function(call) => call.id.as_deref(),
            Self::Custom(call) => call.id.as_deref(),
            _ => None,
        }
    }

    /// The name of the function or of the custom tool.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Function(call) => call.function.as_ref()?.name.as_deref(),
            Self::Custom(call) => call.custom.as_ref()?.name.as_deref(),
            _ => None,
        }
    }

    /// The function call, if it is one.
    pub fn as_function(&self) -> Option<&FunctionToolCall> {
        match self {
            Self::Function(call) => Some(call),
            _ => None,
        }
    }

    /// Parses the arguments of a function call into a type of yours.
    ///
    /// ```
    /// use chatwire_types::{FunctionCall, FunctionToolCall, ToolCall};
    ///
    /// let call = FunctionToolCall::new("call_1", FunctionCall::new("weather", r#"{"city":"Oslo"}"#));
    /// let arguments: std::collections::BTreeMap<String, String> =
    ///     ToolCall::from(call).parse_arguments()?;
    /// assert_eq!(arguments["city"], "Oslo");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the call is not a function call, or if its arguments are not JSON of
    /// that type, because models make mistakes. A call without arguments is read as an empty
    /// object.
    pub fn parse_arguments<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let function = self.as_function().and_then(|call| call.function.as_ref());
        let Some(function) = function else {
            return Err(serde_core::de::Error::custom("the tool call is not a function call"));
        };
        // Some services send the arguments as JSON instead of JSON in a string.
        if let Some(arguments) = function.extra.get("arguments") {
            return T::deserialize(arguments);
        }
        let text = function.arguments.as_deref().unwrap_or_default();
        serde_json::from_str(if text.trim().is_empty() { "{}" } else { text })
    }
}
