//! `cargo xtask generate`: writes the generated files of the sets of bindings, or checks them.
//! [`crate::pipeline`] makes them.

use std::io::Write;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::{Value, json};

use super::{InputArgs, Project, Verdict, problems_of};
use crate::accents::Accents;
use crate::bindings::{FILE, Set};
use crate::layout::Layout;
use crate::pipeline::{self, Inputs};
use crate::problem::Failure;
use crate::progress::Progress;
use crate::repository;
use crate::write::{self, Mode, Outcome, OutputFile, lock};

/// Generate the crates of all sets of bindings and the pages of accents, or check that they are up to date
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// The root below which the files are written [default: the folder of bindings.toml]
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
        Err(failure) if args.json => {
            print_json(&problems_of(&failure), &[], out)?;
            return match failure {
                Failure::Problems(_) => Ok(Verdict::Findings),
                failure => Err(failure),
            };
        }
        other => other?,
    };
    if args.json {
        print_json(&json!([]), &outcomes, out)?;
    } else {
        print(args, &outcomes, out)?;
    }
    Ok(if write::has_drift(&outcomes) { Verdict::Findings } else { Verdict::Clean })
}

/// What to make, and where to put it.
struct Target {
    root: PathBuf,
    inputs: Inputs,
    layout: Layout,
    /// Whether no `bindings.toml` lists it, so that only its document tells it from others.
    is_unlisted: bool,
}

/// Makes all files of all sets before it writes the first one.
fn outcomes(args: &Args) -> Result<Vec<Outcome>, Failure> {
    let progress = Progress::on_terminal();
    let targets = targets(args)?;
    // The pages take nearly as long as the code, and need nothing of it.
    let (made, pages) = thread::scope(|scope| {
        let pages = scope.spawn(|| targets.iter().map(pages).collect::<Vec<_>>());
        let made = targets.iter().map(|each| pipeline::run(&each.inputs, &each.layout, &progress));
        let made = made.collect::<Result<Vec<_>, _>>();
        (made, pages.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    // What is wrong with a document is said by the stages of the code.
    let (made, pages) = (made?, pages.into_iter().collect::<Result<Vec<_>, _>>()?);
    ensure_remembered(args, &targets)?;
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let mut outcomes = Vec::new();
    for ((target, files), pages) in targets.iter().zip(&made).zip(&pages) {
        if target.is_unlisted {
            ensure_same_document(&target.root, files)?;
        }
        outcomes.extend(write::write(&target.root, files, mode)?);
        for page in pages {
            outcomes.push(write::write_one(&target.root, page, mode)?);
        }
    }
    Ok(outcomes)
}

/// The pages of accents, if a set is about the chat and its document names the services.
fn pages(target: &Target) -> Result<Vec<OutputFile>, Failure> {
    if target.is_unlisted || !target.inputs.reading.house_style {
        return Ok(Vec::new());
    }
    let document = target.inputs.document()?;
    if document.root.get("x-service-names").is_none() {
        return Ok(Vec::new());
    }
    Ok(Accents::new(&document)?.files().into())
}

fn targets(args: &Args) -> Result<Vec<Target>, Failure> {
    let Some(spec) = &args.inputs.spec else {
        let Project { root, sets } = args.inputs.project()?;
        return Ok(sets.iter().map(|set| listed(args, &root, set)).collect());
    };
    if args.out.is_none()
        && let Some((root, set)) = set_of(args, spec)?
    {
        return Ok(vec![listed(args, &root, &set)]);
    }
    let root = args.out.clone().unwrap_or_else(repository::root);
    let inputs = Inputs { root: root.clone(), ..args.inputs.inputs()? };
    Ok(vec![Target { root, inputs, layout: Layout::default(), is_unlisted: true }])
}

fn listed(args: &Args, root: &Path, set: &Set) -> Target {
    let mut inputs = set.inputs(root);
    inputs.overlays.extend(args.inputs.overlays.iter().cloned());
    let root = args.out.clone().unwrap_or_else(|| root.to_path_buf());
    Target { root, inputs, layout: set.layout.clone(), is_unlisted: false }
}

/// The set that is made from this document.
fn set_of(args: &Args, spec: &Path) -> Result<Option<(PathBuf, Set)>, Failure> {
    let Project { root, sets } = args.inputs.project()?;
    let wanted = spec.canonicalize().ok();
    let is_same = |set: &Set| root.join(&set.document).canonicalize().ok() == wanted;
    let found = sets.into_iter().find(|set| wanted.is_some() && is_same(set));
    Ok(found.map(|set| (root, set)))
}

/// Refuses options that the next `generate` would not know about.
fn ensure_remembered(args: &Args, targets: &[Target]) -> Result<(), Failure> {
    let is_forgotten = targets.iter().any(|target| target.is_unlisted);
    match args.out.is_none() && (is_forgotten || !args.inputs.overlays.is_empty()) {
        false => Ok(()),
        true => Err(Failure::Io(format!(
            "{} would be forgotten by the next `cargo xtask generate`; list it in {FILE}, or write \
             to another folder with `--out DIR`",
            if is_forgotten { "this document" } else { "this overlay" }
        ))),
    }
}

/// Refuses a folder with the bindings of another document.
fn ensure_same_document(root: &Path, files: &[OutputFile]) -> Result<(), Failure> {
    let Some(new) = files.iter().find(|file| lock::is_lock(&file.contents)) else { return Ok(()) };
    let document = |text: &str| lock::parse(text).into_iter().next().map(|source| source.name);
    let Ok(old) = std::fs::read_to_string(root.join(&new.path)) else { return Ok(()) };
    match (document(&old), document(&new.contents)) {
        (Some(old), Some(new)) if old != new => Err(Failure::Io(format!(
            "{} has the bindings of {old}; write those of {new} to another folder, or give each a \
             name in {FILE}",
            root.display()
        ))),
        _ => Ok(()),
    }
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
    words.extend(args.inputs.words());
    words.extend(args.out.iter().map(|out| format!("--out {}", out.display())));
    words.join(" ")
}

fn print_json(problems: &Value, outcomes: &[Outcome], out: &mut dyn Write) -> std::io::Result<()> {
    let files: Value = outcomes.iter().map(Outcome::to_json).collect();
    writeln!(out, "{:#}", json!({ "problems": problems, "files": files }))
}
