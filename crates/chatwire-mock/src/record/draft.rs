//! Writes one recording. Its files get their names when the answer has ended, so that nobody reads half of
//! one. [`recorder`](super::recorder) names it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use axum::http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

use super::answer_file::AnswerFile;
use super::details_text::DetailsText;
use crate::recording::{AnswerKind, DETAILS, Masked, RAW_REQUEST, REQUEST, Secrets};

/// A recording whose answer has not ended.
///
/// If it is dropped, it ends as cut if the answer has begun, and is discarded otherwise.
#[derive(Debug)]
pub(super) struct Draft {
    folder: PathBuf,
    name: String,
    /// The endings of the files that are written under a hidden name.
    endings: Vec<&'static str>,
    stage: Stage,
    /// When the request was sent, or the last bytes came.
    last: Instant,
}

#[derive(Debug)]
enum Stage {
    Claimed,
    /// The answer has not begun.
    Asked {
        method: String,
        target: String,
        secrets: Secrets,
    },
    Answered {
        details: DetailsText<BufWriter<File>>,
        body: Masked<AnswerFile>,
    },
    /// The files have their names, or are gone.
    Over,
}

impl Draft {
    /// Returns `None` if there is a recording of this name.
    pub(super) fn claim(folder: &Path, name: &str) -> io::Result<Option<Self>> {
        match File::create_new(hidden(folder, name, DETAILS)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            created => drop(created?),
        }
        let (stage, last) = (Stage::Claimed, Instant::now());
        let (folder, name) = (folder.to_owned(), name.to_owned());
        let draft = Self { folder, name, endings: vec![DETAILS], stage, last };
        let endings = [REQUEST, RAW_REQUEST, DETAILS];
        let mut endings = endings.into_iter().chain(AnswerKind::ALL.map(AnswerKind::ending));
        let is_free = !endings.any(|ending| draft.file(ending).exists());
        Ok(is_free.then_some(draft))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Writes the body of the request. Neither it nor the target has secrets.
    pub(super) fn request(
        &mut self,
        method: &Method,
        target: String,
        body: &[u8],
        secrets: Secrets,
    ) -> io::Result<()> {
        if !body.is_empty() {
            let is_json = serde_json::from_slice::<Value>(body).is_ok();
            self.create(if is_json { REQUEST } else { RAW_REQUEST })?.write_all(body)?;
        }
        self.stage = Stage::Asked { method: method.to_string(), target, secrets };
        self.last = Instant::now();
        Ok(())
    }

    /// Begins the answer.
    pub(super) fn head(&mut self, status: StatusCode, headers: &HeaderMap) -> io::Result<()> {
        let pause = self.last.elapsed();
        let stage = std::mem::replace(&mut self.stage, Stage::Claimed);
        let Stage::Asked { method, target, mut secrets } = stage else { return Ok(()) };
        secrets.extend_with_answer(headers);
        let details = BufWriter::new(self.create(DETAILS)?);
        let mut details = DetailsText::begin(details, &method, &target, status, headers, &secrets)?;
        details.piece(pause, 0)?;
        let kind = kind(status, headers);
        let body = AnswerFile::new(self.create(kind.ending())?, kind, &secrets);
        let body = Masked::new(body, secrets);
        self.stage = Stage::Answered { details, body };
        self.last = Instant::now();
        Ok(())
    }

    /// Adds bytes of the answer that have just come.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let pause = self.last.elapsed();
        self.last += pause;
        if let Stage::Answered { details, body } = &mut self.stage {
            details.piece(pause, bytes.len())?;
            body.push(bytes)?;
        }
        Ok(())
    }

    /// Gives the files their names. `is_cut` says that the answer broke off.
    pub(super) fn finish(&mut self, is_cut: bool) -> io::Result<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Claimed);
        let Stage::Answered { details, mut body } = stage else { return Ok(()) };
        body.finish()?;
        body.out().finish()?;
        details.finish(is_cut)?;
        // The answer comes last, because a reader looks for it.
        self.endings.sort_by_key(|ending| AnswerKind::ALL.map(AnswerKind::ending).contains(ending));
        for ending in &self.endings {
            fs::rename(hidden(&self.folder, &self.name, ending), self.file(ending))?;
        }
        self.stage = Stage::Over;
        Ok(())
    }

    /// Removes the files.
    pub(super) fn discard(mut self) {
        self.remove();
    }

    fn remove(&mut self) {
        for ending in &self.endings {
            // A file that cannot be removed keeps its hidden name, which nobody reads.
            let _ = fs::remove_file(hidden(&self.folder, &self.name, ending));
        }
        self.stage = Stage::Over;
    }

    fn create(&mut self, ending: &'static str) -> io::Result<File> {
        let file = File::create(hidden(&self.folder, &self.name, ending))?;
        if !self.endings.contains(&ending) {
            self.endings.push(ending);
        }
        Ok(file)
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}{ending}", self.name))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Answered { .. }) {
            // The client has left, so nobody is there to be told that this failed.
            let _ = self.finish(true);
        }
        if !matches!(self.stage, Stage::Over) {
            self.remove();
        }
    }
}

/// The name of a file until the answer has ended.
fn hidden(folder: &Path, name: &str, ending: &str) -> PathBuf {
    folder.join(format!(".{name}{ending}.part"))
}

/// What the file of an answer is called.
fn kind(status: StatusCode, headers: &HeaderMap) -> AnswerKind {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let media = media.to_ascii_lowercase();
    let is_json = media == "application/json" || media.ends_with("+json");
    match status.as_u16() {
        // Nobody could read it.
        _ if headers.contains_key(header::CONTENT_ENCODING) => AnswerKind::Raw,
        _ if media == "text/event-stream" => AnswerKind::Stream,
        ..400 if is_json => AnswerKind::Response,
        _ if is_json => AnswerKind::Error,
        _ => AnswerKind::Raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_named_by_their_head() {
        let check = |status: u16, pairs: &[(&'static str, &str)], expected| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(kind(StatusCode::from_u16(status).unwrap(), &headers), expected);
        };
        check(200, &[("content-type", "application/json; charset=utf-8")], AnswerKind::Response);
        check(429, &[("content-type", "application/problem+json")], AnswerKind::Error);
        check(200, &[("content-type", "Text/Event-Stream;charset=utf-8")], AnswerKind::Stream);
        check(502, &[("content-type", "text/html")], AnswerKind::Raw);
        check(204, &[], AnswerKind::Raw);
        let zipped = [("content-type", "text/event-stream"), ("content-encoding", "gzip")];
        check(200, &zipped, AnswerKind::Raw);
    }
}
