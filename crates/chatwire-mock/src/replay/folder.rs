//! Finds the recordings of a folder, by the names of their files. [`recordings`](super::recordings)
//! matches them with requests.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::body_form::body_form;
use crate::recording::{AnswerKind, DETAILS, Details, HEADERS, RAW_REQUEST, REQUEST, Secrets};

/// A recorded answer, and the request that it answers.
#[derive(Debug)]
pub(super) struct Recording {
    /// The path in the folder, without the ending.
    pub(super) name: String,
    pub(super) kind: AnswerKind,
    pub(super) file: PathBuf,
    pub(super) details: Details,
    /// The form of the request body, empty for none. `None` if there is no file of the request.
    pub(super) body: Option<String>,
}

/// The files of one recording.
#[derive(Default)]
struct Files {
    request: Option<PathBuf>,
    details: Option<PathBuf>,
    head: Option<PathBuf>,
    answers: BTreeMap<AnswerKind, PathBuf>,
}

/// The recordings in a folder and in the folders inside, or the one of a file. They are in the order of
/// their names, and numbers in names count as numbers.
pub(super) fn recordings(path: &Path) -> io::Result<Vec<Recording>> {
    let mut found = BTreeMap::new();
    if fs::metadata(path)?.is_dir() {
        visit(path, path, &mut found)?;
    } else if !sort_in(path, path.parent().unwrap_or(path), &mut found) {
        return Err(invalid(
            path,
            "it is not the file of an answer: its name must end in .stream.sse, \
            .response.json, .error.json or .response.raw",
        ));
    }
    let mut recordings = Vec::new();
    for (name, files) in found {
        files.read(&name, &mut recordings)?;
    }
    recordings.sort_by_cached_key(|recording| natural(&recording.name));
    Ok(recordings)
}

fn visit(root: &Path, folder: &Path, found: &mut BTreeMap<String, Files>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Links to folders are not followed, because they may form a circle.
        if entry.file_type()?.is_dir() {
            visit(root, &entry.path(), found)?;
        } else {
            sort_in(&entry.path(), root, found);
        }
    }
    Ok(())
}

/// Returns whether the file is that of an answer.
fn sort_in(file: &Path, root: &Path, found: &mut BTreeMap<String, Files>) -> bool {
    let inside = file.strip_prefix(root).unwrap_or(file).to_string_lossy();
    let endings = [REQUEST, RAW_REQUEST, DETAILS, HEADERS];
    let endings = endings.into_iter().chain(AnswerKind::ALL.map(AnswerKind::ending));
    let Some((name, ending)) =
        endings.filter_map(|ending| Some((inside.strip_suffix(ending)?, ending))).next()
    else {
        return false;
    };
    let files = found.entry(name.to_owned()).or_default();
    let answer = AnswerKind::ALL.into_iter().find(|kind| kind.ending() == ending);
    let path = file.to_owned();
    match (ending, answer) {
        (_, Some(kind)) => drop(files.answers.insert(kind, path)),
        (DETAILS, None) => files.details = Some(path),
        (HEADERS, None) => files.head = Some(path),
        (_, None) => files.request = Some(path),
    }
    answer.is_some()
}

impl Files {
    fn read(self, name: &str, recordings: &mut Vec<Recording>) -> io::Result<()> {
        let body = match &self.request {
            // The request was masked when it was recorded, and one that somebody wrote is masked here.
            Some(request) => Some(body_form(&Secrets::default().mask_body(&fs::read(request)?))),
            None => None,
        };
        let wants_stream = body.as_deref().map(|body| body.contains("\"stream\":true"));
        for kind in self.chosen(wants_stream) {
            let Some(file) = self.answers.get(&kind) else { continue };
            let mut details = self.details()?;
            if details.status.is_none() {
                details.status = Some(status(kind, file)?);
            }
            // A request without a body has no file, and its details say the method.
            let is_bodiless = body.is_none() && details.method.is_some();
            recordings.push(Recording {
                name: name.to_owned(),
                kind,
                file: file.clone(),
                body: if is_bodiless { Some(String::new()) } else { body.clone() },
                details,
            });
        }
        Ok(())
    }

    /// One answer. If there are a stream and a whole answer to one request, `stream` decides.
    fn chosen(&self, wants_stream: Option<bool>) -> Vec<AnswerKind> {
        let fits = |kind: &&AnswerKind| {
            let is_stream = **kind == AnswerKind::Stream;
            wants_stream.is_none_or(|wanted| wanted == is_stream)
        };
        let fitting = self.answers.keys().find(fits);
        fitting.or(self.answers.keys().next()).copied().into_iter().collect()
    }

    fn details(&self) -> io::Result<Details> {
        match (&self.details, &self.head) {
            (Some(path), _) => {
                let text = fs::read(path)?;
                Details::read(&text).map_err(|error| invalid(path, &error.to_string()))
            }
            (None, Some(path)) => {
                Ok(Details::read_head(&String::from_utf8_lossy(&fs::read(path)?)))
            }
            (None, None) => Ok(Details::default()),
        }
    }
}

/// The status if nothing beside the answer says it. Many services repeat it in the body of an error.
fn status(kind: AnswerKind, file: &Path) -> io::Result<u16> {
    if kind != AnswerKind::Error {
        return Ok(200);
    }
    let json: Value = serde_json::from_slice(&fs::read(file)?).unwrap_or_default();
    let paths = ["/error/code", "/error/status", "/code", "/status", "/status_code"];
    let said = paths.iter().filter_map(|path| json.pointer(path)?.as_u64());
    let status = said.filter_map(|status| u16::try_from(status).ok());
    Ok(status.into_iter().find(|status| (400..600).contains(status)).unwrap_or(400))
}

fn invalid(path: &Path, problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} is wrong: {problem}", path.display()))
}

/// A key that sorts `a-2` before `a-10`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0_u64)];
    let mut in_number = false;
    for c in name.chars() {
        let digit = c.to_digit(10);
        if digit.is_none() && in_number {
            parts.push((String::new(), 0));
        }
        if let Some((text, number)) = parts.last_mut() {
            match digit {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(digit.into()),
                None => text.push(c),
            }
        }
        in_number = digit.is_some();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count() {
        let mut names = ["a-10", "b", "a", "a-2", "a-2-x", "2", "10"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["2", "10", "a", "a-2", "a-2-x", "a-10", "b"]);
    }
}
