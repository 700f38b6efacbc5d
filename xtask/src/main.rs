//! The list of commands. Each command is a file in `commands/`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::commands::{self, accents, coverage, diff, drift, generate, lint, new, release};
use xtask::safe_output::SafeOutput;

/// The generator: one document in, the types crate and the client crate out
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXIT_CODES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  problems in the document, an overlay or a change file, files that are not up to date, keys that
     are missing, differences that must not be, or a release that is refused
  2  wrong usage, or a file that cannot be read or written";

#[derive(Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Generate(generate::Args),
    #[command(after_help = EXIT_CODES)]
    New(new::Args),
    #[command(after_help = EXIT_CODES)]
    Lint(lint::Args),
    #[command(after_help = EXIT_CODES)]
    Coverage(coverage::Args),
    Diff(diff::Args),
    #[command(after_help = drift::EXIT_CODES)]
    Drift(drift::Args),
    #[command(after_help = EXIT_CODES)]
    Release(release::Args),
    #[command(after_help = EXIT_CODES)]
    Accents(accents::Args),
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let out = &mut SafeOutput::new(anstream::stdout().lock());
    let result = match &line.command {
        Command::Generate(args) => generate::run(args, out),
        Command::New(args) => new::run(args, out),
        Command::Lint(args) => lint::run(args, out),
        Command::Coverage(args) => coverage::run(args, out),
        Command::Diff(args) => diff::run(args, out),
        Command::Release(args) => release::run(args, out),
        Command::Drift(args) => drift::run(args, out),
        Command::Accents(args) => accents::run(args, out),
    };
    let problems_code = if matches!(line.command, Command::Drift(_)) { 2 } else { 1 };
    commands::exit_code_with(result, problems_code, &mut SafeOutput::new(anstream::stderr().lock()))
}
