//! The list of stages from a document to files, in their order.
//!
//! Each stage is a module of its own, and [`crate::commands`] uses the result.

use std::path::PathBuf;

use crate::layout::Layout;
use crate::load::Document;
use crate::problem::{self, Failure, Problem};
use crate::progress::Progress;
use crate::write::{Header, OutputFile, lock};
use crate::{generator, lint, overlay};

/// The input files of a run.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The root of the project. Generated headers name the files relative to it.
    pub root: PathBuf,
    /// The document.
    pub spec: PathBuf,
    /// Overlays, applied in this order.
    pub overlays: Vec<PathBuf>,
}

impl Inputs {
    /// Reads the document and applies the overlays.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if a file cannot be read, and [`Failure::Problems`] if one is not YAML or an
    /// overlay does not fit.
    pub fn document(&self) -> Result<Document, Failure> {
        let (document, overlays) = self.load()?;
        Ok(overlay::apply(document, &overlays)?)
    }

    fn load(&self) -> Result<(Document, Vec<Document>), Failure> {
        let load = |path: &PathBuf| Document::load_below(&self.root, path);
        Ok((load(&self.spec)?, self.overlays.iter().map(load).collect::<Result<_, _>>()?))
    }
}

/// Runs every stage but the last: returns the files that should exist, and writes none. The last file
/// is the [lock].
///
/// # Errors
///
/// [`Failure::Problems`] with everything that is wrong with the inputs, and [`Failure::Io`] if an
/// input cannot be read.
pub fn run(
    inputs: &Inputs,
    layout: &Layout,
    progress: &Progress,
) -> Result<Vec<OutputFile>, Failure> {
    progress.stage("Loading");
    let (spec, overlays) = inputs.load()?;

    progress.stage("Overlaying");
    let document = overlay::apply(spec.clone(), &overlays)?;

    progress.stage("Linting");
    stop_on_errors(lint::lint(&document))?;

    progress.stage("Generating");
    let header = Header::new(&spec, &overlays);
    let files = generator::generate(&document.to_json(), layout, &header);
    let mut files = files.map_err(|problems| located(problems, &document))?;
    files.push(lock::file(&layout.lock, &spec, &overlays, &files));
    Ok(files)
}

/// Runs the stages up to the lint: returns all problems, sorted by place.
///
/// # Errors
///
/// [`Failure::Io`] if a file cannot be read.
pub fn lint(inputs: &Inputs) -> Result<Vec<Problem>, Failure> {
    match inputs.document() {
        Ok(document) => Ok(lint::lint(&document)),
        Err(Failure::Problems(problems)) => Ok(problems),
        Err(failure) => Err(failure),
    }
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
