//! The recorded state of a document as a text file: one line for each path, with its facts and no
//! prose. [`super::state`] is the state itself, and [`super::words`] writes single words.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::load::{Document, Node};
use crate::problem::{Failure, Position, Problem};

use super::facts::{Arms, Fact, Facts};
use super::operations::OperationFacts;
use super::read_lock;
use super::state::{Body, State};
use super::words::{word, words};

/// The first line that counts.
pub(super) const FORMAT: &str = "upstream-lock 1";
/// The line of a body that has the same facts as an earlier one, before its name.
pub(super) const SAME: &str = "same as ";

const HEAD: &str = "\
# What the upstream document said when spec/chat.openapi.yaml was last compared with it: facts only.
# `cargo xtask drift --upstream FILE --write` writes this file. Do not edit it by hand.
";

/// A recorded state, and the document that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The `info.title` of the document.
    pub title: String,
    /// The `info.version` of the document.
    pub version: String,
    /// The SHA-256 of its text in hexadecimal digits.
    pub sha256: String,
    /// The facts.
    pub state: State,
}

impl Lock {
    /// Reads the state of a document.
    ///
    /// # Errors
    ///
    /// Returns the problems that make the document impossible to read.
    pub fn of(document: &Document) -> Result<Self, Vec<Problem>> {
        let info = |key: &str| {
            let value = document.root.get("info").and_then(|info| info.get(key));
            value.and_then(Node::as_str).unwrap_or_default().to_owned()
        };
        Ok(Self {
            title: info("title"),
            version: info("version"),
            sha256: sha256(&document.text),
            state: State::of(document)?,
        })
    }

    /// Reads a file; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if the file cannot be read, and [`Failure::Problems`] if it is not a lock.
    pub fn load(path: &Path) -> Result<Option<Self>, Failure> {
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Failure::io("read", path, &error))?;
        Ok(Some(Self::parse(&crate::repository::display_path(path), &text)?))
    }

    /// Parses `text`. Problems name the file `path`.
    ///
    /// # Errors
    ///
    /// Returns the first line that does not make sense.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Problem>> {
        read_lock::read(text).map_err(|bad| vec![bad.problem(path)])
    }

    /// Whether `document` is an edition of the recorded one.
    pub fn is_of(&self, document: &Document) -> bool {
        let title = document.root.get("info").and_then(|info| info.get("title"));
        title.and_then(Node::as_str).unwrap_or_default() == self.title
    }

    /// The content of the file.
    pub fn to_text(&self) -> String {
        let Self { title, version, sha256, .. } = self;
        let mut text = format!(
            "{HEAD}{FORMAT}\ntitle {}\nversion {}\nsha256 {}\n",
            word(title),
            word(version),
            word(sha256)
        );
        for (key, operation) in &self.state.operations {
            text += &operation_text(key, operation);
        }
        for (root, body) in &self.state.bodies {
            let mut earlier = self.state.bodies.iter().take_while(|(other, _)| *other != root);
            let same = earlier.find(|(_, other)| *other == body);
            let lines = same.map(|(root, _)| format!("{SAME}{}\n", root.as_str()));
            let lines = lines.unwrap_or_else(|| body_text(body));
            let _ = write!(text, "\n[{}]\n{lines}", root.as_str());
        }
        text
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn operation_text(key: &str, operation: &OperationFacts) -> String {
    let told =
        operation.told.iter().map(|(name, value)| format!(" {}={}", word(name), word(value)));
    let mut text = format!("\n[operation {}]\nfacts{}\n", word(key), told.collect::<String>());
    for (name, arms) in &operation.parameters {
        text += &arms_text(name, arms);
    }
    text
}

fn body_text(body: &Body) -> String {
    body.iter().map(|(path, arms)| arms_text(path, arms)).collect()
}

fn arms_text(path: &str, arms: &Arms) -> String {
    let path = word(path);
    let arm = |arm: &str| match arm.split_once('=') {
        Some((key, value)) => format!(" @{}={}", word(key), word(value)),
        None => String::new(),
    };
    arms.iter().map(|(tag, facts)| format!("{path}{} {}\n", arm(tag), facts_text(facts))).collect()
}

fn facts_text(facts: &Facts) -> String {
    let mut text = words(&facts.types, "|");
    for (fact, value) in facts.told() {
        match fact {
            Fact::Types | Fact::Forms => {}
            Fact::Open | Fact::Nullable | Fact::Required | Fact::Deprecated => {
                let _ = write!(text, " {}", fact.as_str());
            }
            Fact::DeprecatedArms => {
                let _ = write!(text, " {}={}", fact.as_str(), words(&facts.deprecated_arms, ","));
            }
            Fact::Told(keyword) => {
                let _ = write!(text, " {}={}", word(&keyword), word(&value));
            }
        }
    }
    if !facts.values.is_empty() {
        let _ = write!(text, " enum={}", words(&facts.values, ","));
    }
    text
}

/// A line of a lock that does not make sense.
#[derive(Debug)]
pub(super) struct BadLine {
    pub(super) what: String,
    pub(super) line: usize,
    pub(super) col: usize,
}

impl BadLine {
    fn problem(self, path: &str) -> Problem {
        Problem::error("lock-syntax", self.what)
            .why("the recorded state cannot be read")
            .fix("take the file from version control, or remove it and record the state anew")
            .at(&Position { file: path.into(), line: self.line, col: self.col })
    }
}
