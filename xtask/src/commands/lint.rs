//! `cargo xtask lint`: prints everything that is wrong with the document, one line each.
//! [`crate::lint`] finds it.

use std::io::Write;

use super::{InputArgs, Verdict, problems_of, report};
use crate::problem::{Failure, Problem};
use crate::{lint, pipeline};

/// Report what the generator would drop, guess at or stop on, one line each
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Print the problems as a JSON array of objects
    #[arg(long)]
    json: bool,
    /// List the rules instead, one line each
    #[arg(long, conflicts_with_all = ["json", "spec", "overlays"])]
    rules: bool,
}

/// Lints and prints to `out`.
///
/// # Errors
///
/// [`Failure::Io`] if a file cannot be read or `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    if args.rules {
        lint::render_rules(out)?;
        return Ok(Verdict::Clean);
    }
    let found = args.inputs.inputs().and_then(|inputs| Ok((pipeline::lint(&inputs)?, inputs.spec)));
    if let (Err(failure), true) = (&found, args.json) {
        writeln!(out, "{:#}", problems_of(failure))?;
    }
    let (problems, spec) = found?;
    if args.json {
        let array: serde_json::Value = problems.iter().map(Problem::to_json).collect();
        writeln!(out, "{array:#}")?;
    } else if problems.is_empty() {
        let style = anstyle::AnsiColor::Green.on_default().bold();
        let spec = crate::repository::display_path(&spec);
        writeln!(out, "{style}{:>12}{style:#}  {spec}", "Clean")?;
    } else {
        report(&problems, out)?;
    }
    Ok(if problems.is_empty() { Verdict::Clean } else { Verdict::Findings })
}
