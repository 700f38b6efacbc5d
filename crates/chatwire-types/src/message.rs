//! Short ways to build messages and content parts, and to read text out of content. The types are
//! generated; what is read out of a whole completion is next door in [`crate::completion`].

use std::borrow::Cow;

use crate::{
    AssistantMessage, AudioReference, Content, ContentPart, DeveloperMessage, ImagePart, ImageUrl,
    Message, ResponseMessage, SystemMessage, TextPart, ToolMessage, UserMessage,
};

impl Message {
    /// Instructions of the developer, for models that take them in place of [`Message::system`].
    pub fn developer(content: impl Into<Content>) -> Self {
        DeveloperMessage::new(content).into()
    }

    /// Instructions that the model follows whatever the user says.
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

    /// What the model said before.
    pub fn assistant(content: impl Into<Content>) -> Self {
        AssistantMessage::new().content(content).into()
    }

    /// The result of the tool call with that id.
    pub fn tool(tool_call_id: impl Into<String>, content: impl Into<Content>) -> Self {
        ToolMessage::new(content, tool_call_id).into()
    }
}

impl ContentPart {
    /// A piece of text.
    pub fn text(text: impl Into<String>) -> Self {
        TextPart::new(text).into()
    }

    /// An image by its address: `https:`, or `data:` with the image itself in base64.
    pub fn image_url(url: impl Into<String>) -> Self {
        ImagePart::new(ImageUrl::new(url)).into()
    }
}

impl Content {
    /// The text, with the text parts of a list joined; nothing when there is none.
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

/// The texts as one, copied only if there are several.
fn joined<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<Cow<'a, str>> {
    let mut joined = Cow::Borrowed(texts.next()?);
    texts.for_each(|text| joined.to_mut().push_str(text));
    Some(joined)
}

/// What the service said, as part of the next request: everything goes back, unknown keys included,
/// so that reasoning and signatures survive the turn. Of audio only the id is sent, as the service
/// keeps the sound itself.
impl From<ResponseMessage> for AssistantMessage {
    #[allow(deprecated, reason = "an old function call is sent back as it came")]
    fn from(message: ResponseMessage) -> Self {
        Self {
            content: message.content,
            refusal: message.refusal,
            tool_calls: message.tool_calls,
            audio: message.audio.and_then(|audio| audio.id).map(AudioReference::new),
            name: message.name,
            reasoning_content: message.reasoning_content,
            reasoning: message.reasoning,
            reasoning_details: message.reasoning_details,
            annotations: message.annotations,
            function_call: message.function_call,
            extra: message.extra,
        }
    }
}

impl From<ResponseMessage> for Message {
    fn from(message: ResponseMessage) -> Self {
        Self::Assistant(message.into())
    }
}
