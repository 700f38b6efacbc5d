//! Defines one thing that is wrong with an answer. [`check`](super::check) and [`rules`](super::rules) find them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The place in the answer, or the name of a rule.
    pub at: String,
    /// What is expected there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Finding {
    pub(crate) fn new(
        at: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { at: at.into(), expected: expected.into(), found: found.into() }
    }
}

/// The value as JSON, cut where it is long.
pub(super) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    cut(&value.to_string())
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

const LONGEST: usize = 120;
