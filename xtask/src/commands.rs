//! The commands, one file each. [`crate::pipeline`] does the work.

pub mod coverage;
pub mod diff;
pub mod drift;
pub mod generate;
pub mod lint;
pub mod release;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::pipeline::Inputs;
use crate::problem::{self, Failure, Problem};
use crate::repository;

/// How a command ended, if it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to report.
    Clean,
    /// The inputs have problems, or files differ from what they should be.
    Findings,
}

/// The inputs that every command takes.
#[derive(Clone, Debug, clap::Args)]
pub struct InputArgs {
    /// The OpenAPI document [default: spec/chat.openapi.yaml of the repository]
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// Overlays to apply to the document, in this order
    #[arg(long = "overlay", value_name = "FILE", num_args = 1..)]
    pub overlays: Vec<PathBuf>,
}

impl InputArgs {
    /// Options that name the files themselves.
    pub fn inputs(&self) -> Inputs {
        let spec = self.spec.clone().unwrap_or_else(|| repository::root().join(repository::SPEC));
        Inputs { spec, overlays: self.overlays.clone() }
    }
}

/// Prints what went wrong, if anything, and returns the exit code: 0, 1 for problems or drift, 2
/// for the command line and the file system.
pub fn exit_code(result: Result<Verdict, Failure>, err: &mut dyn Write) -> ExitCode {
    exit_code_with(result, 1, err)
}

/// The same, with another exit code for problems in the inputs.
pub fn exit_code_with(
    result: Result<Verdict, Failure>,
    problems_code: u8,
    err: &mut dyn Write,
) -> ExitCode {
    // If stderr is closed, the message cannot reach anyone.
    match result {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(Failure::Problems(problems)) => {
            let _ = report(&problems, err);
            ExitCode::from(problems_code)
        }
        Err(Failure::Io(message)) => {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            let _ = writeln!(err, "{style}error{style:#}: {message}");
            ExitCode::from(2)
        }
    }
}

/// Prints the problems, one line each, and then their number.
fn report(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    problem::render_all(problems, out)?;
    let style = anstyle::AnsiColor::Red.on_default().bold();
    let plural = if problems.len() == 1 { "" } else { "s" };
    writeln!(out, "{style}{:>12}{style:#}  {} problem{plural}", "Found", problems.len())
}
