//! Reads one side of a comparison: a file, or the document of a set of bindings as a git revision or
//! the working tree has it. [`crate::load`] parses it.

use std::path::Path;
use std::process::{Command, Output};

use crate::bindings::{self, Bindings, Set};
use crate::load::{Document, Value};
use crate::overlay;
use crate::problem::{Failure, Position, Problem};

/// A document at one moment, and what it was made from.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The document with the overlays applied.
    pub document: Document,
    /// The document without them.
    pub spec: Document,
    /// The overlays.
    pub overlays: Vec<Document>,
    /// The set of bindings that it belongs to.
    pub set: Set,
}

impl Snapshot {
    /// Applies overlays to a document of `set`.
    ///
    /// # Errors
    ///
    /// The same as [`overlay::apply`], and a path of the set that is not there.
    pub fn new(spec: Document, overlays: Vec<Document>, set: Set) -> Result<Self, Vec<Problem>> {
        let document = set.reading.apply(overlay::apply(spec.clone(), &overlays)?)?;
        Ok(Self { document, spec, overlays, set })
    }

    /// Whether both are made from the same text.
    pub fn is_same(&self, other: &Self) -> bool {
        let texts = |snapshot: &Self| -> Vec<String> {
            let all = [&snapshot.spec].into_iter().chain(&snapshot.overlays);
            all.map(|document| document.text.clone()).collect()
        };
        texts(self) == texts(other)
    }
}

impl From<Document> for Snapshot {
    /// A document without overlays, in the default set.
    fn from(document: Document) -> Self {
        Self { spec: document.clone(), document, overlays: Vec::new(), set: Set::default() }
    }
}

impl Snapshot {
    /// What stands for a `side` that does not have the set of the other side: the same document without operations
    /// and schemas.
    pub fn absent(other: &Self, side: &str) -> Self {
        let path = format!("{side}, which has no {}", other.set.document);
        let mut root = other.document.root.clone();
        for key in ["paths", "components"] {
            if let Some(part) = root.get_mut(key) {
                part.at = Position::start_of(side);
            }
        }
        if let Some(Value::Object(paths)) = root.get_mut("paths").map(|paths| &mut paths.value) {
            paths.clear();
        }
        if let Some(Value::Object(kinds)) = root.get_mut("components").map(|all| &mut all.value) {
            kinds.retain(|kind| kind.key == "securitySchemes");
        }
        let mut document = other.document.with_root(root);
        document.path = path;
        let mut spec = document.clone();
        spec.text.clear();
        Self { spec, document, overlays: Vec::new(), set: other.set.clone() }
    }
}

/// The sets of bindings of a revision, or of the working tree of the project at `root`.
///
/// # Errors
///
/// [`Failure::Io`] if a file cannot be read, and [`Failure::Problems`] if it is wrong.
pub fn sets(root: &Path, revision: Option<&str>) -> Result<Vec<Set>, Failure> {
    let Some(revision) = revision else { return Ok(Bindings::of_project(root)?.sets) };
    match shown(root, revision, bindings::FILE)? {
        Some(text) => Ok(Bindings::parse(&format!("{revision}:{}", bindings::FILE), &text)?.sets),
        // Before there was such a file, nobody could list overlays or a second set.
        None => {
            let first = Bindings::of_project(root)?.sets.into_iter().take(1);
            Ok(first.map(|set| Set { overlays: Vec::new(), ..set }).collect())
        }
    }
}

/// Reads a set in the working tree of the project at `root`.
///
/// # Errors
///
/// [`Failure::Io`] if a file cannot be read, and [`Failure::Problems`] if one is wrong.
pub fn working_tree(root: &Path, set: Set) -> Result<Snapshot, Failure> {
    let load = |path: &String| Document::load_as(&root.join(path), path);
    let overlays = set.overlays.iter().map(load).collect::<Result<_, _>>()?;
    Ok(Snapshot::new(load(&set.document)?, overlays, set)?)
}

/// Reads a file. Without `overlays` it is taken as it is.
///
/// # Errors
///
/// The same as [`working_tree`].
pub fn file(path: &Path, overlays: Option<&Snapshot>) -> Result<Snapshot, Failure> {
    let document = Document::load(path)?;
    match overlays {
        Some(of) => Ok(Snapshot::new(document, of.overlays.clone(), of.set.clone())?),
        None => Ok(document.into()),
    }
}

/// Reads a set as a revision of the project at `root` has it.
///
/// # Errors
///
/// The same as [`working_tree`], and [`Failure::Io`] if git does not know the revision.
pub fn revision(root: &Path, revision: &str, set: Set) -> Result<Snapshot, Failure> {
    let load = |path: &String| -> Result<Document, Failure> {
        let text = show(root, revision, path)?;
        let mut document = Document::parse(&format!("{revision}:{path}"), &text)?;
        document.name.clone_from(path);
        Ok(document)
    };
    let overlays = set.overlays.iter().map(load).collect::<Result<_, _>>()?;
    Ok(Snapshot::new(load(&set.document)?, overlays, set)?)
}

/// A file of the repository at a revision; `None` if the revision does not have it.
fn shown(root: &Path, revision: &str, file: &str) -> Result<Option<String>, Failure> {
    let object = format!("{revision}:{file}");
    let output = git(root, &["cat-file", "-e", "--end-of-options", &object])?;
    output.status.success().then(|| show(root, revision, file)).transpose()
}

/// Reads a file of the repository at a revision.
///
/// # Errors
///
/// [`Failure::Io`] if git does not run or does not find the revision, [`Failure::Problems`] if the
/// file is not UTF-8.
pub fn show(root: &Path, revision: &str, file: &str) -> Result<String, Failure> {
    let object = format!("{revision}:{file}");
    // The end of the options keeps git from reading a revision as one.
    let words = ["show", "--end-of-options", &object];
    let output = git(root, &words)?;
    if !output.status.success() {
        return Err(Failure::Io(not_found(
            revision,
            file,
            &String::from_utf8_lossy(&output.stderr),
        )));
    }
    String::from_utf8(output.stdout).map_err(|_| {
        let problem = Problem::error("not-utf8", format!("{object} is not UTF-8"))
            .why("the document is read as UTF-8 text")
            .fix("compare with a revision in which it is");
        Failure::Problems(vec![problem])
    })
}

/// Runs git in the project at `root`. Its exit code is for the caller.
pub(super) fn git(root: &Path, words: &[&str]) -> Result<Output, Failure> {
    let output = Command::new("git").arg("-C").arg(root).args(words).output();
    output
        .map_err(|error| Failure::Io(format!("cannot run git: {error}; install it, or name files")))
}

fn not_found(revision: &str, file: &str, stderr: &str) -> String {
    let reason = stderr.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ");
    let reason = reason.trim_end_matches('.');
    format!(
        "`{revision}` is neither a file nor a revision with {file} ({reason}); \
         name an OpenAPI file, or a commit, branch or tag of this repository"
    )
}
