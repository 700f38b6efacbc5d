//! The words of requests and answers in the form of the conventions (`gen_ai.input.messages` and so on), for clients
//! that trace them. `settings.rs` has the switch.

use chatwire_types::ChatCompletion;
use serde_json::{Map, Value, json};

/// The messages of a request.
pub(super) fn input(messages: &[Value]) -> Value {
    messages.iter().map(message).collect()
}

/// One message for each choice.
pub(super) fn output(completion: &ChatCompletion) -> Value {
    let messages = completion.choices.iter().flatten().filter_map(|choice| choice.message.as_ref());
    messages
        .filter_map(|message| serde_json::to_value(message).ok())
        .map(|json| message(&json))
        .collect()
}

/// The tools of a request.
pub(super) fn tools(tools: &[Value]) -> Value {
    tools.iter().map(tool).collect()
}

fn tool(tool: &Value) -> Value {
    let kind = tool.get("type").and_then(Value::as_str).unwrap_or("function");
    match tool.get(kind) {
        Some(Value::Object(definition)) => {
            let mut flat = Map::from_iter([("type".to_owned(), kind.into())]);
            flat.extend(definition.clone());
            flat.into()
        }
        _ => tool.clone(),
    }
}

fn message(message: &Value) -> Value {
    let role = message.get("role").and_then(Value::as_str).unwrap_or("assistant");
    let mut parts = Vec::new();
    let thoughts = ["reasoning_content", "reasoning"].iter().find_map(|key| text(message, key));
    parts.extend(thoughts.map(|words| json!({"type": "reasoning", "content": words})));
    let content = message.get("content").filter(|content| !content.is_null());
    match (role, content) {
        ("tool" | "function", content) => parts.push(json!({
            "type": "tool_call_response",
            "id": message.get("tool_call_id"),
            "response": content,
        })),
        (_, Some(Value::Array(list))) => parts.extend(list.iter().map(part)),
        (_, Some(Value::String(words))) if words.is_empty() => {}
        (_, Some(words)) => parts.push(json!({"type": "text", "content": words})),
        (_, None) => {}
    }
    let refusal = text(message, "refusal");
    parts.extend(refusal.map(|words| json!({"type": "refusal", "content": words})));
    parts.extend(message.get("audio").filter(|audio| audio.is_object()).map(spoken));
    let calls = message.get("tool_calls").and_then(Value::as_array);
    parts.extend(calls.into_iter().flatten().map(call));
    json!({"role": role, "parts": parts})
}

fn part(part: &Value) -> Value {
    let inner = |key: &str| part.get(part.get("type")?.as_str()?)?.get(key)?.as_str();
    match part.get("type").and_then(Value::as_str) {
        Some("text") => json!({"type": "text", "content": part.get("text")}),
        Some("refusal") => json!({"type": "refusal", "content": part.get("refusal")}),
        Some("image_url") => at(inner("url").unwrap_or_default(), "image"),
        Some("video_url") => at(inner("url").unwrap_or_default(), "video"),
        Some("input_audio") => {
            let mime_type = inner("format").map(|format| format!("audio/{format}"));
            blob("audio", mime_type.as_deref())
        }
        Some("file") => match inner("file_id") {
            Some(id) => json!({"type": "file", "modality": "document", "file_id": id}),
            None => at(inner("file_data").unwrap_or("data:"), "document"),
        },
        _ => part.clone(),
    }
}

/// An address, or data in place of one.
fn at(url: &str, modality: &str) -> Value {
    match url.strip_prefix("data:") {
        Some(data) => {
            let mime_type = data.split([';', ',']).next().filter(|kind| !kind.is_empty());
            blob(modality, mime_type)
        }
        None => json!({"type": "uri", "modality": modality, "uri": url}),
    }
}

/// Data without its bytes, because a span cannot hold a picture.
fn blob(modality: &str, mime_type: Option<&str>) -> Value {
    json!({"type": "blob", "modality": modality, "mime_type": mime_type, "content": ""})
}

fn spoken(audio: &Value) -> Value {
    let mut part = blob("audio", None);
    if let (Some(part), Some(transcript)) = (part.as_object_mut(), audio.get("transcript")) {
        part.insert("transcript".to_owned(), transcript.clone());
    }
    part
}

fn call(call: &Value) -> Value {
    let kind = call.get("type").and_then(Value::as_str).unwrap_or("function");
    let Some(Value::Object(called)) = call.get(kind) else { return call.clone() };
    let words = called.get("arguments").or_else(|| called.get("input"));
    let arguments = match words {
        // Arguments that are not JSON stay a text.
        Some(Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
        }
        other => other.cloned().unwrap_or_default(),
    };
    json!({
        "type": "tool_call",
        "id": call.get("id"),
        "name": called.get("name"),
        "arguments": arguments,
    })
}

fn text<'m>(message: &'m Value, key: &str) -> Option<&'m str> {
    message.get(key)?.as_str().filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &Value, parts: &Value) {
        let role = from["role"].clone();
        assert_eq!(message(from), json!({"role": role, "parts": parts}));
    }

    #[test]
    fn messages_of_every_kind() {
        check(
            &json!({"role": "user", "content": "Hi"}),
            &json!([{"type": "text", "content": "Hi"}]),
        );
        check(
            &json!({"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
                {"type": "file", "file": {"file_id": "file-1"}},
                {"type": "hologram", "hologram": 1},
            ]}),
            &json!([
                {"type": "text", "content": "What is this?"},
                {"type": "uri", "modality": "image", "uri": "https://example.org/cat.png"},
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": ""},
                {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": ""},
                {"type": "file", "modality": "document", "file_id": "file-1"},
                {"type": "hologram", "hologram": 1},
            ]),
        );
        check(
            &json!({"role": "assistant", "content": null, "reasoning_content": "Hm", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"n\":1}"}},
                {"id": "c2", "type": "custom", "custom": {"name": "run", "input": "ls"}},
            ]}),
            &json!([
                {"type": "reasoning", "content": "Hm"},
                {"type": "tool_call", "id": "c1", "name": "add", "arguments": {"n": 1}},
                {"type": "tool_call", "id": "c2", "name": "run", "arguments": "ls"},
            ]),
        );
        check(
            &json!({"role": "tool", "tool_call_id": "c1", "content": "2"}),
            &json!([{"type": "tool_call_response", "id": "c1", "response": "2"}]),
        );
        check(
            &json!({"role": "assistant", "content": "", "refusal": "No."}),
            &json!([{"type": "refusal", "content": "No."}]),
        );
    }

    #[test]
    fn tools_are_flat() {
        let function = json!({"name": "add", "description": "Adds.", "parameters": {}});
        assert_eq!(
            tools(&[json!({"type": "function", "function": function})]),
            json!([{"type": "function", "name": "add", "description": "Adds.", "parameters": {}}]),
        );
    }
}
