//! What most programs need: `use chatwire::prelude::*;`. The crate root has everything else.
//!
//! With the feature `schemars`, the prelude also has the traits for structured output and tools. A type of yours
//! derives `serde::Deserialize` and `schemars::JsonSchema`. Then:
//!
//! | method | what it does |
//! | --- | --- |
//! | [`client.parse::<T>(&request)`](crate::parse::ParseClient::parse) | asks for a `T` |
//! | [`client.parse_stream::<T>(&request)`](crate::parse::ParseClient::parse_stream) | does so over a stream, with partial values |
//! | [`completion.parse::<T>()`](crate::parse::ParseAnswer::parse) | reads an answer as a `T` |
//! | [`client.chat_with_tools(request, &tools)`](crate::tools::ChatWithTools::chat_with_tools) | runs the functions that the model calls |
//! | [`client.stream_with_tools(request, &tools)`](crate::tools::ChatWithTools::stream_with_tools) | does so over streams |
//! | [`Tool::function::<Args>(name)`](crate::tools::TypedTool::function) | makes a tool from the type of its arguments |
//! | [`call.arguments::<Args>()`](crate::parse::ParseArguments::arguments) | reads the arguments of a call |
//! | [`strict_schema::<T>()`](crate::schema::strict_schema) | makes the schema, and lists what strict mode cannot say |

#[cfg(feature = "schemars")]
pub use crate::parse::{ParseAnswer, ParseArguments, ParseClient, ParseError};
#[cfg(feature = "schemars")]
pub use crate::tools::{ChatWithTools, Tools, ToolsError, TypedTool};
pub use crate::{Client, ContentPart, CreateChatCompletionRequest, Message, Tool};
