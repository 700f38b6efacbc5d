//! `cargo xtask diff`: prints what a change of the document means. [`crate::report`] finds it out.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Verdict;
use crate::load::Document;
use crate::problem::{Failure, Problem};
use crate::report::{Level, Report, checked_in, rules, rust_rules, source, uses};
use crate::repository;

/// Report what a change of the document means: on the wire, for streams and for the Rust API
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
    /// Compare only the documents, and generate nothing; for a document that the lint refuses
    #[arg(long)]
    wire_only: bool,
    /// The root of the project [default: the root of the repository]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
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
    let mut text = Vec::new();
    if args.rules {
        rules::render(&mut text)?;
        rust_rules::render(&mut text)?;
        return print(&text, out).map(|()| Verdict::Clean);
    }
    let report = report(args).map_err(unusable)?;
    match args.format {
        Format::Text => report.render(&mut text)?,
        Format::Json => writeln!(text, "{:#}", report.to_json())?,
    }
    print(&text, out)?;
    Ok(verdict(&report, args.fail_on))
}

/// Prints the whole text. A reader that has seen enough, such as `head`, is no failure, and the
/// verdict stays the same.
fn print(text: &[u8], out: &mut dyn Write) -> Result<(), Failure> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

fn report(args: &Args) -> Result<Report, Failure> {
    let root = args.root.clone().unwrap_or_else(repository::root);
    let base = source::read(&root, &args.base)?;
    let head = match &args.head {
        Some(name) => source::read(&root, name)?,
        None => source::working_tree(&root)?,
    };
    let mut report = match args.wire_only {
        true => Report::new(&base, &head)?,
        false => with_rust(&root, args, [&base, &head])?,
    };
    if report.items().any(|item| item.has_users()) {
        report.find_users(&uses::Sources::below(&root)?);
    }
    Ok(report)
}

fn with_rust(root: &Path, args: &Args, [base, head]: [&Document; 2]) -> Result<Report, Failure> {
    let checked_in = match Path::new(&args.base).is_file() {
        true => None,
        false => Some(checked_in::read(root, &args.base)?),
    };
    let version = checked_in.as_ref().and_then(|found| found.version.clone());
    let version = version.map_or_else(|| checked_in::version(root), Ok)?;
    Report::with_rust(base, head, checked_in.as_ref(), &version)
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
