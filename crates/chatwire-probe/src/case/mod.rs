//! Cases as data: what is sent, what is expected, and why. [`file`] reads them, and [`run`](crate::run) runs them.

mod check;
mod file;
mod keys;
mod library;
mod rule;

pub(crate) use check::{Check, Predicate};
pub use file::CaseError;
pub(crate) use library::shared_cases;
pub use library::{cases, parse};
pub(crate) use rule::Rule;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One conformance case.
#[derive(Clone, Debug)]
pub struct Case {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) title: String,
    pub(crate) level: Level,
    pub(crate) why: String,
    pub(crate) source: String,
    pub(crate) breaks: Vec<String>,
    /// The cases without which this one says nothing new.
    pub(crate) needs: Vec<String>,
    pub(crate) stores: bool,
    pub(crate) needs_key: bool,
    /// Whether it sends so much that it may be expensive.
    pub(crate) is_large: bool,
    pub(crate) steps: Vec<Step>,
}

/// How much a case matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// Common clients fail without it.
    Must,
    /// The official service does it, and clients rely on it for some answers.
    Should,
    /// A feature that many servers leave out.
    May,
}

/// One request, and what is expected of its answer.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) request: Request,
    /// If one of these does not hold, the case cannot be judged.
    pub(crate) only_if: Vec<Check>,
    pub(crate) otherwise: Otherwise,
    pub(crate) checks: Vec<Check>,
    pub(crate) rules: Vec<Rule>,
}

/// The verdict if a case cannot be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// The server ignores a feature.
    #[default]
    Unsupported,
    /// The model did not do what the case needs.
    Skipped,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Headers that are added, replaced, or removed with a null.
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) body: RequestBody,
    /// How many of it are sent at the same time.
    pub(crate) times: usize,
    /// Whether the body is sent in chunks.
    pub(crate) is_chunked: bool,
    /// Whether the client leaves after the first bytes of the body.
    pub(crate) leaves: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum RequestBody {
    None,
    /// A small chat request, with these keys in place of its own; a null under `without` removes one.
    Chat {
        with: Value,
        without: Vec<String>,
    },
    Json(Value),
    Text(String),
}

impl Case {
    /// The name of the case, such as `stream-done`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The group, such as `streaming`.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// What the case expects, in one sentence.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// How much the case matters.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The reason of the case.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The clients that a deviation breaks.
    #[must_use]
    pub fn breaks(&self) -> &[String] {
        &self.breaks
    }

    /// The names of the cases that this one needs. If one of them deviates or is unsupported, this case is skipped, so
    /// that a report has one deviation for one cause.
    #[must_use]
    pub fn needs(&self) -> &[String] {
        &self.needs
    }

    /// The place in the document, the section of a standard, or another source of the case.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        })
    }
}
