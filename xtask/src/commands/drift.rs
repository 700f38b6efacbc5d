//! `cargo xtask drift`: prints how the upstream document has moved, and records its state.
//! [`crate::drift`] compares.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{InputArgs, Verdict, told};
use crate::coverage::Reasons;
use crate::drift::Report;
use crate::load::Document;
use crate::problem::Failure;
use crate::progress::Progress;
use crate::repository::LOCK;
use crate::surface::Lock;
use crate::write::{self, Mode, OutputFile};

/// What the exit codes mean.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  nothing changed upstream, and ours lacks nothing
  1  upstream has changed since the recorded state, or has what ours lacks; also with `--write`, which
     records the state after the report
  2  wrong usage, or a document, a lock or a file of reasons that cannot be used";

/// Show what is new in the upstream document, and what to paste into ours
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// The upstream document: OpenAPI 3.0 or 3.1, YAML or JSON
    #[arg(long, value_name = "FILE")]
    upstream: PathBuf,
    /// The recorded state of the upstream document [default: spec/upstream.lock of the repository]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// What is left out, and why [default: spec/coverage.toml of the repository]
    #[arg(long, value_name = "FILE")]
    reasons: Option<PathBuf>,
    /// Text for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Record the state of the upstream document, after the report
    #[arg(long)]
    write: bool,
}

/// The forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Compares, prints the report to `out`, and records the state if asked to.
///
/// # Errors
///
/// [`Failure::Problems`] if a document, the lock or the reasons cannot be used, and [`Failure::Io`]
/// if a file cannot be read or written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let path = args.lock.clone().unwrap_or_else(|| args.inputs.root().join(LOCK));
    let report = told(report(args, &path), args.format == Format::Json, out)?;
    match args.format {
        Format::Text => report.render(out)?,
        Format::Json => writeln!(out, "{:#}", report.to_json())?,
    }
    if args.write {
        let outcome = record(&path, &report.lock)?;
        if args.format == Format::Text {
            outcome.render(out)?;
        }
    }
    Ok(if report.is_clean() { Verdict::Clean } else { Verdict::Findings })
}

fn report(args: &Args, lock: &Path) -> Result<Report, Failure> {
    let progress = Progress::on_terminal();
    progress.stage("Loading");
    let reasons = Reasons::of_project(&args.inputs.root(), args.reasons.as_deref())?;
    let recorded = Lock::load(lock)?;
    let ours = args.inputs.in_house_style()?.document()?;
    let upstream = Document::load(&args.upstream)?;
    progress.stage("Comparing");
    Ok(Report::new(&ours, &upstream, reasons, recorded)?)
}

/// Replaces the lock, and only if its text changes.
fn record(path: &Path, lock: &Lock) -> Result<write::Outcome, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = OutputFile { path: name, contents: lock.to_text() };
    let mut outcome = write::write_one(path.parent().unwrap_or(Path::new("")), &file, Mode::Write)?;
    outcome.path = crate::repository::display_path(path);
    Ok(outcome)
}
