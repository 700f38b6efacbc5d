//! `cargo xtask accents`: writes the page that says which service sends which key, also for a document that no set
//! lists. [`crate::accents`] makes it, and [`super::generate`] writes it with all else that is generated.

use std::io::Write;

use serde_json::{Value, json};

use super::{InputArgs, Verdict, told};
use crate::accents::Accents;
use crate::problem::Failure;
use crate::progress::Progress;
use crate::write::{self, Mode, Outcome};

/// Write only docs/accents.html and docs/accents.md, also for another document: every key by service
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// The root below which the files are written [default: the folder of bindings.toml]
    #[arg(long, value_name = "DIR")]
    out: Option<std::path::PathBuf>,
    /// Write nothing; print a diff of what would change and exit with 1 if there is any
    #[arg(long)]
    check: bool,
    /// Print one JSON object: `files`
    #[arg(long)]
    json: bool,
}

/// Writes the two files, and prints to `out` what happened to each.
///
/// # Errors
///
/// [`Failure::Problems`] if the document cannot be used, and [`Failure::Io`] if a file cannot be read
/// or written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let outcomes = told(outcomes(args), args.json, out)?;
    if args.json {
        let files: Value = outcomes.iter().map(Outcome::to_json).collect();
        writeln!(out, "{:#}", json!({ "files": files }))?;
    } else {
        outcomes.iter().try_for_each(|outcome| outcome.render(out))?;
    }
    Ok(if write::has_drift(&outcomes) { Verdict::Findings } else { Verdict::Clean })
}

fn outcomes(args: &Args) -> Result<Vec<Outcome>, Failure> {
    let progress = Progress::on_terminal();
    progress.stage("Loading");
    let document = args.inputs.in_house_style()?.document()?;
    progress.stage("Rendering");
    let files = Accents::new(&document)?.files();
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let root = args.out.clone().unwrap_or_else(|| args.inputs.root());
    files.iter().map(|file| write::write_one(&root, file, mode)).collect()
}
