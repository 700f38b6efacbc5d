//! Judges what real servers answered when they were recorded, without running them: a server gives each request the
//! recording that `recordings.txt` names, and a snapshot has every verdict that is not a pass. The snapshots are reviewed
//! line by line. The tests of [`super`] make up their servers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chatwire_probe::{CaseResult, Probe, Report, Verdict, cases};
use regex::Regex;
use serde_json::Value;

use super::{Request, listen};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_servers_are_judged_as_reviewed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/peers/recordings");
    let Ok(servers) = fs::read_dir(&folder) else {
        return println!("skipped: {} is missing", folder.display());
    };
    let mut servers: Vec<PathBuf> = servers.map(|server| server.unwrap().path()).collect();
    servers.sort();
    for server in servers {
        let name = server.file_name().unwrap().to_str().unwrap().to_owned();
        let recordings = Arc::new(Recordings::read(&server));
        let base_url = listen(move |request| {
            let recordings = recordings.clone();
            async move { recordings.answer(&request) }
        });
        let probe = Probe::new(&base_url.await).unwrap().api_key("sk-test").model("m");
        // The same recording several times says nothing about requests at the same time.
        let probe =
            probe.cases(cases().unwrap().into_iter().filter(|c| c.group() != "load").collect());
        let report = probe.run(&mut |_| {}).await.unwrap();
        insta::assert_snapshot!(format!("recorded-{name}"), verdicts(&report));
    }
}

/// Every verdict that is not a pass, and the number of those that are. A case is left out if its request has no recording,
/// or if it needs such a case.
fn verdicts(report: &Report) -> String {
    let is_unanswered = |result: &&CaseResult| {
        let mut findings = result.findings.iter();
        findings
            .any(|finding| finding.found.starts_with("the connection was closed before the head"))
    };
    let unanswered: BTreeSet<&str> =
        report.results.iter().filter(is_unanswered).map(|result| result.id.as_str()).collect();
    let is_left_out = |result: &CaseResult| {
        [Some(result.id.as_str()), result.because.as_deref()]
            .into_iter()
            .flatten()
            .any(|id| unanswered.contains(id))
    };
    let mut judged: Vec<_> = report.results.iter().filter(|result| !is_left_out(result)).collect();
    // Whether it may send megabytes says nothing about the server.
    judged.retain(|result| !result.reason.contains("; --allow-"));
    let passed = judged.iter().filter(|result| result.verdict == Verdict::Pass).count();
    let mut text = format!("{passed} of {} cases pass\n", judged.len());
    for result in judged.into_iter().filter(|result| result.verdict != Verdict::Pass) {
        let finding = result.findings.first();
        let finding = finding.map(|f| format!("{} is {}, not {}", f.at, f.found, f.expected));
        let reason = finding.unwrap_or_else(|| result.reason.clone());
        let _ = writeln!(text, "{} {}/{}  # {reason}", result.verdict, result.group, result.id);
    }
    text
}

struct Recordings {
    folder: PathBuf,
    /// The recordings by name.
    cases: Value,
    /// The patterns of requests, each with the names of recordings.
    rules: Vec<(Regex, Vec<String>)>,
}

impl Recordings {
    fn read(folder: &Path) -> Self {
        let rules = include_str!("recordings.txt").lines();
        let rules = rules.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
            let (names, pattern) = line.split_once("  ").unwrap();
            let names = names.split('|').map(str::to_owned).collect();
            (Regex::new(&format!("(?s){}", pattern.trim())).unwrap(), names)
        });
        let index = fs::read_to_string(folder.join("index.json")).unwrap();
        let mut index: Value = serde_json::from_str(&index).unwrap();
        Self { folder: folder.to_owned(), cases: index["cases"].take(), rules: rules.collect() }
    }

    /// The first rule that fits decides. A server does not have every recording.
    fn answer(&self, request: &Request) -> Vec<u8> {
        let rule = self.rules.iter().find(|(pattern, _)| pattern.is_match(&request.text()));
        let case = rule.and_then(|(_, names)| names.iter().find_map(|name| self.cases.get(name)));
        let Some(case) = case else {
            return Vec::new();
        };
        let text = |key: &str| fs::read(self.folder.join(case[key].as_str().unwrap())).unwrap();
        let (head, body) = (text("headers"), text("file"));
        let head = String::from_utf8(head).unwrap();
        // The body has no framing.
        let is_framing = |line: &&str| {
            let line = line.to_ascii_lowercase();
            line.starts_with("transfer-encoding:") || line.starts_with("content-length:")
        };
        let lines = head.lines().filter(|line| !line.is_empty() && !is_framing(line));
        let mut head: String = lines.map(|line| format!("{line}\r\n")).collect();
        let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), &body].concat()
    }
}
