//! What programs with structured output or tools need: `use chatwire::prelude::*;`. The methods for types of other crates
//! are in traits, which must be in scope; [`crate::parse`] and [`crate::tools`] define them.
//!
//! A type of yours derives `serde::Deserialize` and `schemars::JsonSchema`. Then:
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

pub use crate::parse::{ParseAnswer, ParseArguments, ParseClient, ParseError};
pub use crate::tools::{ChatWithTools, Tools, ToolsError, TypedTool};
pub use crate::{Client, CreateChatCompletionRequest, Message, Tool};
