//! `cargo xtask lint`: prints what keeps a document from being generated, and what is not in house style.
//! [`crate::lint`] finds it.

use std::collections::BTreeMap;
use std::io::Write;

use super::{InputArgs, Verdict, problems_of, report};
use crate::problem::{self, Failure, Problem, Severity};
use crate::{lint, pipeline, suggest};

/// Report what the generator would drop, guess at or stop on, one line each
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Print the problems as a JSON array of objects
    #[arg(long)]
    json: bool,
    /// Report only this rule; may be given more than once
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Print at most this many problems; the summary counts all
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// List the rules instead, one line each
    #[arg(long, conflicts_with_all = ["json", "spec", "overlays", "rule", "max"])]
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
    let (mut problems, spec) = found?;
    ensure_known(&args.rule)?;
    problems.retain(|problem| {
        args.rule.is_empty() || args.rule.iter().any(|rule| rule == problem.rule)
    });
    if args.json {
        let array: serde_json::Value = problems.iter().map(Problem::to_json).collect();
        writeln!(out, "{array:#}")?;
    } else if problems.is_empty() {
        let style = anstyle::AnsiColor::Green.on_default().bold();
        let spec = crate::repository::display_path(&spec);
        writeln!(out, "{style}{:>12}{style:#}  {spec}", "Clean")?;
    } else {
        print(&problems, args.max, out)?;
    }
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    Ok(if problems.iter().any(is_error) { Verdict::Findings } else { Verdict::Clean })
}

/// Refuses a rule that does not exist, because its report would be empty.
fn ensure_known(rules: &[String]) -> Result<(), Failure> {
    let ids = || lint::RULES.iter().map(|rule| rule.id);
    match rules.iter().find(|rule| ids().all(|id| id != rule.as_str())) {
        None => Ok(()),
        Some(rule) => Err(Failure::Io(match suggest::closest(rule, ids()) {
            Some(close) => format!("there is no rule `{rule}`; did you mean `{close}`?"),
            None => format!("there is no rule `{rule}`; `cargo xtask lint --rules` lists them"),
        })),
    }
}

/// How many problems are listed without a summary before them.
const FEW: usize = 20;
/// How many problems are listed if there are many.
const DEFAULT_MAX: usize = 50;

/// Prints the number of problems of each rule, if there are many, and then the problems: errors first, and
/// each with its place.
fn print(problems: &[Problem], max: Option<usize>, out: &mut dyn Write) -> std::io::Result<()> {
    if problems.len() <= FEW && max.is_none() {
        return report(problems, out);
    }
    summary(problems, out)?;
    let most = max.unwrap_or(DEFAULT_MAX);
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.severity);
    let shown: Vec<Problem> = sorted.into_iter().take(most).cloned().collect();
    problem::render_all(&shown, out)?;
    if let Some(rest) = problems.len().checked_sub(most).filter(|rest| *rest > 0) {
        let style = anstyle::AnsiColor::Cyan.on_default().bold();
        let ways = "`--rule ID` lists one rule, and `--max N` more of all";
        writeln!(out, "{style}{:>12}{style:#}  {rest} more; {ways}", "Left out")?;
    }
    Ok(())
}

/// A line for each rule, those of errors first and then the most frequent.
fn summary(problems: &[Problem], out: &mut dyn Write) -> std::io::Result<()> {
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for problem in problems {
        *counts.entry((problem.severity, problem.rule)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((severity, _), count)| (*severity, std::cmp::Reverse(*count)));
    for ((severity, rule), count) in counts {
        let doc = lint::RULES.iter().find(|known| known.id == rule).map_or("", |known| known.doc);
        writeln!(out, "{count:>7} {:<7}  {rule:<24} {doc}", severity.as_str())?;
    }
    writeln!(out)
}
