//! `cargo xtask diff`: prints what a change of the document means. [`crate::report`] finds it out.

use std::io::Write;

use super::Verdict;
use crate::load::Document;
use crate::problem::{Failure, Problem};
use crate::report::{Level, Report, rules, source, uses};
use crate::repository;

/// Report what a change of the document means on the wire and for the stream crate
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// The older document: a file, or a git revision of the checked-in document
    #[arg(long, value_name = "REV-OR-FILE", default_value = "HEAD")]
    base: String,
    /// The newer document [default: the file in the working tree]
    #[arg(long, value_name = "REV-OR-FILE")]
    head: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Also exit with 1 if a difference has this level or a worse one
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// List the rules instead, one line each
    #[arg(long, conflicts_with_all = ["base", "head", "format", "fail_on"])]
    rules: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  every difference has a rule, and none is as bad as --fail-on
  1  a difference is as bad as --fail-on, or no rule knows it
  2  wrong usage, or a document that cannot be read or compared";

/// The forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one JSON object
    Json,
}

/// The levels to stop at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A program that worked before may fail
    Breaking,
    /// Messages or programs can notice the difference
    Compatible,
}

/// Compares and prints the report to `out`.
///
/// # Errors
///
/// [`Failure::Io`] if a document cannot be read or compared, or `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    if args.rules {
        rules::render(out)?;
        return Ok(Verdict::Clean);
    }
    let report = report(args).map_err(unusable)?;
    match args.format {
        Format::Text => report.render(out)?,
        Format::Json => writeln!(out, "{:#}", report.to_json())?,
    }
    Ok(verdict(&report, args.fail_on))
}

fn report(args: &Args) -> Result<Report, Failure> {
    let base = source::read(&args.base)?;
    let head = match &args.head {
        Some(name) => source::read(name)?,
        None => Document::load(&repository::root().join(repository::SPEC))?,
    };
    let mut report = Report::new(&base, &head)?;
    if report.items().any(|item| item.has_users()) {
        report.find_users(&uses::Sources::of_repository()?);
    }
    Ok(report)
}

/// Turns problems of a document into an error of usage, because there is nothing to report.
fn unusable(failure: Failure) -> Failure {
    match failure {
        Failure::Problems(problems) => {
            let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
            Failure::Io(format!("the documents cannot be compared\n{}", lines.join("\n")))
        }
        other => other,
    }
}

fn verdict(report: &Report, fail_on: Option<FailOn>) -> Verdict {
    let limit = match fail_on {
        None => Level::Unhandled,
        Some(FailOn::Breaking) => Level::Breaking,
        Some(FailOn::Compatible) => Level::Compatible,
    };
    if report.level() >= Some(limit) { Verdict::Findings } else { Verdict::Clean }
}
