//! Recognizes the kind of a payload by the name and the content of its file. [`index`](super::index)
//! reads what an `index.json` says, [`payload`](super::payload) checks a payload by its kind.

use std::path::Path;

use chatwire::types::strip_byte_order_mark;

use super::exact::Json;
use super::report::Kind;

impl Kind {
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let found = BY_SUFFIX.iter().find(|(suffix, _)| {
            name.strip_suffix(suffix).is_some_and(|stem| stem.is_empty() || stem.ends_with('.'))
        });
        found.map(|(_, kind)| *kind)
    }

    /// The kind of a payload without a name. What is not JSON is a stream, unless it begins like JSON.
    pub(super) fn of_content(bytes: &[u8]) -> Self {
        let bytes = strip_byte_order_mark(bytes).trim_ascii_start();
        match Json::parse(bytes) {
            Ok(json) if is_request(&json) => Self::Request,
            Ok(json) if is_chunk(&json) => Self::Chunk,
            Ok(_) => Self::Response,
            Err(_) if bytes.starts_with(b"{") || bytes.starts_with(b"[") => Self::Response,
            Err(_) => Self::Stream,
        }
    }

    /// The kind after a look at the content, because a name says only "request" or "response".
    pub(super) fn refined(self, json: &Json) -> Self {
        match self {
            Self::Response => answer(json),
            Self::Request if only_metadata(json) => Self::UpdateRequest,
            kind => kind,
        }
    }
}

/// Only a request has messages at its top, or nothing but metadata.
fn is_request(json: &Json) -> bool {
    json.get("messages").is_some() || only_metadata(json) && json.get("choices").is_none()
}

fn is_chunk(json: &Json) -> bool {
    first(json.get("choices")).is_some_and(|choice| choice.get("delta").is_some())
}

fn answer(json: &Json) -> Kind {
    let object = json.get("object").and_then(Json::as_text).unwrap_or_default();
    let has = |key| json.get(key).is_some_and(|value| *value != Json::Null);
    match object {
        // Some services put a list around the envelope of an error.
        _ if first(Some(json)).is_some_and(|item| item.get("error").is_some()) => Kind::Error,
        _ if is_list(object, json) => list(json),
        "error" => Kind::Error,
        "chat.completion.chunk" => Kind::Chunk,
        _ if has("deleted") => Kind::Deleted,
        _ if !has("choices") && (has("error") || has("detail") || has("errors")) => Kind::Error,
        _ => Kind::Response,
    }
}

fn is_list(object: &str, json: &Json) -> bool {
    let has_data = matches!(json.get("data"), Some(Json::List(_))) && json.get("choices").is_none();
    object == "list" || object.is_empty() && has_data
}

fn list(json: &Json) -> Kind {
    let of_messages = first(json.get("data")).is_some_and(|item| item.get("role").is_some());
    if of_messages { Kind::MessageList } else { Kind::List }
}

fn first(list: Option<&Json>) -> Option<&Json> {
    let Some(Json::List(items)) = list else { return None };
    items.first()
}

fn only_metadata(json: &Json) -> bool {
    json.get("object").is_none()
        && json.get("metadata").is_some()
        && json.get("messages").is_none()
        && json.get("model").is_none()
}

const BY_SUFFIX: &[(&str, Kind)] = &[
    ("request.json", Kind::Request),
    ("response.json", Kind::Response),
    ("chunk.json", Kind::Chunk),
    ("error.json", Kind::Error),
    ("stream.sse", Kind::Stream),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |name: &str, kind| assert_eq!(Kind::of_name(Path::new(name)), kind, "{name}");
        check("a/x.request.json", Some(Kind::Request));
        check("stream.sse", Some(Kind::Stream));
        check("x.y.error.json", Some(Kind::Error));
        check("myresponse.json", None);
        check("x.headers.txt", None);
        check("index.json", None);
    }

    #[test]
    fn contents_without_a_name() {
        let check =
            |text: &str, kind| assert_eq!(Kind::of_content(text.as_bytes()), kind, "{text}");
        check(r#"{"model":"m","messages":[]}"#, Kind::Request);
        check("\u{feff} {\"messages\":[]}", Kind::Request);
        check(r#"{"metadata":{}}"#, Kind::Request);
        check(r#"{"choices":[{"delta":{}}]}"#, Kind::Chunk);
        check(r#"{"choices":[{"message":{}}],"metadata":{}}"#, Kind::Response);
        check(r#"{"error":{}}"#, Kind::Response);
        check("{\"choices\":", Kind::Response);
        check("data: {}\n\n", Kind::Stream);
        check(": ping\n\n", Kind::Stream);
        check("", Kind::Stream);
    }

    #[test]
    fn contents() {
        let check = |kind: Kind, text: &str, expected| {
            let json = Json::parse(text.as_bytes()).unwrap();
            assert_eq!(kind.refined(&json), expected, "{text}");
        };
        check(Kind::Response, r#"{"choices":[],"error":{}}"#, Kind::Response);
        check(Kind::Response, r#"{"id":"x"}"#, Kind::Response);
        check(Kind::Response, r#"{"error":"no"}"#, Kind::Error);
        check(Kind::Response, r#"{"object":"error","message":"no"}"#, Kind::Error);
        check(Kind::Response, r#"[{"error":{"code":400}}]"#, Kind::Error);
        check(Kind::Response, r#"{"id":"x","deleted":true}"#, Kind::Deleted);
        check(Kind::Response, r#"{"object":"list","data":[{"role":"user"}]}"#, Kind::MessageList);
        check(Kind::Response, r#"{"object":"list","data":[]}"#, Kind::List);
        check(Kind::Response, r#"{"object":"list","data":null}"#, Kind::List);
        check(Kind::Response, r#"{"data":[{"role":"user"}]}"#, Kind::MessageList);
        check(Kind::Response, r#"{"data":[],"choices":[]}"#, Kind::Response);
        check(Kind::Response, r#"{"object":"chat.completion.chunk"}"#, Kind::Chunk);
        check(Kind::Request, r#"{"metadata":{}}"#, Kind::UpdateRequest);
        check(Kind::Request, r#"{"metadata":{},"messages":[]}"#, Kind::Request);
        check(Kind::Chunk, r#"{"error":{}}"#, Kind::Chunk);
    }
}
