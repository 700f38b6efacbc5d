//! Collects what is wrong with a request, with the path of each parameter. [`super::bounds`] decides what is wrong.

use serde_json::Value;

use super::bounds::{Bounds, Validate};
use super::{InvalidRequest, RequestProblem};
use crate::decode::{Misfit, Why, kind};
use crate::{Extra, Path, Step};

/// The problems so far, and the place in the request.
#[derive(Default)]
pub struct Report<'a> {
    steps: Vec<At<'a>>,
    problems: Vec<RequestProblem>,
}

/// One step to the current place.
enum At<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Report<'a> {
    /// Checks the value of a key.
    pub fn field(&mut self, key: &'a str, value: &'a dyn Validate, bounds: &Bounds) {
        self.inside(At::Key(key), |report| value.validate(bounds, report));
    }

    /// Checks an item of a list.
    pub(super) fn item(&mut self, index: usize, value: &'a dyn Validate, bounds: &Bounds) {
        self.inside(At::Index(index), |report| value.validate(bounds, report));
    }

    /// Reports each documented key whose value has another shape. Unknown keys are fine.
    pub fn extra(&mut self, extra: &'a Extra, why: fn(&str) -> Option<Why>) {
        for (key, value) in extra {
            if let Some(misfit) = why(key).and_then(|why| why(value)) {
                self.inside(At::Key(key), |report| report.misfit(&misfit));
            }
        }
    }

    /// Reports a value that no arm of a union takes, unless it may be a form that the document does not know.
    pub fn unknown(&mut self, value: &Value, expected: &'static str, arms: &[Why]) {
        let mut deepest: Option<Box<Misfit>> = None;
        for why in arms {
            // It is another object than those that the document has.
            let Some(misfit) = why(value) else { return };
            // The arm of the right kind of JSON can say which part of it is wrong.
            if misfit.depth() > deepest.as_ref().map_or(0, |misfit| misfit.depth()) {
                deepest = Some(misfit);
            }
        }
        match deepest {
            Some(misfit) => self.misfit(&misfit),
            None => self.wrong_type(expected, kind(value)),
        }
    }

    /// Reports a problem of the current place.
    pub(super) fn problem(&mut self, code: &'static str, message: &str) {
        let path = self.path();
        self.problem_at(&path, code, message);
    }

    /// Reports a problem of the parameter under these keys.
    pub(super) fn problem_of(&mut self, keys: &[&str], code: &'static str, message: &str) {
        let mut path = Path::new();
        keys.iter().for_each(|key| path.push(Step::Key((*key).to_owned())));
        self.problem_at(&path, code, message);
    }

    pub(super) fn finish(self) -> Result<(), InvalidRequest> {
        InvalidRequest::new(self.problems).map_or(Ok(()), Err)
    }

    fn inside(&mut self, step: At<'a>, check: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        check(self);
        self.steps.pop();
    }

    fn misfit(&mut self, misfit: &Misfit) {
        let mut path = self.path();
        misfit.extend(&mut path);
        match misfit.found {
            Some(found) => self.wrong_type_at(&path, misfit.expected, found),
            None => self.problem_at(&path, "missing_required_parameter", "it is missing"),
        }
    }

    fn wrong_type(&mut self, expected: &str, found: &str) {
        let path = self.path();
        self.wrong_type_at(&path, expected, found);
    }

    fn wrong_type_at(&mut self, path: &Path, expected: &str, found: &str) {
        self.problem_at(path, "invalid_type", &format!("expected {expected}, found {found}"));
    }

    fn problem_at(&mut self, path: &Path, code: &'static str, message: &str) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(RequestProblem::new(shorten(path.to_string()), code, message));
        }
    }

    fn path(&self) -> Path {
        let mut path = Path::new();
        for step in &self.steps {
            path.push(match step {
                At::Key(key) => Step::Key((*key).to_owned()),
                At::Index(index) => Step::Index(*index),
            });
        }
        path
    }
}

/// Shortens a path, because the sender chose some of its keys, and gets it back.
fn shorten(mut path: String) -> String {
    if let Some((end, _)) = path.char_indices().nth(LONGEST_PATH) {
        path.truncate(end);
        path.push('…');
        path.shrink_to_fit();
    }
    path
}

/// The problems of one request that are reported.
const MOST_PROBLEMS: usize = 32;
/// The characters of a path.
const LONGEST_PATH: usize = 200;
