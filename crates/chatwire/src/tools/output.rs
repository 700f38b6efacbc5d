//! What a tool returns, and what the model gets of it. [`super::handler`] runs the tools.

use std::fmt;

use chatwire_types::{Content, ContentPart, ToolCall};
use serde_core::ser::Serialize;
use serde_json::Value;

/// The result of a call, as it goes to the model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The call.
    pub call: ToolCall,
    /// What the model reads.
    pub content: Content,
    /// Whether it is an error: the tool failed, its arguments do not fit, or there is no such tool.
    pub is_error: bool,
}

/// What a tool may return: a text, a number, [`Json`], parts of content, or a `Result` of one of them.
pub trait ToolOutput {
    /// Returns what the model reads, or the words of an error.
    ///
    /// # Errors
    ///
    /// Returns an error if the tool failed, or if its output cannot be written as JSON.
    fn into_content(self) -> Result<Content, String>;
}

/// A value that goes to the model as JSON.
///
/// ```
/// use chatwire::tools::{Json, ToolOutput as _};
///
/// let content = Json(vec![18, 21]).into_content()?;
/// assert_eq!(content.text().as_deref(), Some("[18,21]"));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize> ToolOutput for Json<T> {
    fn into_content(self) -> Result<Content, String> {
        let json = serde_json::to_string(&self.0);
        json.map(Content::Text).map_err(|error| format!("the result cannot be written: {error}"))
    }
}

impl<T: ToolOutput, E: fmt::Display> ToolOutput for Result<T, E> {
    fn into_content(self) -> Result<Content, String> {
        // The alternate form is the one with the causes, where an error type has one.
        self.map_err(|error| format!("{error:#}")).and_then(T::into_content)
    }
}

impl ToolOutput for Content {
    fn into_content(self) -> Result<Content, String> {
        Ok(self)
    }
}

impl ToolOutput for String {
    fn into_content(self) -> Result<Content, String> {
        Ok(self.into())
    }
}

impl ToolOutput for &str {
    fn into_content(self) -> Result<Content, String> {
        Ok(self.into())
    }
}

impl ToolOutput for Vec<ContentPart> {
    fn into_content(self) -> Result<Content, String> {
        Ok(self.into())
    }
}

/// A tool that returns nothing has still done its work, and content must not be empty.
impl ToolOutput for () {
    fn into_content(self) -> Result<Content, String> {
        Ok("done".into())
    }
}

macro_rules! as_json {
    ($($type:ty),*) => {$(
        impl ToolOutput for $type {
            fn into_content(self) -> Result<Content, String> {
                Json(self).into_content()
            }
        }
    )*};
}

as_json!(Value, bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);
