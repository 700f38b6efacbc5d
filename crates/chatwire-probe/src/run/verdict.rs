//! What came of the cases, as data. [`runner`](super::runner) makes it, and [`report`](crate::report) prints it.

use std::cmp::Reverse;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Finding;
use crate::case::{Case, Level};

/// What came of all cases. It is the form of `--json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of chatwire-probe that made it.
    pub version: String,
    /// The server.
    pub server: Server,
    /// How many requests were sent.
    pub requests: usize,
    /// How long the run took, in seconds.
    pub seconds: f64,
    /// The result of each case, in the order of the cases.
    pub results: Vec<CaseResult>,
}

/// The server that was probed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Server {
    /// The address, which has no secrets.
    pub base_url: String,
    /// The model that was asked.
    pub model: String,
    /// The value of the header `server`.
    pub software: Option<String>,
}

/// What came of one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseResult {
    /// The name of the case.
    pub id: String,
    /// Its group.
    pub group: String,
    /// What it expects.
    pub title: String,
    /// How much it matters.
    pub level: Level,
    /// Why it is expected.
    pub why: String,
    /// The place in the document, the section of a standard, or another source.
    pub source: String,
    /// The result.
    pub verdict: Verdict,
    /// Why a case is unsupported or skipped; empty for the others.
    pub reason: String,
    /// The case that is to blame for a skipped one, because it deviates or is unsupported.
    #[serde(default)]
    pub because: Option<String>,
    /// What is wrong; empty unless the server deviates.
    pub findings: Vec<Finding>,
    /// The clients that such a deviation breaks; empty unless the server deviates.
    pub breaks: Vec<String>,
    /// What was sent and what came; empty for cases that pass and those that were skipped.
    pub exchanges: Vec<Exchanged>,
}

/// One request with its answer, as text. Keys are replaced by `***`, and long texts are cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchanged {
    /// The bytes of the request.
    pub request: String,
    /// The bytes of the answer, and how it ended if it is not complete.
    pub response: String,
}

/// The result of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// The answer is as expected.
    Pass,
    /// The answer is not as expected.
    Deviates,
    /// The server refuses or ignores a feature that it need not have.
    Unsupported,
    /// The case could not be judged.
    Skipped,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Deviates => "deviates",
            Self::Unsupported => "unsupported",
            Self::Skipped => "skipped",
        })
    }
}

impl CaseResult {
    pub(super) fn new(case: &Case, verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            id: case.id.clone(),
            group: case.group.clone(),
            title: case.title.clone(),
            level: case.level,
            why: case.why.clone(),
            source: case.source.clone(),
            verdict,
            reason: reason.into(),
            because: None,
            findings: Vec::new(),
            breaks: Vec::new(),
            exchanges: Vec::new(),
        }
    }
}

impl Report {
    /// How many cases have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|result| result.verdict == verdict).count()
    }

    /// Whether a case of this level, or of one that matters more, deviates.
    #[must_use]
    pub fn fails(&self, level: Level) -> bool {
        let deviates = |result: &&CaseResult| result.verdict == Verdict::Deviates;
        self.results.iter().filter(deviates).any(|result| result.level <= level)
    }

    /// How many cases are skipped because of this one.
    #[must_use]
    pub fn skipped_because_of(&self, id: &str) -> usize {
        self.results.iter().filter(|result| result.because.as_deref() == Some(id)).count()
    }

    /// The cases that deviate. First come those because of which many others are skipped, then those that matter most.
    #[must_use]
    pub fn deviations(&self) -> Vec<&CaseResult> {
        let deviates = |result: &&CaseResult| result.verdict == Verdict::Deviates;
        let mut deviations: Vec<_> = self.results.iter().filter(deviates).collect();
        let skips = |result: &CaseResult| self.skipped_because_of(&result.id);
        let many = |result: &CaseResult| Some(skips(result)).filter(|skips| *skips >= MANY);
        deviations.sort_by_key(|result| (Reverse(many(result)), result.level));
        deviations
    }

    /// The cases that deviate and because of which many others are skipped.
    #[must_use]
    pub fn causes(&self) -> Vec<&CaseResult> {
        let mut causes = self.deviations();
        causes.retain(|result| self.skipped_because_of(&result.id) >= MANY);
        causes
    }

    /// The groups in their order.
    #[must_use]
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for result in &self.results {
            if !groups.contains(&result.group.as_str()) {
                groups.push(&result.group);
            }
        }
        groups
    }
}

/// A report begins with the cause of at least so many skipped cases.
const MANY: usize = 5;

impl CaseResult {
    pub(super) fn skipped(case: &Case, reason: &str) -> Self {
        Self::new(case, Verdict::Skipped, reason)
    }
}
