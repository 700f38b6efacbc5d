//! The commands, one file each. [`crate::pipeline`] does the work.

pub mod accents;
pub mod coverage;
pub mod diff;
pub mod drift;
pub mod generate;
pub mod lint;
pub mod new;
pub mod release;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::bindings::{Bindings, Set};
use crate::pipeline::{Inputs, Reading};
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
    /// The set of bindings, as `bindings.toml` names it
    #[arg(long, value_name = "NAME", conflicts_with = "spec")]
    pub set: Option<String>,
    /// Where the sets of bindings are listed [default: bindings.toml of the repository]
    #[arg(long, value_name = "FILE", conflicts_with = "spec")]
    pub bindings: Option<PathBuf>,
    /// Another OpenAPI document than that of a set
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// The document of --spec is in the dialect of the generator: every rule of the lint is an error
    #[arg(long, requires = "spec")]
    pub house_style: bool,
    /// Overlays to apply after those of the set, in this order
    #[arg(long = "overlay", value_name = "FILE", num_args = 1..)]
    pub overlays: Vec<PathBuf>,
}

/// A set of bindings with the root of its project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The root.
    pub root: PathBuf,
    /// The sets that the options select. There is at least one.
    pub sets: Vec<Set>,
}

impl InputArgs {
    /// The root of the project.
    pub fn root(&self) -> PathBuf {
        self.bindings.as_deref().map_or_else(repository::root, folder)
    }

    /// The sets that the options select: the named one, or all.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if `bindings.toml` cannot be read or has no such set, and
    /// [`Failure::Problems`] if it is wrong.
    pub fn project(&self) -> Result<Project, Failure> {
        let root = self.root();
        let all = match &self.bindings {
            Some(path) => Bindings::load(path)?,
            None => Bindings::of_project(&root)?,
        };
        let sets = match &self.set {
            Some(name) => vec![all.set(name)?.clone()],
            None => all.sets,
        };
        Ok(Project { root, sets })
    }

    /// The one document that the options select, with its overlays. Without a name, it is that of the
    /// first set.
    ///
    /// # Errors
    ///
    /// The same as [`Self::project`].
    pub fn inputs(&self) -> Result<Inputs, Failure> {
        let mut inputs = match &self.spec {
            Some(spec) => Inputs {
                root: repository::root(),
                spec: spec.clone(),
                overlays: Vec::new(),
                reading: self.reading(spec)?,
            },
            None => {
                let Project { root, sets } = self.project()?;
                sets.first().cloned().unwrap_or_default().inputs(&root)
            }
        };
        inputs.overlays.extend(self.overlays.iter().cloned());
        Ok(inputs)
    }

    /// The same, for a comparison with our own document, which is in the dialect of the generator.
    fn in_house_style(&self) -> Result<Inputs, Failure> {
        let inputs = self.inputs()?;
        let reading = Reading { house_style: true, ..inputs.reading };
        Ok(Inputs { reading, ..inputs })
    }

    /// How the document of `--spec` is read: as the set that lists it says, or as the options say.
    fn reading(&self, spec: &Path) -> Result<Reading, Failure> {
        let root = self.root();
        let wanted = spec.canonicalize().ok();
        let is_same = |set: &Set| root.join(&set.document).canonicalize().ok() == wanted;
        let sets = Bindings::of_project(&root)?.sets;
        let listed = sets.into_iter().find(|set| wanted.is_some() && is_same(set));
        Ok(listed.map_or_else(
            || Reading { house_style: self.house_style, ..Reading::default() },
            |set| set.reading,
        ))
    }

    /// Options that select the same inputs, as they are typed.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let paths = [("--bindings", &self.bindings), ("--spec", &self.spec)];
        for (option, path) in paths {
            words.extend(path.iter().map(|path| format!("{option} {}", path.display())));
        }
        words.extend(self.house_style.then(|| "--house-style".to_owned()));
        words.extend(self.set.iter().map(|name| format!("--set {name}")));
        words.extend(self.overlays.iter().map(|path| format!("--overlay {}", path.display())));
        words
    }
}

/// The folder of a file.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
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

/// What went wrong, for programs: a list of problems. One that is not about an input has no place.
fn problems_of(failure: &Failure) -> serde_json::Value {
    match failure {
        Failure::Problems(problems) => problems.iter().map(Problem::to_json).collect(),
        Failure::Io(message) => serde_json::json!([Problem::error("io", message).to_json()]),
    }
}

/// Prints what went wrong as `{"problems": […]}` if `is_json`, and passes it on.
fn told<T>(result: Result<T, Failure>, is_json: bool, out: &mut dyn Write) -> Result<T, Failure> {
    if let (Err(failure), true) = (&result, is_json) {
        // The failure itself is more important than one of the output.
        let _ = writeln!(out, "{:#}", serde_json::json!({ "problems": problems_of(failure) }));
    }
    result
}

/// Prints the problems, one line each, and then their number.
fn report(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    problem::render_all(problems, out)?;
    let style = anstyle::AnsiColor::Red.on_default().bold();
    let plural = if problems.len() == 1 { "" } else { "s" };
    writeln!(out, "{style}{:>12}{style:#}  {} problem{plural}", "Found", problems.len())
}
