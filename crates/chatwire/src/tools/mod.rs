//! Lets a model call Rust functions, and sends their results back until the model answers. [`crate::schema`] makes
//! the schemas of the arguments, and [`crate::parse`] reads the arguments.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = chatwire_mock::MockServer::start().await?;
//! # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
//! use chatwire::prelude::*;
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! /// The weather in a city.
//! #[derive(Deserialize, JsonSchema)]
//! struct GetWeather {
//!     city: String,
//! }
//!
//! let tools = Tools::new()
//!     .with("get_weather", async |args: GetWeather| format!("18 °C in {}", args.city));
//! let request = CreateChatCompletionRequest::new("m", [Message::user("How is the weather?")]);
//! let conversation = client.chat_with_tools(request, &tools).await?;
//! assert_eq!(conversation.text().as_deref(), Some("The tool says: 18 °C in Paris"));
//! # Ok(())
//! # }
//! ```

mod error;
mod function;
mod handler;
mod output;
mod stream;
mod trace;
mod turns;

use std::fmt;
use std::future::Future;

use chatwire_client::Client;
use chatwire_types::{
    CreateChatCompletionRequest, CustomTool, FunctionDefinition, FunctionTool, Tool,
};
use futures_util::StreamExt as _;
use schemars::JsonSchema;
use serde_core::de::DeserializeOwned;

use crate::schema::{SchemaError, strict_schema};
pub use error::ToolsError;
pub use function::ToolFunction;
use handler::Handler;
pub use output::{Json, ToolOutput, ToolResult};
pub use stream::{ToolEvent, ToolStream};
use trace::ChatSpan;
pub use turns::Conversation;
use turns::Turns;

/// How many answers the model may give by default.
const DEFAULT_MAX_TURNS: usize = 10;

/// Makes a tool from the type of its arguments: a function for [`Tool`].
pub trait TypedTool: Sized {
    /// A function with this name, whose arguments are an `Args`. The description is the doc comment of `Args`, and the
    /// model follows the schema exactly (`strict`).
    ///
    /// # Errors
    ///
    /// Returns an error if strict mode cannot express `Args`.
    ///
    /// ```
    /// use chatwire::prelude::*;
    /// use schemars::JsonSchema;
    ///
    /// /// The weather in a city.
    /// #[derive(JsonSchema)]
    /// struct GetWeather {
    ///     city: String,
    /// }
    ///
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("How is the weather?")])
    ///     .tools([Tool::function::<GetWeather>("get_weather")?]);
    /// # assert!(serde_json::to_string(&request)?.contains(r#""description":"The weather in a city.""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn function<Args: JsonSchema>(name: impl Into<String>) -> Result<Self, SchemaError>;
}

impl TypedTool for Tool {
    fn function<Args: JsonSchema>(name: impl Into<String>) -> Result<Self, SchemaError> {
        let schema = strict_schema::<Args>()?;
        let mut function = FunctionDefinition::new(name);
        function.description = schema.description().map(str::to_owned);
        Ok(FunctionTool::new(function.parameters(schema.into_json()).strict(true)).into())
    }
}

/// Functions that the model may call. Each is a tool and the code that runs it.
///
/// The code is an `async` closure or an `async fn`. It returns a [`ToolOutput`]: a text, [`Json`], or a `Result` of one.
/// An error goes to the model, which may try again.
///
/// A closure may borrow from its surroundings. An `async move` closure owns what it uses, and each call gets a clone of
/// that, so put what must be shared into an [`Arc`](std::sync::Arc):
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use chatwire::prelude::*;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Add {
///     number: u32,
/// }
///
/// let sum = Arc::new(AtomicU32::new(0));
/// let tools = Tools::new().with("add", async move |args: Add| {
///     sum.fetch_add(args.number, Ordering::Relaxed) + args.number
/// });
/// ```
#[must_use]
pub struct Tools<'a> {
    handlers: Vec<Handler<'a>>,
    max_turns: usize,
    /// The first tool without a schema. The chat fails with it.
    failed: Option<SchemaError>,
}

impl Default for Tools<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Tools<'a> {
    /// No tools, and at most 10 turns.
    pub const fn new() -> Self {
        Self { handlers: Vec::new(), max_turns: DEFAULT_MAX_TURNS, failed: None }
    }

    /// Sets how many answers the model may give, those with calls included. The default is 10.
    pub const fn max_turns(mut self, most: usize) -> Self {
        self.max_turns = most;
        self
    }

    /// Adds a function. Its schema and its description come from the type of its arguments, as in
    /// [`Tool::function`](TypedTool::function). If strict mode cannot express the type, the chat fails with
    /// [`ToolsError::Schema`] before anything is sent.
    pub fn with<Args, Run, Output>(mut self, name: impl Into<String>, run: Run) -> Self
    where
        Args: DeserializeOwned + JsonSchema,
        Run: AsyncFn(Args) -> Output,
        Run: ToolFunction<Args, Running: Future<Output = Output> + 'a> + 'a,
        Output: ToolOutput,
    {
        match Tool::function::<Args>(name) {
            Ok(tool) => self.add(Handler::function(tool, run)),
            Err(error) => {
                self.failed.get_or_insert(error);
                self
            }
        }
    }

    /// Adds a function whose schema and description you write yourself.
    pub fn with_tool<Args, Run, Output>(self, tool: FunctionTool, run: Run) -> Self
    where
        Args: DeserializeOwned,
        Run: AsyncFn(Args) -> Output,
        Run: ToolFunction<Args, Running: Future<Output = Output> + 'a> + 'a,
        Output: ToolOutput,
    {
        self.add(Handler::function(tool.into(), run))
    }

    /// Adds a custom tool, which the model calls with free text.
    pub fn with_custom<Run, Output>(self, tool: CustomTool, run: Run) -> Self
    where
        Run: AsyncFn(String) -> Output,
        Run: ToolFunction<String, Running: Future<Output = Output> + 'a> + 'a,
        Output: ToolOutput,
    {
        self.add(Handler::custom(tool.into(), run))
    }

    /// If two tools have the same name, the later one stays.
    fn add(mut self, handler: Handler<'a>) -> Self {
        self.handlers.retain(|other| other.name() != handler.name());
        self.handlers.push(handler);
        self
    }
}

/// Copies of the tools, for a request that is not sent by [`ChatWithTools`]: `request.tools(&tools)`.
impl IntoIterator for &Tools<'_> {
    type Item = Tool;
    type IntoIter = std::vec::IntoIter<Tool>;

    fn into_iter(self) -> Self::IntoIter {
        let tools: Vec<_> = self.handlers.iter().map(|handler| handler.tool.clone()).collect();
        tools.into_iter()
    }
}

impl fmt::Debug for Tools<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.handlers.iter().map(Handler::name).collect();
        f.debug_struct("Tools")
            .field("names", &names)
            .field("max_turns", &self.max_turns)
            .finish_non_exhaustive()
    }
}

/// Chats in which the model may call functions: methods for [`Client`].
pub trait ChatWithTools {
    /// Sends the request, runs the functions that the model calls, sends their results back, and so on, until the
    /// model answers without a call. The tools are added to those of the request.
    ///
    /// - Several calls of one answer run at the same time, on the task of the caller.
    /// - If a function fails, if its arguments do not fit, or if there is no such tool, the model is told so.
    /// - A call of a tool that only the request has ends the chat. It is in [`Conversation::pending`].
    /// - A `tool_choice` that forces a call counts for the first turn only, because the model could not answer.
    ///
    /// # Errors
    ///
    /// Returns an error if a request fails, if an answer with calls is cut off, or if the model still calls tools after
    /// [`max_turns`](Tools::max_turns) answers. The error holds the conversation up to there.
    fn chat_with_tools(
        &self,
        request: CreateChatCompletionRequest,
        tools: &Tools<'_>,
    ) -> impl Future<Output = Result<Conversation, ToolsError>> + Send;

    /// Does what [`chat_with_tools`](Self::chat_with_tools) does over streams, and returns the events of each turn and
    /// the results of the tools. Nothing is sent until the first event is awaited.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire::prelude::*;
    /// use chatwire::stream::ChatEvent;
    /// use chatwire::tools::ToolEvent;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct GetWeather {
    ///     city: String,
    /// }
    ///
    /// let tools = Tools::new().with("get_weather", async |args: GetWeather| args.city);
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("How is the weather?")]);
    /// let mut stream = client.stream_with_tools(request, &tools);
    /// let mut text = String::new();
    /// while let Some(event) = stream.next().await {
    ///     match event? {
    ///         ToolEvent::Chat { event: ChatEvent::ContentDelta { delta, .. }, .. } => text += &delta,
    ///         ToolEvent::Result(result) => assert_eq!(result.call.name(), Some("get_weather")),
    ///         _ => {}
    ///     }
    /// }
    /// assert_eq!(text, "The tool says: Paris");
    /// assert_eq!(stream.finish().await?.turns, 2);
    /// # Ok(())
    /// # }
    /// ```
    fn stream_with_tools<'t, 'a>(
        &'t self,
        request: CreateChatCompletionRequest,
        tools: &'t Tools<'a>,
    ) -> ToolStream<'t, 'a>;
}

impl ChatWithTools for Client {
    async fn chat_with_tools(
        &self,
        request: CreateChatCompletionRequest,
        tools: &Tools<'_>,
    ) -> Result<Conversation, ToolsError> {
        let mut span = ChatSpan::default();
        span.begin(self, &request);
        let chat = span.enter(take_turns(self, Turns::new(request, tools), span.clone())).await;
        span.end(chat.as_ref());
        chat
    }

    fn stream_with_tools<'t, 'a>(
        &'t self,
        request: CreateChatCompletionRequest,
        tools: &'t Tools<'a>,
    ) -> ToolStream<'t, 'a> {
        ToolStream::new(self, Turns::new(request, tools))
    }
}

async fn take_turns(
    client: &Client,
    mut turns: Turns<'_, '_>,
    span: ChatSpan,
) -> Result<Conversation, ToolsError> {
    loop {
        turns.begin()?;
        match client.chat(turns.request()).await {
            Ok(completion) => {
                let (completion, response) = completion.into_parts();
                turns.answer(completion, response)?;
            }
            Err(error) => return Err(turns.request_failed(error)),
        }
        let mut running = turns.start(&span);
        while let Some(result) = running.next().await {
            turns.add(result);
        }
        if turns.end_turn() {
            return Ok(turns.into_conversation());
        }
    }
}
