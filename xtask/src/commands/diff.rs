//! `cargo xtask diff`: prints what a change of the document means. [`crate::report`] finds it out.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Verdict, told};
use crate::changes;
use crate::problem::{Failure, Problem};
use crate::report::project::Comparison;
use crate::report::{Level, Reports, rules, rust_rules};
use crate::repository;
use crate::write::Mode;

/// Report what a change of the document means: on the wire, for streams and for the Rust API
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// The older document: a file, or a git revision of the set of bindings
    #[arg(long, value_name = "REV-OR-FILE", default_value = "HEAD")]
    base: String,
    /// The newer document [default: the file in the working tree]
    #[arg(long, value_name = "REV-OR-FILE")]
    head: Option<String>,
    /// The set of bindings, as `bindings.toml` names it [default: the first one, and the others that changed]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Also exit with 1 if a difference has this level or a worse one
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Also write a file in `changes` with the bumps that the report demands
    #[arg(long, conflicts_with = "wire_only")]
    write: bool,
    /// The sentence of the change file [default: one about the largest difference]
    #[arg(long, value_name = "SENTENCE", requires = "write", value_parser = not_empty)]
    say: Option<String>,
    /// Compare only the documents, and generate nothing; for a document that the lint refuses
    #[arg(long)]
    wire_only: bool,
    /// The root of the project [default: the root of the repository]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// List the rules instead, one line each
    #[arg(long, conflicts_with_all = ["base", "head", "format", "fail_on", "write", "wire_only"])]
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
    /// For a comment on a pull request
    Markdown,
    /// For a browser: one page, without scripts
    Html,
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
    let root = args.root.clone().unwrap_or_else(repository::root);
    let report = told(report(args, &root), args.format == Format::Json, out)
        .map_err(|failure| unusable(failure, args.wire_only))?;
    match args.format {
        Format::Text => report.render(&mut text)?,
        Format::Json => writeln!(text, "{:#}", report.to_json())?,
        Format::Markdown => report.render_markdown(&mut text)?,
        Format::Html => report.render_html(&mut text)?,
    }
    print(&text, out)?;
    if args.write {
        // The report is there even if the change file cannot be written.
        let mut outcome = Vec::new();
        write(&report, args, &root, &mut outcome)?;
        print(&outcome, out)?;
    }
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

fn report(args: &Args, root: &Path) -> Result<Reports, Failure> {
    let comparison = Comparison {
        root: root.to_owned(),
        base: args.base.clone(),
        head: args.head.clone(),
        set: args.set.clone(),
        wire_only: args.wire_only,
    };
    comparison.run()
}

fn not_empty(sentence: &str) -> Result<String, String> {
    match sentence.trim() {
        "" => Err("the changelog would say nothing; write what changes for users".to_owned()),
        sentence => Ok(sentence.to_owned()),
    }
}

/// Writes the change file, and says so below a report for people.
fn write(report: &Reports, args: &Args, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let is_for_people = args.format == Format::Text;
    if is_for_people {
        writeln!(out)?;
    }
    match report.change(args.say.as_deref()) {
        Some(change) => {
            let outcome = changes::write(root, &change, Mode::Write)?;
            if is_for_people { Ok(outcome.render(out)?) } else { Ok(()) }
        }
        None if is_for_people => Ok(writeln!(out, "{:>12}  to describe", "Nothing")?),
        None => Ok(()),
    }
}

/// Turns problems of a document into an error of usage, because there is nothing to report.
fn unusable(failure: Failure, wire_only: bool) -> Failure {
    let Failure::Problems(problems) = failure else { return failure };
    let reason = match wire_only {
        true => "the documents cannot be compared; correct them",
        false => {
            "a document is wrong, so what is generated from it cannot be compared; correct it, or \
             compare the documents alone with `--wire-only`"
        }
    };
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    Failure::Io(format!("{reason}\n{}", lines.join("\n")))
}

fn verdict(report: &Reports, fail_on: Option<FailOn>) -> Verdict {
    let limit = match fail_on {
        None => Level::Unhandled,
        Some(FailOn::Breaking) => Level::Breaking,
        Some(FailOn::Compatible) => Level::Compatible,
    };
    if report.level() >= Some(limit) { Verdict::Findings } else { Verdict::Clean }
}
