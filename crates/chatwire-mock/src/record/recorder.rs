//! Gives each recording of a folder its name. [`draft`](super::draft) writes one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;

use super::draft::Draft;
use super::upstream::Upstream;
use crate::recording::Secrets;

/// Records the answers of a real server in a folder.
pub(crate) struct Recorder {
    folder: PathBuf,
    pub(super) upstream: Upstream,
    next: AtomicU64,
}

impl Recorder {
    /// Makes the folder if there is none. New recordings come after those that it has.
    pub(crate) fn new(folder: &Path, upstream: Upstream) -> io::Result<Self> {
        let last = last_number(folder).map_err(|error| {
            let text = format!("no recordings can be written to {}: {error}", folder.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        Ok(Self { folder: folder.to_owned(), upstream, next: AtomicU64::new(last + 1) })
    }

    /// Begins a recording: writes the request, and claims a name for it.
    pub(super) fn begin(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> io::Result<Draft> {
        let mut secrets = Secrets::of(headers, uri.query().unwrap_or_default());
        secrets.extend(self.upstream.secrets(), body);
        let target = uri.path_and_query().map_or(uri.path(), |target| target.as_str());
        let target = secrets.mask_target(target);
        let body = secrets.mask_body(body);
        let topic = topic(&target, &body);
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let name = format!("{number:04}-{topic}");
            if let Some(mut draft) = Draft::claim(&self.folder, &name)? {
                draft.request(method, target, &body, secrets)?;
                return Ok(draft);
            }
            // Another process records in this folder, too.
        }
    }
}

/// The largest number at the start of a name.
fn last_number(folder: &Path) -> io::Result<u64> {
    fs::create_dir_all(folder)?;
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let name = name.trim_start_matches('.');
        let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
        let number = name.get(..digits).and_then(|digits| digits.parse().ok());
        last = last.max(number.filter(|number| *number < u64::MAX).unwrap_or(0));
    }
    Ok(last)
}

/// What people recognize a request by: the model, or else the path.
fn topic(target: &str, body: &[u8]) -> String {
    let json = serde_json::from_slice::<Value>(body).ok();
    let model = json.as_ref().and_then(|json| json.get("model")).and_then(Value::as_str);
    let path = target.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let topic = model.unwrap_or(path);
    let mut words = String::new();
    for c in topic.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() || c == '.' || c == '_' => words.push(c),
            _ if words.is_empty() || words.ends_with('-') => {}
            _ => words.push('-'),
        }
    }
    words.truncate(LONGEST_TOPIC);
    let words = words.trim_matches(['-', '.']);
    if words.is_empty() { "request".to_owned() } else { words.to_owned() }
}

const LONGEST_TOPIC: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics() {
        let check = |target: &str, body: &str, expected: &str| {
            assert_eq!(topic(target, body.as_bytes()), expected, "{target} {body}");
        };
        check("/v1/chat/completions", r#"{"model":"org/Llama-3.1"}"#, "org-Llama-3.1");
        check("/v1/models?limit=1", "", "models");
        check("/v1/chat/completions", "not json", "chat-completions");
        check("/v1/chat/completions", r#"{"model":"../../é"}"#, "request");
        check("/", "", "request");
        check("/v1/x", &format!(r#"{{"model":"{}"}}"#, "m".repeat(99)), &"m".repeat(50));
    }

    #[test]
    fn numbers_go_on() {
        let folder = std::env::temp_dir().join(format!("chatwire-numbers-{}", std::process::id()));
        assert_eq!(last_number(&folder).unwrap(), 0);
        for name in ["0003-a.stream.sse", ".0007-b.part", "x-9.request.json", "12"] {
            fs::write(folder.join(name), "").unwrap();
        }
        assert_eq!(last_number(&folder).unwrap(), 12);
        fs::remove_dir_all(folder).unwrap();
    }
}
