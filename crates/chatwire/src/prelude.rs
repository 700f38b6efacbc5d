//! What most programs with structured output or tools need: `use chatwire::prelude::*;`. The methods for types of other
//! crates are in traits, which must be in scope; their docs are in [`crate::parse`] and [`crate::tools`].

pub use crate::parse::{ParseAnswer, ParseArguments, ParseClient, ParseError};
pub use crate::{Client, CreateChatCompletionRequest, Message};
