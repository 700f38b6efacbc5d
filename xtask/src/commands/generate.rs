//! `cargo xtask generate`: writes the generated files, or checks them. [`crate::pipeline`] makes
//! them.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::{InputArgs, Verdict};
use crate::pipeline;
use crate::problem::{Failure, Problem};
use crate::progress::Progress;
use crate::repository;
use crate::write::{self, Mode, Outcome};

/// Generate the crates from the document, or check that they are up to date
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Where `crates/…` is written [default: the root of the repository]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; print a diff of what would change and exit with 1 if there is any
    #[arg(long)]
    check: bool,
    /// Print one JSON object: `problems` and `files`
    #[arg(long)]
    json: bool,
}

/// Generates, and prints to `out` what happened to each file.
///
/// # Errors
///
/// [`Failure::Problems`] if the inputs are wrong (with `--json` the problems are printed instead),
/// and [`Failure::Io`] if a file cannot be read or written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let outcomes = match outcomes(args) {
        Err(Failure::Problems(problems)) if args.json => {
            print_json(&problems, &[], out)?;
            return Ok(Verdict::Findings);
        }
        other => other?,
    };
    if args.json {
        print_json(&[], &outcomes, out)?;
    } else {
        print(args, &outcomes, out)?;
    }
    Ok(if write::has_drift(&outcomes) { Verdict::Findings } else { Verdict::Clean })
}

fn outcomes(args: &Args) -> Result<Vec<Outcome>, Failure> {
    let progress = Progress::on_terminal();
    let files = pipeline::run(&args.inputs.inputs(), &progress)?;
    let root = args.out.clone().unwrap_or_else(repository::root);
    let mode = if args.check { Mode::Check } else { Mode::Write };
    write::write(&root, &files, mode)
}

fn print(args: &Args, outcomes: &[Outcome], out: &mut dyn Write) -> std::io::Result<()> {
    outcomes.iter().try_for_each(|outcome| outcome.render(out))?;
    if write::has_drift(outcomes) {
        let style = anstyle::AnsiColor::Cyan.on_default().bold();
        writeln!(out, "{style}{:>12}{style:#}  {}", "Fix with", fixing_command(args))?;
    }
    Ok(())
}

/// The command as the user typed it, without `--check`.
fn fixing_command(args: &Args) -> String {
    let mut words = vec!["cargo xtask generate".to_owned()];
    if let Some(spec) = &args.inputs.spec {
        words.push(format!("--spec {}", spec.display()));
    }
    for overlay in &args.inputs.overlays {
        words.push(format!("--overlay {}", overlay.display()));
    }
    if let Some(out) = &args.out {
        words.push(format!("--out {}", out.display()));
    }
    words.join(" ")
}

fn print_json(
    problems: &[Problem],
    outcomes: &[Outcome],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let problems: serde_json::Value = problems.iter().map(Problem::to_json).collect();
    let files: serde_json::Value = outcomes.iter().map(Outcome::to_json).collect();
    writeln!(out, "{:#}", json!({ "problems": problems, "files": files }))
}
