//! Reads the text of the messages of a request. [`answer`](crate::answer) replies to it.

use std::borrow::Cow;

use serde_json::Value;

use crate::text;

/// The text of a message. Other parts are replaced by the name of their kind.
pub(crate) fn message_text(message: &Value) -> Cow<'_, str> {
    match message.get("content") {
        Some(Value::String(text)) => Cow::from(text),
        Some(Value::Array(parts)) => {
            let parts: Vec<_> = parts.iter().map(part_text).collect();
            Cow::from(parts.join(" ").trim().to_owned())
        }
        _ => Cow::default(),
    }
}

fn part_text(part: &Value) -> Cow<'_, str> {
    if let Some(text) = part.get("text").and_then(Value::as_str) {
        return Cow::from(text);
    }
    let url = part.pointer("/image_url/url").and_then(Value::as_str).unwrap_or_default();
    let name = part.get("type").and_then(Value::as_str).unwrap_or("part");
    Cow::from(match url.strip_prefix("data:").and_then(|data| data.split_once(";base64,")) {
        Some((media, data)) => format!("[{name}: {media}, {} bytes]", data.len() / 4 * 3),
        None if !url.is_empty() => format!("[{name}: {url}]"),
        None => format!("[{name}]"),
    })
}

/// A message costs three tokens in addition to its text.
pub(crate) fn prompt_tokens(request: &Value) -> usize {
    let messages = request.get("messages").and_then(Value::as_array);
    let each = messages.into_iter().flatten().map(|m| 3 + text::tokens(&message_text(m)).count());
    3 + each.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images_are_named() {
        let image =
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
        let text = json!({"type": "text", "text": "See"});
        let message = json!({"role": "user", "content": [text, image]});
        assert_eq!(message_text(&message), "See [image_url: image/png, 3 bytes]");
    }
}
