//! Reads `bindings.toml`, which lists the sets of bindings of a project: what each is made from, and
//! where it goes. [`crate::pipeline`] makes the files, and [`crate::write`] writes them.

mod append;
mod check;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::layout::{Home, Layout};
use crate::pipeline::{Inputs, Reading};
use crate::problem::{Failure, Position, Problem};
use crate::repository::{self, SPEC};
use crate::suggest;

/// The name of the file, in the root of a project.
pub const FILE: &str = "bindings.toml";

/// The sets of a project, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    /// The sets. There is at least one.
    pub sets: Vec<Set>,
}

/// One set of bindings: the crates that are made from one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The name.
    pub name: String,
    /// The path of the document from the root of the project.
    pub document: String,
    /// The paths of the overlays, in the order in which they are applied.
    pub overlays: Vec<String>,
    /// What is taken of the document.
    pub reading: Reading,
    /// The crates.
    pub layout: Layout,
}

impl Bindings {
    /// Reads `bindings.toml` of the project at `root`. Without the file, a project has one set, which
    /// is like chatwire's own.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if the file cannot be read, and [`Failure::Problems`] with everything that is
    /// wrong in it.
    pub fn of_project(root: &Path) -> Result<Self, Failure> {
        let path = root.join(FILE);
        match path.exists() {
            true => Self::load(&path),
            false => Ok(Self::default()),
        }
    }

    /// Reads a file of this form.
    ///
    /// # Errors
    ///
    /// The same as [`Self::of_project`].
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Failure::io("read", path, &error))?;
        Ok(Self::parse(&repository::display_path(path), &text)?)
    }

    /// Parses the text of a file. Problems name the file `path`.
    ///
    /// ```
    /// let text = "[[bindings]]\nname = 'acme'\ndocument = 'acme.yaml'\n";
    /// let set = xtask::bindings::Bindings::parse("bindings.toml", text).unwrap().sets.remove(0);
    /// assert_eq!(set.layout.types.folder, "crates/acme-types");
    /// assert_eq!(set.layout.lock, "crates/acme.lock");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns a syntax error, an unknown key, or every set that is wrong.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let file: File = toml::from_str(text).map_err(|error| vec![syntax(path, text, &error)])?;
        let problems = check::problems(&file, path, text);
        match problems.is_empty() {
            true => Ok(Self { sets: file.bindings.into_iter().map(Raw::into_set).collect() }),
            false => Err(problems),
        }
    }

    /// The set with this name.
    ///
    /// # Errors
    ///
    /// Returns a message if there is no such set.
    pub fn set(&self, name: &str) -> Result<&Set, Failure> {
        let names: Vec<&str> = self.sets.iter().map(|set| set.name.as_str()).collect();
        self.sets.iter().find(|set| set.name == name).ok_or_else(|| {
            let hint = match suggest::closest(name, names.clone()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("the sets are {}", names.join(", ")),
            };
            Failure::Io(format!("{FILE} has no set of bindings `{name}`; {hint}"))
        })
    }
}

impl Default for Bindings {
    fn default() -> Self {
        Self { sets: vec![Set::default()] }
    }
}

impl Default for Set {
    /// chatwire's own set.
    fn default() -> Self {
        Self {
            name: "chat".to_owned(),
            document: SPEC.to_owned(),
            overlays: Vec::new(),
            reading: Reading { house_style: true, ..Reading::default() },
            layout: Layout::default(),
        }
    }
}

impl Set {
    /// The input files of the set in the project at `root`.
    pub fn inputs(&self, root: &Path) -> Inputs {
        Inputs {
            root: root.to_path_buf(),
            spec: root.join(&self.document),
            overlays: self.overlays.iter().map(|path| root.join(path)).collect::<Vec<PathBuf>>(),
            reading: self.reading.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    bindings: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Spanned<String>,
    document: Spanned<String>,
    #[serde(default)]
    overlays: Vec<Spanned<String>>,
    #[serde(default)]
    only: Vec<Spanned<String>>,
    house_style: Option<bool>,
    out: Option<Spanned<String>>,
    types: Option<Spanned<String>>,
    client: Option<Spanned<String>>,
    stream: Option<Spanned<String>>,
    lock: Option<Spanned<String>>,
}

impl Raw {
    fn out(&self) -> &str {
        self.out.as_ref().map_or("crates", |out| out.get_ref())
    }

    fn layout(&self) -> Layout {
        let name = self.name.get_ref();
        let home = |given: &Spanned<String>| Home::new(self.out(), given.get_ref());
        let types =
            self.types.as_ref().map_or_else(|| format!("{name}-types"), |it| it.get_ref().clone());
        let lock = Home::new(self.out(), &format!("{name}.lock")).folder;
        Layout {
            types: Home::new(self.out(), &types),
            client: self.client.as_ref().map(home),
            stream: self.stream.as_ref().map(home),
            lock: self.lock.as_ref().map_or(lock, |lock| lock.get_ref().clone()),
        }
    }

    fn into_set(self) -> Set {
        let layout = self.layout();
        // The hand-written crates rely on the dialect of chatwire's own document.
        let house_style = self.house_style.unwrap_or(layout.is_own());
        Set {
            layout,
            reading: Reading { only: plain(self.only), house_style },
            name: self.name.into_inner(),
            document: self.document.into_inner(),
            overlays: plain(self.overlays),
        }
    }
}

fn plain(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(Spanned::into_inner).collect()
}

fn syntax(path: &str, text: &str, error: &toml::de::Error) -> Problem {
    let start = error.span().map_or(0, |span| span.start);
    Problem::error("bindings-syntax", error.message())
        .why("the sets of bindings cannot be read")
        .fix(
            "write `[[bindings]]` with `name`, `document` and, if they differ, `overlays`, `only`, `house_style`, `out`, \
              `types`, `client`, `stream` and `lock`",
        )
        .at(&Position::at_offset(path, text, start))
}

#[cfg(test)]
mod tests;
