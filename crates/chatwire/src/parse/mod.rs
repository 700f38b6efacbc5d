//! Reads answers as values of Rust types. [`crate::schema`] makes the schemas that such answers follow, and
//! [`crate::tools`] runs functions.

mod error;
mod json;
mod partial;
mod stream;

use std::future::Future;
use std::ops::{Deref, DerefMut};

use chatwire_client::{Client, Response};
use chatwire_types::{ChatCompletion, Choice, CreateChatCompletionRequest, FinishReason, ToolCall};
use schemars::JsonSchema;
use serde_core::de::DeserializeOwned;

use crate::schema::strict_schema;
pub use error::ParseError;
pub use json::ArgumentsError;
pub use stream::ParseStream;

/// A value that the model wrote, and the completion that it is from. It dereferences to the value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parsed<T> {
    /// The value.
    pub value: T,
    /// The completion, for its usage and its headers.
    pub completion: Response<ChatCompletion>,
}

impl<T: DeserializeOwned> Parsed<T> {
    fn of(completion: Response<ChatCompletion>) -> Result<Self, ParseError> {
        match completion.parse() {
            Ok(value) => Ok(Self { value, completion }),
            Err(error) => Err(error.about(completion)),
        }
    }
}

impl<T> Parsed<T> {
    /// The value without the completion.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Parsed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Parsed<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// Asks for answers of a type: methods for [`Client`].
pub trait ParseClient {
    /// Asks for an answer that is a `T`, and waits for the whole answer. `response_format` of the request is replaced
    /// by the schema of `T`.
    ///
    /// # Errors
    ///
    /// [`ParseError`] lists what can go wrong: `T` has no strict schema, the call failed, or the model wrote something
    /// else. [`ParseError::completion`] is what the model wrote.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire::prelude::*;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Event {
    ///     name: String,
    ///     seats: u32,
    /// }
    ///
    /// let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say fair")]);
    /// let event = client.parse::<Event>(&request).await?;
    /// assert_eq!((&*event.name, event.seats), ("Fair!", 21));
    /// assert!(event.completion.total_tokens().is_some());
    /// # Ok(())
    /// # }
    /// ```
    fn parse<T: DeserializeOwned + JsonSchema>(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> impl Future<Output = Result<Parsed<T>, ParseError>> + Send;

    /// Does what [`parse`](Self::parse) does over a stream, so that the value can be shown while it grows.
    ///
    /// # Errors
    ///
    /// Returns an error if `T` has no strict schema, or if the call failed before the stream began.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire::prelude::*;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Event {
    ///     name: String,
    /// }
    ///
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("Say science fair")]);
    /// let mut stream = client.parse_stream::<Event>(&request).await?;
    /// let mut seen = Vec::new();
    /// while let Some(text) = stream.next().await {
    ///     text?;
    ///     seen.extend(stream.partial());
    /// }
    /// assert_eq!(seen[0], serde_json::json!({"name": "Science"}));
    /// assert_eq!(stream.finish().await?.name, "Science fair!");
    /// # Ok(())
    /// # }
    /// ```
    fn parse_stream<T: DeserializeOwned + JsonSchema>(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> impl Future<Output = Result<ParseStream<T>, ParseError>> + Send;
}

impl ParseClient for Client {
    async fn parse<T: DeserializeOwned + JsonSchema>(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Parsed<T>, ParseError> {
        Parsed::of(self.chat(&structured::<T>(request)?).await?)
    }

    async fn parse_stream<T: DeserializeOwned + JsonSchema>(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<ParseStream<T>, ParseError> {
        Ok(ParseStream::new(self.stream(&structured::<T>(request)?).await?))
    }
}

/// The request for an answer of this type.
fn structured<T: JsonSchema>(
    request: &CreateChatCompletionRequest,
) -> Result<CreateChatCompletionRequest, ParseError> {
    Ok(request.clone().response_format(strict_schema::<T>()?))
}

/// Reads an answer as a value: a method for [`ChatCompletion`] (its first choice) and [`Choice`].
pub trait ParseAnswer {
    /// Reads the text of the answer as JSON of the type `T`. A code fence around the JSON is taken off. If a key is
    /// null and `T` takes no null there, the key counts as absent, so that `#[serde(default)]` applies.
    ///
    /// # Errors
    ///
    /// Returns an error if the model refused, was cut off or filtered, called a tool, or wrote something else.
    ///
    /// ```
    /// use chatwire::prelude::*;
    /// use chatwire::ChatCompletion;
    ///
    /// let completion: ChatCompletion = serde_json::from_str(
    ///     r#"{"choices":[{"message":{"content":"[1, 2]"},"finish_reason":"stop"}]}"#,
    /// )?;
    /// assert_eq!(completion.parse::<Vec<u8>>()?, [1, 2]);
    ///
    /// let error = completion.parse::<Vec<String>>().unwrap_err();
    /// assert!(matches!(&error, ParseError::WrongShape { path, .. } if path == "[0]"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn parse<T: DeserializeOwned>(&self) -> Result<T, ParseError>;
}

impl ParseAnswer for ChatCompletion {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, ParseError> {
        let empty = ParseError::Empty { finish_reason: None, completion: None };
        self.first_choice().map_or(Err(empty), Choice::parse)
    }
}

impl ParseAnswer for Choice {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, ParseError> {
        let (text, completion) = (self.as_text().unwrap_or_default(), None);
        if let Some(refusal) = self.refusal().filter(|refusal| !refusal.is_empty()) {
            return Err(ParseError::Refused { refusal: refusal.to_owned(), completion });
        }
        match &self.finish_reason {
            Some(FinishReason::Length) => {
                return Err(ParseError::Cut { text: text.into_owned(), completion });
            }
            Some(FinishReason::ContentFilter) => {
                return Err(ParseError::Filtered { text: text.into_owned(), completion });
            }
            _ => {}
        }
        if !text.trim().is_empty() {
            return json::answer(&text);
        }
        let calls = self.message.as_ref().and_then(|message| message.tool_calls.clone());
        match calls.filter(|calls| !calls.is_empty()) {
            Some(calls) => Err(ParseError::ToolCalls { calls, completion }),
            None => {
                let finish_reason = self.finish_reason.clone();
                Err(ParseError::Empty { finish_reason, completion })
            }
        }
    }
}

/// Reads the arguments of a call as a value: a method for [`ToolCall`].
pub trait ParseArguments {
    /// Reads the arguments of a function call. Missing arguments are an empty object. If a key is null and `T` takes no
    /// null there, the key counts as absent.
    ///
    /// # Errors
    ///
    /// Returns an error that tells the model what is wrong, so send its text back as the result of the call.
    ///
    /// ```
    /// use chatwire::prelude::*;
    /// use chatwire::{FunctionCall, FunctionToolCall, ToolCall};
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize)]
    /// struct GetWeather {
    ///     city: String,
    /// }
    ///
    /// let call = |arguments| -> ToolCall {
    ///     FunctionToolCall::new("call_1", FunctionCall::new("get_weather", arguments)).into()
    /// };
    /// assert_eq!(call(r#"{"city":"Oslo"}"#).arguments::<GetWeather>()?.city, "Oslo");
    ///
    /// let error = call(r#"{"city":7}"#).arguments::<GetWeather>().unwrap_err();
    /// assert!(error.to_string().contains("`city`: invalid type: integer `7`, expected a string"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn arguments<T: DeserializeOwned>(&self) -> Result<T, ArgumentsError>;
}

impl ParseArguments for ToolCall {
    fn arguments<T: DeserializeOwned>(&self) -> Result<T, ArgumentsError> {
        json::arguments(self)
    }
}
