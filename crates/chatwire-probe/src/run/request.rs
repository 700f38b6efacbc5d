//! Makes the bytes of a request from a case. [`fill`](super::fill) fills in what the case leaves open.

use serde_json::{Map, Value, json};

use super::fill::Known;
use crate::case::{Request, RequestBody};
use crate::wire::{Address, Sent, Stop};

/// What every request carries.
pub(super) struct Sender<'a> {
    pub(super) address: &'a Address,
    pub(super) api_key: Option<&'a str>,
    pub(super) headers: &'a [(String, String)],
}

impl Sender<'_> {
    pub(super) fn bytes(&self, request: &Request, known: &Known<'_>) -> Sent {
        let body = body(&request.body, known);
        let mut headers = self.headers(body.is_some());
        // A request with another key, or with none, must not carry the key in a header of another name.
        if request.headers.iter().any(|(name, _)| name == "authorization") {
            headers.retain(|(name, _)| !self.is_key(name));
        }
        for (name, value) in &request.headers {
            headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
            let value = value.as_ref().map(|value| (name.to_owned(), known.text(value)));
            headers.extend(value);
        }
        let names = |name| request.headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name));
        let mut body = body.unwrap_or_default();
        if request.is_chunked {
            headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
            body = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        } else if !names("content-length") && !names("transfer-encoding") && request.method != "GET"
        {
            headers.push(("content-length".to_owned(), body.len().to_string()));
        }
        let path = format!("{}{}", self.address.path, known.text(&request.path));
        let mut head = format!("{} {path} HTTP/1.1\r\n", request.method);
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        Sent {
            bytes: [head.into_bytes(), body.into_bytes()].concat(),
            is_head: request.method == "HEAD",
            stop: if request.leaves { Stop::AtFirstByte } else { Stop::AtEnd },
            secrets: self.api_key.map(str::to_owned).into_iter().collect(),
        }
    }

    /// Whether a header that the user gave carries a key, by its name.
    fn is_key(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        let is_given = self.headers.iter().any(|(have, _)| have == name);
        is_given && ["key", "token", "auth", "secret"].iter().any(|word| lower.contains(word))
    }

    fn headers(&self, has_body: bool) -> Vec<(String, String)> {
        let mut headers = vec![
            ("host".to_owned(), self.address.authority.clone()),
            (
                "user-agent".to_owned(),
                concat!("chatwire-probe/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ("accept".to_owned(), "application/json, text/event-stream".to_owned()),
            ("accept-encoding".to_owned(), "identity".to_owned()),
        ];
        if has_body {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        if let Some(key) = self.api_key {
            headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        }
        for (name, value) in self.headers {
            headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.clone()));
        }
        headers
    }
}

fn body(body: &RequestBody, known: &Known<'_>) -> Option<String> {
    match body {
        RequestBody::None => None,
        RequestBody::Text(text) => Some(known.text(text)),
        RequestBody::Json(json) => Some(known.json(json).to_string()),
        RequestBody::Chat { with, without } => Some(known.json(&chat(with, without)).to_string()),
    }
}

/// A small chat request, with these keys in place of its own.
fn chat(with: &Value, without: &[String]) -> Value {
    let base = json!({
        "model": "{{model}}",
        "messages": [{"role": "user", "content": "Say hello"}],
        "{{limit}}": FEW_TOKENS,
    });
    let Value::Object(mut keys) = base else { return base };
    for (key, value) in with.as_object().into_iter().flat_map(Map::iter) {
        // A case that says how many tokens it wants says it once.
        if key == "max_tokens" || key == "max_completion_tokens" {
            keys.shift_remove("{{limit}}");
        }
        keys.insert(key.clone(), value.clone());
    }
    keys.retain(|key, _| !without.contains(key));
    Value::Object(keys)
}

/// The most tokens of an answer, by this case.
pub(super) fn tokens(body: &RequestBody) -> usize {
    let with = match body {
        RequestBody::Chat { with, .. } => with,
        RequestBody::Text(_) => return FEW_TOKENS,
        _ => return 0,
    };
    let limit = ["{{limit}}", "max_tokens", "max_completion_tokens"]
        .iter()
        .find_map(|key| with.get(*key)?.as_u64());
    let choices = with.get("n").and_then(Value::as_u64).unwrap_or(1);
    limit.map_or(FEW_TOKENS, |limit| limit as usize) * choices.min(128) as usize
}

/// Enough for a short sentence.
const FEW_TOKENS: usize = 16;
