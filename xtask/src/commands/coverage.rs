//! `cargo xtask coverage`: prints what another OpenAPI document has and ours lacks.
//! [`crate::coverage`] compares the two.

use std::io::Write;
use std::path::PathBuf;

use super::{InputArgs, Verdict, told};
use crate::coverage::{Reasons, Report};
use crate::load::Document;
use crate::problem::Failure;
use crate::progress::Progress;
use crate::repository::LOCK;
use crate::surface::Lock;

/// Compare the document with another one: what ours has, leaves out for a reason, or lacks
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// The other document: OpenAPI 3.0 or 3.1, YAML or JSON, on any base path
    #[arg(long, value_name = "FILE")]
    against: PathBuf,
    /// What is left out, and why [default: spec/coverage.toml of the repository]
    #[arg(long, value_name = "FILE")]
    reasons: Option<PathBuf>,
    /// The recorded state of the other document, which shows what it has lost since; used if the
    /// titles agree [default: spec/upstream.lock of the repository]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Print one JSON object: what is missing, left out and extended, and the counts
    #[arg(long)]
    json: bool,
}

/// Compares and prints the report to `out`.
///
/// # Errors
///
/// [`Failure::Problems`] if a document or the reasons cannot be used, and [`Failure::Io`] if a file
/// cannot be read or `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let report = told(report(args), args.json, out)?;
    if args.json {
        writeln!(out, "{:#}", report.to_json())?;
    } else {
        report.render(out)?;
    }
    Ok(if report.is_complete() { Verdict::Clean } else { Verdict::Findings })
}

fn report(args: &Args) -> Result<Report, Failure> {
    let progress = Progress::on_terminal();
    progress.stage("Loading");
    let root = args.inputs.root();
    let reasons = Reasons::of_project(&root, args.reasons.as_deref())?;
    let lock = Lock::load(&args.lock.clone().unwrap_or_else(|| root.join(LOCK)))?;
    let ours = args.inputs.in_house_style()?.document()?;
    let theirs = Document::load(&args.against)?;
    progress.stage("Comparing");
    let recorded = lock.filter(|lock| lock.is_of(&theirs)).map(|lock| lock.state);
    Ok(Report::since(&ours, &theirs, reasons, recorded.as_ref())?)
}
