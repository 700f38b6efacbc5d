//! `cargo xtask new`: makes a pair of crates for another document and adds it to `bindings.toml`.
//! [`super::generate`] writes what is generated anew after that.

use std::io::Write;
use std::path::{Path, PathBuf};

use anstyle::AnsiColor;
use serde_json::json;

use super::{Verdict, folder, problems_of};
use crate::bindings::{Bindings, FILE, Set};
use crate::layout::{Home, Layout};
use crate::pipeline::{self, Reading};
use crate::problem::Failure;
use crate::progress::Progress;
use crate::repository;
use crate::scaffold::{Scaffold, absolute, way};
use crate::write::{self, Outcome, OutputFile};

/// Make a pair of crates, types and client, for an OpenAPI document
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The name of the set of bindings. The crates are NAME-types and NAME-client
    name: String,
    /// The OpenAPI document
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// Overlays to apply, in this order
    #[arg(long = "overlay", value_name = "FILE", num_args = 1..)]
    overlays: Vec<PathBuf>,
    /// Take only these paths, such as /chat/completions, and what they reach; or schemas, such as
    /// #/components/schemas/Pet
    #[arg(long, value_name = "PATH", num_args = 1..)]
    only: Vec<String>,
    /// The folder of the crates, relative to bindings.toml
    #[arg(long, value_name = "DIR", default_value = "crates")]
    out: String,
    /// The file that lists the sets of bindings; it need not exist [default: bindings.toml of the
    /// repository]
    #[arg(long, value_name = "FILE")]
    bindings: Option<PathBuf>,
    /// The document is in the dialect of the generator: every rule of the lint is an error
    #[arg(long)]
    house_style: bool,
    /// Print one JSON object: `problems` and `files`
    #[arg(long)]
    json: bool,
}

/// Makes the crates, and prints to `out` which files were written.
///
/// # Errors
///
/// [`Failure::Problems`] if the document cannot become bindings, and [`Failure::Io`] if a file is in
/// the way, or cannot be read or written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let made = make(args);
    if args.json {
        let files: serde_json::Value =
            made.iter().flat_map(|made| &made.outcomes).map(Outcome::to_json).collect();
        let problems = made.as_ref().err().map_or_else(|| json!([]), problems_of);
        writeln!(out, "{:#}", json!({ "problems": problems, "files": files }))?;
        return match made {
            Err(Failure::Problems(_)) => Ok(Verdict::Findings),
            made => made.map(|_| Verdict::Clean),
        };
    }
    let made = made?;
    made.outcomes.iter().try_for_each(|outcome| outcome.render(out))?;
    let style = AnsiColor::Cyan.on_default().bold();
    writeln!(out, "{style}{:>12}{style:#}  {}", "Next", made.next)?;
    Ok(Verdict::Clean)
}

struct Made {
    outcomes: Vec<Outcome>,
    /// What the user can do now.
    next: String,
}

fn make(args: &Args) -> Result<Made, Failure> {
    let file = args.bindings.clone().unwrap_or_else(|| repository::root().join(FILE));
    let root = folder(&file);
    let listed = read_if_there(&file)?;
    let set = set(args, &root);
    let text = set.added_to(listed.as_deref());
    // The same rules as for an edit by hand: names, paths, and what two sets would share.
    Bindings::parse(&repository::display_path(&file), &text)?;
    ensure_free(&set.layout, &root)?;

    let inputs = set.inputs(&root);
    let progress = Progress::on_terminal();
    let mut files = pipeline::run(&inputs, &set.layout, &progress)?;
    let document = inputs.document()?;
    let scaffold =
        Scaffold { set: &set, root: &root, runtime: &repository::root(), document: &document };
    files.extend(scaffold.files());
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let outcomes = write::create(&root, &files, &OutputFile { path: name, contents: text })?;
    Ok(Made { outcomes, next: next(&set, &root) })
}

fn read_if_there(file: &Path) -> Result<Option<String>, Failure> {
    match file.exists() {
        true => std::fs::read_to_string(file)
            .map(Some)
            .map_err(|error| Failure::io("read", file, &error)),
        false => Ok(None),
    }
}

fn set(args: &Args, root: &Path) -> Set {
    let from_root = |path: &PathBuf| way(&absolute(root), &absolute(path));
    let out = args.out.trim_end_matches('/');
    Set {
        name: args.name.clone(),
        document: from_root(&args.spec),
        overlays: args.overlays.iter().map(from_root).collect(),
        reading: Reading { only: args.only.clone(), house_style: args.house_style },
        layout: Layout {
            types: Home::new(out, &format!("{}-types", args.name)),
            client: Some(Home::new(out, &format!("{}-client", args.name))),
            stream: None,
            lock: Home::new(out, &format!("{}.lock", args.name)).folder,
        },
    }
}

/// Refuses folders that exist, because a new crate replaces nothing.
fn ensure_free(layout: &Layout, root: &Path) -> Result<(), Failure> {
    let mut taken = layout.homes().map(|home| &home.folder).chain([&layout.lock]);
    match taken.find(|path| root.join(path).exists()) {
        Some(path) => Err(Failure::Io(format!(
            "{path} exists already; choose another name or another `--out`, or remove it"
        ))),
        None => Ok(()),
    }
}

/// What to do next: to build the crates, after they have been added to the workspace around them.
fn next(set: &Set, root: &Path) -> String {
    let client = set.layout.client.as_ref().unwrap_or(&set.layout.types);
    let manifest = root.join(&client.folder).join("Cargo.toml");
    let manifest = repository::display_path(&manifest);
    format!(
        "cargo doc --open --manifest-path {manifest}; if a workspace is around the crates, list them in \
         its `members`"
    )
}
