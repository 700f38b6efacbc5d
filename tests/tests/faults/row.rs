//! Defines and reads the rows of the matrix. [`crate::server`] plays the script of a row, and
//! [`crate::check`] compares what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use xtask::repository::root;

/// The themes, each a file in `tests/faults`.
const THEMES: [&str; 12] = [
    "bodies",
    "compression",
    "connections",
    "drips",
    "endings",
    "envelopes",
    "events",
    "heads",
    "redirects",
    "retries",
    "secrets",
    "sizes",
];

/// One fault, and what a call has to make of it. `tests/faults/README.md` describes the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// The script of each connection. The last one is also played for all later connections. If there is none,
    /// the connection is refused.
    pub(crate) connections: Vec<Vec<Step>>,
    #[serde(default)]
    pub(crate) client: Settings,
    /// The number of calls on one client. Only the last one is checked.
    #[serde(default = "one")]
    pub(crate) calls: usize,
    pub(crate) both: Option<Outcome>,
    pub(crate) json: Option<Outcome>,
    pub(crate) stream: Option<Outcome>,
    /// The number of requests that the server reads.
    #[serde(default = "one")]
    pub(crate) requests: usize,
    /// The delay of each retry in milliseconds if the server asked for it, otherwise `null`.
    pub(crate) delays: Option<Vec<Option<u64>>>,
    #[serde(default = "default_limit")]
    pub(crate) limit_ms: u64,
    pub(crate) peak_kib: Option<usize>,
}

/// What a connection does next.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Step {
    /// As the first step: does not wait for the request. Every other script begins with that wait.
    Early,
    /// Waits for another request on this connection.
    Request,
    Send(String),
    /// Sends bytes that are not text.
    Hex(String),
    /// Sends a text again and again.
    Repeat(Repeat),
    /// Sends a whole answer with the right `content-length`.
    Answer(Answer),
    /// Sends one piece of a body with `transfer-encoding: chunked`.
    Chunk(String),
    /// Sends the value of a header of the last request.
    Echo(String),
    /// Waits for some milliseconds.
    Pause(u64),
    /// Resets the connection, after a short wait so that everything before it arrives.
    Reset,
    /// Closes the sending half, and reads on until the client leaves.
    Shut,
    /// Keeps the connection open until the client leaves.
    Stay,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeat {
    pub(crate) text: String,
    /// How often; without it until the client leaves.
    pub(crate) times: Option<usize>,
    /// The milliseconds between two of them.
    pub(crate) every: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) status: String,
    /// Whole lines, each with its line end.
    #[serde(default)]
    pub(crate) headers: String,
    #[serde(default)]
    pub(crate) body: String,
}

/// The settings of the client that differ from those of the matrix; times are in milliseconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) max_retries: Option<u32>,
    /// The name and the value of a header of every request.
    pub(crate) header: Option<(String, String)>,
    /// The name and the value of a query parameter of every request.
    pub(crate) query: Option<(String, String)>,
    pub(crate) first_byte_timeout: Option<u64>,
    pub(crate) idle_timeout: Option<u64>,
    pub(crate) chunk_timeout: Option<u64>,
    pub(crate) total_timeout: Option<u64>,
    pub(crate) error_body_timeout: Option<u64>,
    pub(crate) end_timeout: Option<u64>,
    pub(crate) max_body_size: Option<usize>,
    pub(crate) max_answer_size: Option<usize>,
}

impl Settings {
    pub(crate) fn has_timeout(&self) -> bool {
        let timeouts = [
            self.first_byte_timeout,
            self.idle_timeout,
            self.chunk_timeout,
            self.total_timeout,
            self.error_body_timeout,
            self.end_timeout,
        ];
        timeouts.iter().any(Option::is_some)
    }
}

/// What a call has to end with: `text`, `error` or `ends`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    /// The text of the completion.
    pub(crate) text: Option<String>,
    /// The `ErrorKind` of the call.
    pub(crate) error: Option<String>,
    /// The variant of `StreamError`, or of `CompletionError`, with which the stream ends.
    pub(crate) ends: Option<String>,
    pub(crate) status: Option<u16>,
    /// The text of the answer as far as it arrived.
    pub(crate) partial: Option<String>,
    /// Pieces of the message.
    #[serde(default)]
    pub(crate) says: Vec<String>,
    /// Pieces that neither the message nor any other part of the error shows.
    #[serde(default)]
    pub(crate) hides: Vec<String>,
}

/// The method of the client that a row is tried with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Json,
    Stream,
}

/// One row for one call.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) theme: &'static str,
    pub(crate) call: Call,
    pub(crate) row: Row,
    pub(crate) expected: Outcome,
}

impl Case {
    pub(crate) fn name(&self) -> String {
        format!("{}: {} ({:?})", self.theme, self.row.name, self.call)
    }

    pub(crate) fn limit(&self) -> Duration {
        Duration::from_millis(self.row.limit_ms)
    }
}

/// Reads every row of every theme. A missing file, an unknown key and a repeated name are errors.
pub(crate) fn all_cases() -> Vec<Case> {
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for theme in THEMES {
        for row in read_json::<Vec<Row>>(theme) {
            assert!(names.insert(row.name.clone()), "two rows are named {:?}", row.name);
            cases.extend(cases_of(theme, &row));
        }
    }
    cases
}

fn cases_of(theme: &'static str, row: &Row) -> Vec<Case> {
    let outcomes = [
        (Call::Json, row.json.as_ref().or(row.both.as_ref())),
        (Call::Stream, row.stream.as_ref().or(row.both.as_ref())),
    ];
    let cases: Vec<_> = outcomes
        .into_iter()
        .filter_map(|(call, outcome)| Some((call, outcome?.clone())))
        .map(|(call, expected)| Case { theme, call, row: row.clone(), expected })
        .collect();
    assert!(!cases.is_empty(), "{:?} expects nothing", row.name);
    cases
}

/// The texts that rows refer to as `{{name}}`. The key of the map is the name.
pub(crate) fn texts() -> BTreeMap<String, String> {
    read_json("texts")
}

fn read_json<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = root().join(format!("tests/faults/{name}.json"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn one() -> usize {
    1
}

fn default_limit() -> u64 {
    DEFAULT_LIMIT
}

/// A call takes a few milliseconds. The limit only has to tell a busy machine from a call that hangs.
const DEFAULT_LIMIT: u64 = 10_000;
