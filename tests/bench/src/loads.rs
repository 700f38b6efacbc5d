//! The streams that are measured: made up by rule, so that they are the same everywhere, or recorded
//! from real services. How they are read is [`crate::contenders`]' matter.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// Streams of one kind.
pub struct Load {
    pub name: &'static str,
    /// The bodies of answers, each a stream of its own.
    pub bodies: Vec<Vec<u8>>,
    /// The events are chunks, so that they can be decoded.
    pub chunks: bool,
}

/// How the bytes arrive.
#[derive(Clone, Copy, PartialEq)]
pub enum Read {
    Event,
    Size(usize),
}

impl Read {
    pub const ALL: [Self; 5] =
        [Self::Event, Self::Size(1460), Self::Size(16 << 10), Self::Size(64 << 10), Self::Size(1)];

    pub fn name(self) -> String {
        match self {
            Self::Event => "event".to_owned(),
            Self::Size(size) => size.to_string(),
        }
    }
}

/// The reads of each body.
pub type Reads = Vec<Vec<Bytes>>;

impl Load {
    pub fn reads(&self, read: Read) -> Reads {
        self.bodies.iter().map(|body| cut(body, read)).collect()
    }
}

fn cut(body: &[u8], read: Read) -> Vec<Bytes> {
    let whole = Bytes::copy_from_slice(body);
    match read {
        Read::Size(size) => (0..body.len())
            .step_by(size)
            .map(|start| whole.slice(start..(start + size).min(body.len())))
            .collect(),
        Read::Event => {
            let mut pieces = Vec::new();
            let mut start = 0;
            for line_end in memchr::memchr_iter(b'\n', body) {
                let rest = &body[line_end + 1..];
                let blank = rest.strip_prefix(b"\r").unwrap_or(rest).starts_with(b"\n");
                if blank {
                    let end = line_end + 2 + usize::from(rest[0] == b'\r');
                    pieces.push(whole.slice(start..end));
                    start = end;
                }
            }
            pieces
        }
    }
}

const STREAMS: usize = 8;
const EVENTS: usize = 500;

/// Every load; the recorded one is empty when the recordings are not there.
pub fn all() -> Vec<Load> {
    vec![
        made("plain", true, |index, stream| event("data: ", &plain(index, stream), "\n")),
        made("tools", true, |index, stream| event("data: ", &tools(index, stream), "\n")),
        made("logprobs", true, |index, stream| event("data: ", &logprobs(index, stream), "\n")),
        made("big4k", true, |index, stream| event("data: ", &big(index, stream), "\n")),
        made("crlf", true, |index, stream| event("data: ", &plain(index, stream), "\r\n")),
        made("typed", true, |index, stream| {
            event("event: message\ndata: ", &plain(index, stream), "\n")
        }),
        made("turns", true, |index, stream| event("data: ", &turns(index, stream), "\n")),
        Load { name: "huge", bodies: vec![huge()], chunks: false },
        Load { name: "recorded", bodies: recorded(), chunks: true },
    ]
}

fn made(name: &'static str, chunks: bool, event: impl Fn(usize, usize) -> String) -> Load {
    let body = |stream| {
        let events: String = (0..EVENTS).map(|index| event(index, stream)).collect();
        (events + "data: [DONE]\n\n").into_bytes()
    };
    Load { name, bodies: (0..STREAMS).map(body).collect(), chunks }
}

fn event(start: &str, json: &str, line_end: &str) -> String {
    format!("{start}{json}\n\n").replace('\n', line_end)
}

/// A token as it stands in JSON: four of five are plain, the others have escapes or UTF-8.
fn token(index: usize) -> &'static str {
    const TOKENS: [&str; 20] = [
        " the",
        " of",
        "ing",
        " model",
        " answer",
        ",",
        " and",
        " a",
        "s",
        " streaming",
        " in",
        " tokens",
        ".",
        " to",
        " is",
        " value",
        "\\n\\n",
        " \\\"quoted\\\"",
        " café",
        " 日本",
    ];
    TOKENS[index * 7 % TOKENS.len()]
}

const PADDING: &str = "rXq0vLwZ8sT1mYkB5nHd";

fn head(stream: usize) -> String {
    format!(
        r#""id":"chatcmpl-Cj8SkQ2bq0VfN3oJd4RkzE7Yx{stream:03}","object":"chat.completion.chunk","created":1763650000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_560af6e559""#
    )
}

fn plain(index: usize, stream: usize) -> String {
    let padding = &PADDING[..1 + index * 5 % 14];
    format!(
        r#"{{{},"choices":[{{"index":0,"delta":{{"content":"{}"}},"logprobs":null,"finish_reason":null}}],"obfuscation":"{padding}"}}"#,
        head(stream),
        token(index)
    )
}

/// Eight answers to one request, a token of each in turn.
fn turns(index: usize, stream: usize) -> String {
    let choice = format!(r#""choices":[{{"index":{}"#, index % 8);
    plain(index / 8, stream).replace(r#""choices":[{"index":0"#, &choice)
}

fn tools(index: usize, stream: usize) -> String {
    let padding = &PADDING[..1 + index * 5 % 14];
    let piece = [r#"{\"ci"#, r#"ty\":"#, r#"\"Os"#, "lo", r#"\","#, " unit", "s: "][index % 7];
    format!(
        r#"{{{},"choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":0,"function":{{"arguments":"{piece}"}}}}]}},"logprobs":null,"finish_reason":null}}],"obfuscation":"{padding}"}}"#,
        head(stream),
    )
}

fn logprobs(index: usize, stream: usize) -> String {
    let entry = |place: usize| {
        let token = [" the", " of", "ing", " model", " a"][(index + place) % 5];
        let bytes: Vec<String> = token.bytes().map(|byte| byte.to_string()).collect();
        let logprob = -0.013_452 * ((index % 97) as f64 + 1.0) - place as f64;
        format!(r#""token":"{token}","logprob":{logprob},"bytes":[{}]"#, bytes.join(","))
    };
    let mut top = String::new();
    for place in 0..5 {
        let _ = write!(top, "{}{{{}}}", if place == 0 { "" } else { "," }, entry(place));
    }
    format!(
        r#"{{{},"choices":[{{"index":0,"delta":{{"content":"{}"}},"logprobs":{{"content":[{{{},"top_logprobs":[{top}]}}],"refusal":null}},"finish_reason":null}}]}}"#,
        head(stream),
        token(index),
        entry(0)
    )
}

fn big(index: usize, stream: usize) -> String {
    let mut text = String::new();
    let mut next = index;
    while text.len() < 3800 {
        text.push_str(token(next));
        next += 3;
    }
    format!(
        r#"{{{},"choices":[{{"index":0,"delta":{{"content":"{text}"}},"logprobs":null,"finish_reason":null}}]}}"#,
        head(stream)
    )
}

/// One event of 8 MiB, as an image in base64 would be.
fn huge() -> Vec<u8> {
    let mut body = Vec::from(&b"data: "[..]);
    body.extend((0..8 << 20).map(|index: usize| PADDING.as_bytes()[index * 7 % PADDING.len()]));
    body.extend_from_slice(b"\n\n");
    body
}

/// The recorded streams of the shared corpus; none where that folder is missing.
pub fn recorded() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut files = Vec::new();
    walk(&folder, &mut files);
    files.iter().filter_map(|file| std::fs::read(file).ok()).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.to_string_lossy().ends_with(".stream.sse") {
            files.push(path);
        }
    }
    files.sort();
}
