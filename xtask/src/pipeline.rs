//! The list of stages from a document to files, in their order.
//!
//! Each stage is a module of its own, and [`crate::commands`] uses the result.

use std::path::{Path, PathBuf};

use crate::load::Document;
use crate::problem::{self, Failure, Problem};
use crate::progress::Progress;
use crate::write::{Header, OutputFile, lock};
use crate::{generator, lint, overlay};

/// The input files of a run.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The document.
    pub spec: PathBuf,
    /// Overlays, applied in this order.
    pub overlays: Vec<PathBuf>,
}

/// Runs every stage but the last: returns the files that should exist, and writes none.
///
/// # Errors
///
/// [`Failure::Problems`] with everything that is wrong with the inputs, and [`Failure::Io`] if an
/// input cannot be read.
pub fn run(inputs: &Inputs, progress: &Progress) -> Result<Vec<OutputFile>, Failure> {
    progress.stage("Loading");
    let spec = Document::load(&inputs.spec)?;
    let overlays = load_all(&inputs.overlays)?;
    let header = Header::new(&spec, &overlays);
    let lock = lock::file(&spec, &overlays);

    progress.stage("Overlaying");
    let document = overlay::apply(spec, &overlays)?;

    progress.stage("Linting");
    stop_on_errors(lint::lint(&document))?;

    progress.stage("Generating");
    let files = generator::generate(&document.to_json(), &header);
    let mut files = files.map_err(|problems| located(problems, &document))?;
    files.push(lock);
    Ok(files)
}

/// Runs the stages up to the lint: returns all problems, sorted by place.
///
/// # Errors
///
/// [`Failure::Io`] if a file cannot be read.
pub fn lint(inputs: &Inputs) -> Result<Vec<Problem>, Failure> {
    let document = || -> Result<Document, Failure> {
        Ok(overlay::apply(Document::load(&inputs.spec)?, &load_all(&inputs.overlays)?)?)
    };
    match document() {
        Ok(document) => Ok(lint::lint(&document)),
        Err(Failure::Problems(problems)) => Ok(problems),
        Err(failure) => Err(failure),
    }
}

fn load_all(paths: &[PathBuf]) -> Result<Vec<Document>, Failure> {
    paths.iter().map(|path: &PathBuf| Document::load(Path::new(path))).collect()
}

fn stop_on_errors(problems: Vec<Problem>) -> Result<(), Failure> {
    if problems.iter().any(|problem| problem.severity == problem::Severity::Error) {
        return Err(Failure::Problems(problems));
    }
    Ok(())
}

fn located(problems: Vec<Problem>, document: &Document) -> Failure {
    let mut problems: Vec<_> =
        problems.into_iter().map(|problem| document.locate(problem)).collect();
    problem::sort(&mut problems);
    Failure::Problems(problems)
}
