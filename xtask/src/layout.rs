//! Where a set of bindings is written and what its crates are called: the names of everything that
//! [`crate::split`] and [`crate::stream`] make. [`crate::bindings`] reads them from a file.

/// The crates of one set of bindings, and the file that says what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The crate of the types.
    pub types: Home,
    /// The crate of the operations.
    pub client: Option<Home>,
    /// The crate of the rules by which streams add up.
    pub stream: Option<Home>,
    /// The path of the [lock](crate::write::lock) from the root of the project.
    pub lock: String,
}

/// A crate that gets generated files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The name of the crate in its manifest.
    pub name: String,
    /// The path of the crate from the root of the project, with `/`.
    pub folder: String,
}

impl Default for Layout {
    /// The layout of chatwire's own document.
    fn default() -> Self {
        Self {
            types: Home::new("crates", "chatwire-types"),
            client: Some(Home::new("crates", "chatwire-client")),
            stream: Some(Home::new("crates", "chatwire-stream")),
            lock: "spec/generated.lock".to_owned(),
        }
    }
}

impl Layout {
    /// The path that a file of this layout has in the default one, in which reports compare files.
    ///
    /// ```
    /// use xtask::layout::{Home, Layout};
    ///
    /// let layout = Layout { types: Home::new("rust", "acme-types"), ..Layout::default() };
    /// let path = layout.default_path("rust/acme-types/src/generated/types.rs");
    /// assert_eq!(path, "crates/chatwire-types/src/generated/types.rs");
    /// ```
    pub fn default_path(&self, path: &str) -> String {
        self.path_in(&Self::default(), path)
    }

    /// The path that a file of the default layout has in this one.
    ///
    /// ```
    /// use xtask::layout::{Home, Layout};
    ///
    /// let layout = Layout { types: Home::new("rust", "acme-types"), ..Layout::default() };
    /// let path = layout.own_path("crates/chatwire-types/src/generated/types.rs");
    /// assert_eq!(path, "rust/acme-types/src/generated/types.rs");
    /// ```
    pub fn own_path(&self, path: &str) -> String {
        Self::default().path_in(self, path)
    }

    /// The path that a file of this layout has in another one.
    fn path_in(&self, other: &Self, path: &str) -> String {
        if path == self.lock {
            return other.lock.clone();
        }
        if self.operations().is_some_and(|operations| operations == path) {
            return other.operations().unwrap_or_default();
        }
        let homes = [
            (Some(&self.types), Some(&other.types)),
            (self.client.as_ref(), other.client.as_ref()),
            (self.stream.as_ref(), other.stream.as_ref()),
        ];
        let moved = homes.into_iter().find_map(|(home, other)| {
            let inside = path.strip_prefix(&home?.folder)?.strip_prefix('/')?;
            Some(format!("{}/{inside}", other?.folder))
        });
        moved.unwrap_or_else(|| path.to_owned())
    }

    /// The name of the crate that the default layout calls `role`. A crate without generated files has
    /// the same name in every layout, and `None` is a crate that this layout does not have.
    pub fn crate_named(&self, role: &str) -> Option<String> {
        let default = Self::default();
        let homes = [
            (Some(&self.types), Some(default.types)),
            (self.client.as_ref(), default.client),
            (self.stream.as_ref(), default.stream),
        ];
        for (home, default) in homes {
            if default.is_some_and(|default| default.name == role) {
                return home.map(|home| home.name.clone());
            }
        }
        Some(role.to_owned())
    }

    /// Whether these are the crates of chatwire, which the hand-written crates build on.
    pub fn is_own(&self) -> bool {
        self.types == Self::default().types
    }

    /// The crates that get generated files.
    pub fn homes(&self) -> impl Iterator<Item = &Home> {
        let client = self.client.as_ref().filter(|_| !self.is_one_crate());
        [Some(&self.types), self.stream.as_ref(), client].into_iter().flatten()
    }

    /// Whether types and operations are in one crate, which is what a small document needs.
    pub fn is_one_crate(&self) -> bool {
        self.client.as_ref() == Some(&self.types)
    }

    /// The path of the file with the operations.
    ///
    /// ```
    /// use xtask::layout::{Home, Layout};
    ///
    /// let home = Home::new("crates", "acme");
    /// let layout = Layout { types: home.clone(), client: Some(home), ..Layout::default() };
    /// assert_eq!(layout.operations().as_deref(), Some("crates/acme/src/generated/client.rs"));
    /// ```
    pub fn operations(&self) -> Option<String> {
        let file = if self.is_one_crate() { "generated/client.rs" } else { "generated.rs" };
        self.client.as_ref().map(|client| client.source(file))
    }
}

impl Home {
    /// The crate `name` in the folder `out`.
    pub fn new(out: &str, name: &str) -> Self {
        let folder = if out == "." { name.to_owned() } else { format!("{out}/{name}") };
        Self { name: name.to_owned(), folder }
    }

    /// The path of a source file from the root of the project.
    ///
    /// ```
    /// let home = xtask::layout::Home::new("crates", "acme-types");
    /// assert_eq!(home.source("generated/mod.rs"), "crates/acme-types/src/generated/mod.rs");
    /// ```
    pub fn source(&self, file: &str) -> String {
        format!("{}/src/{file}", self.folder)
    }

    /// The name of the crate in Rust code.
    pub fn ident(&self) -> String {
        self.name.replace('-', "_")
    }
}
