//! Shortcuts that build messages and content parts, and read the text of content.
//! [`crate::completion`] reads whole completions, and [`crate::next_turn`] makes the next request's message
//! of an answer.

use std::borrow::Cow;
#[cfg(feature = "images")]
use std::io;
#[cfg(feature = "images")]
use std::path::Path;

#[cfg(feature = "images")]
use base64::Engine;
use serde_json::Value;

use crate::{
    AssistantMessage, Content, ContentPart, CreateChatCompletionRequest, DeveloperMessage,
    ImagePart, ImageUrl, Message, Role, SystemMessage, TextPart, Tool, ToolMessage, UserMessage,
};

impl CreateChatCompletionRequest {
    /// Adds a message at the end: a [`Message`], or the message of an answer.
    ///
    /// ```
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// let mut request = CreateChatCompletionRequest::new("gpt-4o", [Message::user("Hello")]);
    /// request.push(Message::assistant("Hi!"));
    /// request.push(Message::user("How are you?"));
    /// assert_eq!(request.messages.map(|messages| messages.len()), Some(3));
    /// ```
    pub fn push(&mut self, message: impl Into<Message>) {
        self.messages.get_or_insert_default().push(message.into());
    }

    /// Adds a tool: a [`Tool`], or what becomes one.
    ///
    /// ```
    /// use chatwire_types::{CreateChatCompletionRequest, FunctionDefinition, FunctionTool, Message};
    ///
    /// let mut request = CreateChatCompletionRequest::new("m", [Message::user("What time is it?")]);
    /// request.push_tool(FunctionTool::new(FunctionDefinition::new("get_time")));
    /// assert_eq!(request.tools.map(|tools| tools.len()), Some(1));
    /// ```
    pub fn push_tool(&mut self, tool: impl Into<Tool>) {
        self.tools.get_or_insert_default().push(tool.into());
    }
}

/// Adds messages at the end, for example that of an answer, if it has one.
///
/// ```
/// use chatwire_types::{ChatCompletion, CreateChatCompletionRequest, Message};
///
/// let mut request = CreateChatCompletionRequest::new("m", [Message::user("Hello")]);
/// let completion: ChatCompletion =
///     serde_json::from_str(r#"{"choices":[{"message":{"content":"Hi!"}}]}"#)?;
/// request.extend(completion.message().cloned());
/// assert_eq!(request.messages.map(|messages| messages.len()), Some(2));
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<M: Into<Message>> Extend<M> for CreateChatCompletionRequest {
    fn extend<I: IntoIterator<Item = M>>(&mut self, messages: I) {
        self.messages.get_or_insert_default().extend(messages.into_iter().map(Into::into));
    }
}

impl From<&String> for Content {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl Message {
    /// Instructions of the developer. Newer models take them in place of [`Message::system`].
    pub fn developer(content: impl Into<Content>) -> Self {
        DeveloperMessage::new(content).into()
    }

    /// Instructions that take precedence over what the user says.
    pub fn system(content: impl Into<Content>) -> Self {
        SystemMessage::new(content).into()
    }

    /// What the user says or shows.
    ///
    /// ```
    /// use chatwire_types::{ContentPart, Message};
    ///
    /// let plain = Message::user("What is this?");
    /// let shown = Message::user([
    ///     ContentPart::text("What is this?"),
    ///     ContentPart::image_url("https://example.com/cat.png"),
    /// ]);
    /// # assert_ne!(plain, shown);
    /// ```
    pub fn user(content: impl Into<Content>) -> Self {
        UserMessage::new(content).into()
    }

    /// What the model said earlier.
    pub fn assistant(content: impl Into<Content>) -> Self {
        AssistantMessage::new().content(content).into()
    }

    /// The result of the tool call with this id.
    pub fn tool(tool_call_id: impl Into<String>, content: impl Into<Content>) -> Self {
        ToolMessage::new(content, tool_call_id).into()
    }
}

#[allow(deprecated, reason = "old messages have a role and a text as well")]
impl Message {
    /// The role of the message. For an unknown kind of message, the value of `role`, if there is
    /// one.
    pub fn role(&self) -> Option<Role> {
        Some(match self {
            Self::Developer(_) => Role::Developer,
            Self::System(_) => Role::System,
            Self::User(_) => Role::User,
            Self::Assistant(_) => Role::Assistant,
            Self::Tool(_) => Role::Tool,
            Self::Function(_) => Role::Function,
            other => Role::from(other.unknown()?.get("role")?.as_str()?),
        })
    }

    /// The text of the message, with the text parts of a list joined.
    ///
    /// ```
    /// use chatwire_types::{Message, Role};
    ///
    /// let message = Message::user("Hello");
    /// assert_eq!((message.role(), message.text().as_deref()), (Some(Role::User), Some("Hello")));
    /// ```
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Developer(message) => message.content.text(),
            Self::System(message) => message.content.text(),
            Self::User(message) => message.content.text(),
            Self::Assistant(message) => message.content.as_ref()?.text(),
            Self::Tool(message) => message.content.text(),
            Self::Function(message) => message.content.as_deref().map(Cow::Borrowed),
            other => other.unknown()?.get("content")?.as_str().map(Cow::Borrowed),
        }
    }

    fn unknown(&self) -> Option<&Value> {
        match self {
            Self::Unknown(message) => Some(message.as_json()),
            _ => None,
        }
    }
}

impl ContentPart {
    /// A piece of text.
    pub fn text(text: impl Into<String>) -> Self {
        TextPart::new(text).into()
    }

    /// An image by its address: an `https:` URL, or a `data:` URL with the image in base64.
    pub fn image_url(url: impl Into<String>) -> Self {
        ImagePart::new(ImageUrl::new(url)).into()
    }

    /// An image by its bytes, with a media type such as `image/png`. The request holds it as
    /// base64. Needs the feature `images`.
    ///
    /// ```
    /// use chatwire_types::ContentPart;
    ///
    /// let part = ContentPart::image_bytes("image/gif", b"GIF89a");
    /// assert_eq!(part, ContentPart::image_url("data:image/gif;base64,R0lGODlh"));
    /// ```
    #[cfg(feature = "images")]
    pub fn image_bytes(media_type: &str, bytes: impl AsRef<[u8]>) -> Self {
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        Self::image_url(format!("data:{media_type};base64,{base64}"))
    }

    /// An image from a file. The first bytes of the file decide its media type, and its name does not matter.
    /// It blocks while it reads the file. Needs the feature `images`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if it is not a PNG, JPEG, GIF or WebP image.
    ///
    /// ```
    /// use chatwire_types::ContentPart;
    ///
    /// let path = std::env::temp_dir().join(format!("chatwire-{}.gif", std::process::id()));
    /// std::fs::write(&path, "GIF89a")?;
    /// let part = ContentPart::image_file(&path)?;
    /// assert_eq!(part, ContentPart::image_bytes("image/gif", "GIF89a"));
    /// # std::fs::write(&path, "<svg")?;
    /// # assert!(ContentPart::image_file(&path).unwrap_err().to_string().contains("convert it"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "images")]
    pub fn image_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| {
            let text = format!("the image {} cannot be read: {error}", path.display());
            io::Error::new(error.kind(), text)
        })?;
        let media_type = media_type(&bytes).ok_or_else(|| {
            let text = format!(
                "{} is not a PNG, JPEG, GIF or WebP image by its first bytes; convert it",
                path.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        Ok(Self::image_bytes(media_type, bytes))
    }
}

/// The media type of an image, by its first bytes.
#[cfg(feature = "images")]
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

impl Content {
    /// The text, with the text parts of a list joined; `None` if there is none.
    ///
    /// ```
    /// use chatwire_types::{Content, ContentPart};
    ///
    /// assert_eq!(Content::from("Hello").text().as_deref(), Some("Hello"));
    /// let parts = Content::from([ContentPart::text("Hel"), ContentPart::text("lo")]);
    /// assert_eq!(parts.text().as_deref(), Some("Hello"));
    /// ```
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Parts(parts) => joined(parts.iter().filter_map(|part| match part {
                ContentPart::Text(part) => Some(part.text.as_str()),
                _ => None,
            })),
            _ => None,
        }
    }
}

/// Joins the texts, and copies only if there are several.
fn joined<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<Cow<'a, str>> {
    let mut joined = Cow::Borrowed(texts.next()?);
    texts.for_each(|text| joined.to_mut().push_str(text));
    Some(joined)
}

#[cfg(all(test, feature = "images"))]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_type() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"GIF87a"), Some("image/gif"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [&b""[..], b"<svg", b"RIFF", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(media_type(other), None);
        }
    }
}
