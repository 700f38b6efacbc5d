//! Tests that the probe finds faults: each row of the matrix that one request can show makes a case deviate, which a
//! right answer from the same server does not. [`crate::main`](super) tests the client with the same rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chatwire_probe::{Probe, Verdict};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use xtask::repository::root;

use crate::row::{Answer, Call, Case, Step, all_cases, texts};
use crate::server::Server;

/// The share of the rows that has to be found.
const BAR: f64 = 0.95;

/// Longer than any pause of a row in which the server goes on.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// What nearly all scripts of the matrix do, because they are short: they send neither a length nor a date, and close
/// the connection.
const OF_THE_SCRIPTS: [&str; 4] =
    ["answer-delimited", "stream-delimited", "date", "connection-kept"];

/// Most rows wait.
const AT_ONCE: usize = 128;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_probe_finds_faults() {
    let texts = Arc::new(whole_texts());
    let right = Arc::new(right_answers(&texts).await);
    let legal = legal_rows();
    let (mut found, mut missed, mut doubtful) = (0, Vec::new(), BTreeSet::new());
    for (name, findings) in judge_all(rows(), AT_ONCE, &texts, &right).await {
        let slow = format!("? {name}");
        match (!findings.is_empty(), legal.contains(&name) || legal.contains(&slow)) {
            (true, false) => found += 1,
            (false, false) => missed.push(name),
            (true, true) if !legal.contains(&slow) => drop(doubtful.insert(name)),
            (_, true) => {}
        }
    }
    // On a busy machine, an answer comes late beside so many others. So a legal row is judged again, alone.
    let again = rows().into_iter().filter(|row| doubtful.contains(&row.name())).collect();
    let wrong = judge_all(again, 1, &texts, &right).await;
    let wrong = wrong.into_iter().filter(|(_, findings)| !findings.is_empty());
    let wrong: Vec<_> =
        wrong.map(|(name, found)| format!("{name}: {}", found.join(", "))).collect();
    let count = found + missed.len();
    let share = found as f64 / count as f64;
    println!("{found} of {count} rows are found ({:.1} %)", 100.0 * share);
    assert!(wrong.is_empty(), "found, but listed as legal:\n{}", wrong.join("\n"));
    assert!(share >= BAR && count > 200, "{found} of {count}; missed:\n{}", missed.join("\n"));
}

/// The rows in which the server does nothing wrong. They are about the client.
fn legal_rows() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("tests/faults/legal.txt")).unwrap();
    let names = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    names.map(str::to_owned).collect()
}

/// What deviates in right answers of these servers, which is nothing that a row is about.
async fn right_answers(texts: &BTreeMap<String, String>) -> BTreeMap<Mode, BTreeSet<String>> {
    let mut right = BTreeMap::new();
    for mode in [Mode::Json, Mode::Stream, Mode::Error] {
        let (status, body) = match mode {
            Mode::Error => ("400 Bad Request", OFFICIAL_ERROR),
            _ => ("200 OK", "{{answer}}"),
        };
        let headers =
            if mode == Mode::Error { "content-type: application/json\r\n" } else { "{{type}}" };
        let answer = Answer { status: status.into(), headers: headers.into(), body: body.into() };
        let mut case = all_cases().remove(0);
        case.call = mode.call();
        case.row.connections = vec![vec![Step::Answer(answer)]];
        right.insert(mode, deviations(&case, mode, texts).await);
    }
    // A run that reached nothing would subtract every finding.
    assert!(right.values().all(|deviations| deviations.is_empty()), "{right:?}");
    right
}

/// The rows that one request can show: all if `CHATWIRE_THOROUGH` is set, which takes a minute, else every fifth.
fn rows() -> Vec<Case> {
    let step = if std::env::var_os("CHATWIRE_THOROUGH").is_some() { 1 } else { 5 };
    all_cases().iter().filter_map(one_request).step_by(step).collect()
}

/// The name of each row, and the cases that deviate in it and not in a right answer.
async fn judge_all(
    rows: Vec<Case>,
    at_once: usize,
    texts: &Arc<BTreeMap<String, String>>,
    right: &Arc<BTreeMap<Mode, BTreeSet<String>>>,
) -> Vec<(String, Vec<String>)> {
    let places = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    for case in rows {
        let (places, texts, right) = (places.clone(), texts.clone(), right.clone());
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let mode = Mode::of(&case);
            let deviations = deviations(&case, mode, &texts).await;
            (case.name(), deviations.difference(&right[&mode]).cloned().collect())
        });
    }
    let mut judged = running.join_all().await;
    judged.sort();
    judged
}

/// Which request shows the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Json,
    Stream,
    /// A request with a mistake, so that only the form of the refusal is judged.
    Error,
}

impl Mode {
    fn of(case: &Case) -> Self {
        match (first_status(case), case.call) {
            (Some(400..), _) => Self::Error,
            (_, Call::Json) => Self::Json,
            (_, Call::Stream) => Self::Stream,
        }
    }

    fn call(self) -> Call {
        if self == Self::Stream { Call::Stream } else { Call::Json }
    }

    /// The cases without those that they need, because a server has one answer to everything.
    fn cases(self) -> Vec<chatwire_probe::Case> {
        let mut cases = chatwire_probe::cases().unwrap();
        cases.retain(|case| match self {
            Self::Json => ["messages", "headers"].contains(&case.group()),
            Self::Stream => case.group() == "streaming",
            Self::Error => REFUSALS.contains(&case.id()),
        });
        cases
    }

    /// How many requests they take.
    fn budget(self) -> usize {
        match self {
            Self::Json => 1,
            Self::Stream => 2,
            // The small request comes first, and both may be repeated.
            Self::Error => 6,
        }
    }
}

/// The cases about one refusal.
const REFUSALS: [&str; 9] = [
    "malformed-status",
    "malformed-message",
    "error-envelope",
    "error-param-code",
    "error-media-type",
    "key-not-repeated",
    "error-complete",
    "error-identity",
    "error-retry-after",
];

/// The names of the cases that deviate, or the error of the run.
async fn deviations(case: &Case, mode: Mode, texts: &BTreeMap<String, String>) -> BTreeSet<String> {
    let server = Server::start(case, texts).unwrap();
    let probe = Probe::new(&format!("http://{}/v1", server.address)).unwrap();
    let probe = probe.api_key(&texts["key"]).model("m-9").cases(mode.cases());
    let probe = probe.budget(mode.budget());
    match probe.timeout(PATIENCE).run(&mut |_| {}).await {
        Ok(report) => {
            let deviates = report.results.iter().filter(|r| r.verdict == Verdict::Deviates);
            let names = deviates.map(|result| result.id.clone());
            names.filter(|name| !OF_THE_SCRIPTS.contains(&name.as_str())).collect()
        }
        Err(error) => BTreeSet::from([error.to_string()]),
    }
}

/// The row with the script of its first connection, for every connection. A row about a second call or about what a
/// client sends cannot be shown by one request.
fn one_request(case: &Case) -> Option<Case> {
    if case.row.calls > 1 || case.row.client.header.is_some() || case.row.client.query.is_some() {
        return None;
    }
    let mut case = case.clone();
    case.row.connections.truncate(1);
    let is_error = Mode::of(&case) == Mode::Error;
    for step in case.row.connections.iter_mut().flatten() {
        match step {
            Step::Send(text) | Step::Chunk(text) => *text = whole(text, is_error),
            Step::Repeat(repeat) => repeat.text = whole(&repeat.text, is_error),
            Step::Answer(answer) => {
                answer.status = whole(&answer.status, is_error);
                answer.body = whole(&answer.body, is_error);
            }
            _ => {}
        }
    }
    Some(case)
}

fn first_status(case: &Case) -> Option<u16> {
    let step = case.row.connections.first()?.first()?;
    let status = match step {
        Step::Answer(answer) => answer.status.as_str(),
        Step::Send(text) => text.strip_prefix("HTTP/1.1 ")?,
        _ => return None,
    };
    status.split([' ', '\r']).next()?.parse().ok()
}

fn whole_texts() -> BTreeMap<String, String> {
    texts().into_iter().map(|(name, text)| (name, whole(&text, false))).collect()
}

/// Adds the keys that the short texts of the matrix leave out, so that only the fault itself is found. In a refusal, 400
/// stands for the statuses with which the run ends, because they mean a wrong key, another model or a busy server.
fn whole(text: &str, is_error: bool) -> String {
    let chunk = "\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m-9\",\"choices\":";
    let text = text
        .replace("\"id\":\"c1\",\"choices\":", chunk)
        .replace(
            "\"delta\":{\"content\":\"Hi\"}",
            "\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"}",
        )
        .replace(
            "\"finish_reason\":\"stop\"}]}",
            &format!("\"finish_reason\":\"stop\"}}],{USAGE}}}"),
        );
    match is_error {
        true => ENDS.iter().fold(text, |text, status| match text.strip_prefix(status) {
            Some(rest) => format!("400{rest}"),
            None => text.replace(&format!("HTTP/1.1 {status}"), "HTTP/1.1 400"),
        }),
        false => text,
    }
}

/// The statuses with which a run ends.
const ENDS: [&str; 5] = ["401", "403", "404", "405", "429"];

const USAGE: &str = "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}";

const OFFICIAL_ERROR: &str = "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"param\":\"messages\",\"code\":null}}";
