//! The list of stages from a document to files, in their order.
//!
//! Each stage is a module of its own, and [`crate::commands`] uses the result.

use std::path::PathBuf;

use crate::layout::Layout;
use crate::load::Document;
use crate::model::Model;
use crate::problem::{self, Failure, Problem};
use crate::progress::Progress;
use crate::write::{Header, OutputFile, lock};
use crate::{adapt, generator, lint, overlay, select};

/// The input files of a run.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The root of the project. Generated headers name the files relative to it.
    pub root: PathBuf,
    /// The document.
    pub spec: PathBuf,
    /// Overlays, applied in this order.
    pub overlays: Vec<PathBuf>,
    /// What is taken of the document, and by which rules.
    pub reading: Reading,
}

/// What is taken of a document, and by which rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The paths and schemas to take, with all that they reach; everything if empty. [`select`] says
    /// how they are written.
    pub only: Vec<String>,
    /// Whether the document is in the dialect of the generator, so that every rule of the lint is an error.
    /// Any other document is rewritten first.
    pub house_style: bool,
}

impl Reading {
    /// The document that the generator reads, of one with overlays.
    ///
    /// # Errors
    ///
    /// Returns what the document does not have, although it is asked for, and what cannot be understood.
    pub fn apply(&self, document: Document) -> Result<Document, Vec<Problem>> {
        let document = select::select(document, &self.only)?;
        match self.house_style {
            true => Ok(document),
            false => adapt::adapt(&document, self.only.is_empty(), &self.only),
        }
    }

    /// Everything that keeps the document from being generated, of one that was read so.
    pub fn errors(&self, model: &Model) -> Vec<Problem> {
        let problems = lint::lint(model);
        match self.house_style {
            true => problems,
            false => problems.into_iter().filter(|problem| !lint::is_style(problem.rule)).collect(),
        }
    }
}

impl Inputs {
    /// Reads the document and applies the overlays.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if a file cannot be read, and [`Failure::Problems`] if one is not YAML, if an
    /// overlay does not fit or if a path is not there.
    pub fn document(&self) -> Result<Document, Failure> {
        let (document, overlays) = self.load()?;
        Ok(self.reading.apply(overlay::apply(document, &overlays)?)?)
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
    let (header, sources) = (Header::new(&spec, &overlays), lock::sources(&spec, &overlays));
    let document = inputs.reading.apply(overlay::apply(spec, &overlays)?)?;

    progress.stage("Linting");
    let model = Model::read(&document);
    stop_on_errors(inputs.reading.errors(&model))?;

    progress.stage("Generating");
    let files = generator::generate(&model, layout, &header);
    let mut files = files.map_err(|problems| located(problems, &document))?;
    files.push(lock::file(&layout.lock, &sources, &files));
    Ok(files)
}

/// Runs the stages up to the lint: returns all problems, sorted by place. The rules of house style are
/// warnings, unless the document is to keep them.
///
/// # Errors
///
/// [`Failure::Io`] if a file cannot be read.
pub fn lint(inputs: &Inputs) -> Result<Vec<Problem>, Failure> {
    match found(inputs) {
        Err(Failure::Problems(problems)) => Ok(problems),
        found => found,
    }
}

fn found(inputs: &Inputs) -> Result<Vec<Problem>, Failure> {
    let (spec, overlays) = inputs.load()?;
    let whole = overlay::apply(spec, &overlays)?;
    let reading = &inputs.reading;
    if reading.house_style {
        return Ok(lint::lint(&Model::read(&reading.apply(whole)?)));
    }
    let taken = select::select(whole, &reading.only)?;
    let mut problems: Vec<Problem> = match reading.apply(taken.clone()) {
        Ok(document) => reading.errors(&Model::read(&document)),
        Err(problems) => problems,
    };
    let is_error = |style: &Problem| {
        problems.iter().any(|error| (error.line, error.col) == (style.line, style.col))
    };
    let style: Vec<Problem> = lint::lint(&Model::read(&taken))
        .into_iter()
        .filter(|style| !is_error(style))
        .map(Problem::as_warning)
        .collect();
    problems.extend(style);
    problem::sort(&mut problems);
    Ok(problems)
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
