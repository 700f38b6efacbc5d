//! Makes the files of a new pair of crates that people edit later: manifests and `lib.rs`.
//! [`crate::generator`] makes the others, which are written anew each time.

use std::path::{Component, Path, PathBuf};

use crate::bindings::Set;
use crate::layout::Home;
use crate::load::{Document, Node};
use crate::model::text;
use crate::write::OutputFile;

/// What a new pair of crates is made from.
pub struct Scaffold<'a> {
    /// The set of bindings.
    pub set: &'a Set,
    /// The root of its project.
    pub root: &'a Path,
    /// The root of the project with the hand-written runtime.
    pub runtime: &'a Path,
    /// The document.
    pub document: &'a Document,
}

impl Scaffold<'_> {
    /// The manifests and the `lib.rs` of each crate.
    #[must_use]
    pub fn files(&self) -> Vec<OutputFile> {
        let types = &self.set.layout.types;
        let mut files = vec![
            file(types, "Cargo.toml", self.types_manifest()),
            file(types, "src/lib.rs", self.types_lib()),
        ];
        if let Some(client) = &self.set.layout.client {
            files.push(file(client, "Cargo.toml", self.client_manifest(client)));
            files.push(file(client, "src/lib.rs", self.client_lib()));
        }
        files
    }

    fn types_manifest(&self) -> String {
        let types = &self.set.layout.types;
        format!(
            "{}{}\n[dependencies]\n{}\
             # The same features as those of the runtime, because both share values.\n\
             serde_core = {{ version = \"1\", default-features = false, features = [\"std\"] }}\n\
             serde_json = \"1\"\n\
             schemars = {{ version = \"1.2\", default-features = false, optional = true }}\n\n\
             [features]\n\
             # `schemars::JsonSchema` for every type.\n\
             schemars = [\"dep:schemars\", \"chatwire-types/schemars\"]\n",
            self.package(types, "The types"),
            LINTS,
            self.runtime_dependency(types, "chatwire-types"),
        )
    }

    fn client_manifest(&self, client: &Home) -> String {
        let types = &self.set.layout.types;
        let types_path = way(Path::new(&client.folder), Path::new(&types.folder));
        format!(
            "{}{}\n[dependencies]\n{} = {{ version = \"{VERSION}\", path = {} }}\n{}\n\
             [features]\n\
             default = [\"rustls\"]\n\
             # `https://` addresses, trusting the certificates that the operating system trusts.\n\
             rustls = [\"chatwire-client/rustls\"]\n\
             # The same with a crypto provider that the program installs, for example ring.\n\
             rustls-no-provider = [\"chatwire-client/rustls-no-provider\"]\n\
             # Ask for compressed answers, and undo the compression.\n\
             gzip = [\"chatwire-client/gzip\"]\n\
             brotli = [\"chatwire-client/brotli\"]\n",
            self.package(client, "The client"),
            LINTS,
            types.name,
            quoted(&types_path),
            self.runtime_dependency(client, "chatwire-client")
                .replace(" }", ", default-features = false }"),
        )
    }

    fn package(&self, home: &Home, what: &str) -> String {
        let description =
            format!("{what} of {}, generated from its OpenAPI document.", self.title());
        format!(
            "[package]\nname = \"{}\"\ndescription = {}\nversion = \"{VERSION}\"\nedition = \"2024\"\n\
             rust-version = \"{RUST_VERSION}\"\n\n",
            home.name,
            quoted(&description)
        )
    }

    fn runtime_dependency(&self, home: &Home, name: &str) -> String {
        let from = self.root.join(&home.folder);
        let path = way(&absolute(&from), &absolute(&self.runtime.join("crates").join(name)));
        let version = env!("CARGO_PKG_VERSION");
        format!("{name} = {{ version = \"{version}\", path = {} }}\n", quoted(&path))
    }

    fn types_lib(&self) -> String {
        format!(
            "//! The types of {}.\n\
             //!\n\
             //! `src/generated` is written by `cargo xtask generate`; this file is yours.\n\
             //!\n\
             //! Nothing is lost: `extra` keeps unknown keys in order, and an unknown value of an enum or an unknown\n\
             //! form of a union is kept as it came. Structs are built by `new` and chainable setters.\n\
             #![forbid(unsafe_code)]\n\n\
             #[rustfmt::skip]\n\
             mod generated;\n\n\
             #[allow(unused_imports, reason = \"a small document does not need all of them\")]\n\
             use chatwire_types::{{Nulls, decode, encode, unknown, validate}};\n\
             #[cfg(feature = \"schemars\")]\n\
             use chatwire_types::json_schema;\n\n\
             pub use chatwire_types::{{Extra, OrderedMap, Unknown, UnknownValue, UnknownVariant}};\n\
             #[allow(unused_imports, reason = \"a document without schemas has no types\")]\n\
             pub use generated::*;\n",
            self.title()
        )
    }

    fn client_lib(&self) -> String {
        let types = self.set.layout.types.ident();
        let name = self.title();
        format!(
            "//! The client of {name}.\n\
             //!\n\
             //! `src/generated.rs` is written by `cargo xtask generate`; this file is yours.\n\
             #![forbid(unsafe_code)]\n\n\
             #[rustfmt::skip]\n\
             mod generated;\n\n\
             use chatwire_client::runtime;\n\n\
             pub use chatwire_client::{{ByteStream, ClientBuilder, Error, ErrorKind, Response, reqwest}};\n\
             #[allow(unused_imports, reason = \"an operation without optional parameters has no type\")]\n\
             pub use generated::*;\n\
             pub use {types} as types;\n\n\
             /// Sends the requests of {name}: a method for each operation of its document.\n\
             ///\n\
             /// A clone is cheap and shares the connections.\n\
             #[derive(Clone, Debug)]\n\
             pub struct Client {{\n    \
                 baseurl: String,\n    \
                 inner: chatwire_client::Client,\n\
             }}\n\n\
             impl Client {{\n    \
                 /// Sends requests with this client, which has the address, the key, the limits and the retries.\n    \
                 ///\n    \
                 /// ```no_run\n    \
                 /// use {}::{{Client, ClientBuilder}};\n    \
                 ///\n    \
                 /// let inner = ClientBuilder::default().base_url(\"{}\").api_key(\"key\").build()?;\n    \
                 /// let client = Client::new(inner);\n    \
                 /// # Ok::<(), {}::Error>(())\n    \
                 /// ```\n    \
                 #[must_use]\n    \
                 pub fn new(inner: chatwire_client::Client) -> Self {{\n        \
                     Self {{ baseurl: inner.base_url().to_owned(), inner }}\n    \
                 }}\n\n    \
                 #[allow(dead_code, reason = \"a document without operations sends nothing\")]\n    \
                 async fn send(\n        \
                     &self,\n        \
                     request: reqwest::Request,\n        \
                     operation: &runtime::OperationInfo,\n    \
                 ) -> Result<runtime::HttpResponse, Error> {{\n        \
                     self.inner.send(request, operation).await\n    \
                 }}\n\
             }}\n",
            self.client_ident(),
            self.server(),
            self.client_ident(),
        )
    }

    fn client_ident(&self) -> String {
        self.set.layout.client.as_ref().map(Home::ident).unwrap_or_default()
    }

    /// The title of the document in one line without markup.
    fn title(&self) -> String {
        let info = self.document.root.get("info");
        let plain = plain(info.map(|info| text(info, "title")).unwrap_or_default());
        if plain.is_empty() { format!("`{}`", self.set.name) } else { plain }
    }

    /// The address of the first server, if it is complete.
    fn server(&self) -> String {
        let url =
            self.document.node_at("/servers/0/url").and_then(Node::as_str).unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_~".contains(&byte);
        match url.starts_with("http") && url.bytes().all(is_plain) {
            true => url.trim_end_matches('/').to_owned(),
            false => "https://api.example.com/v1".to_owned(),
        }
    }
}

/// The version of a new crate.
const VERSION: &str = "0.1.0";
/// The oldest Rust that compiles the runtime.
const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

const LINTS: &str = "\
[lints.rust]
unsafe_code = \"forbid\"
warnings = \"deny\"
";

fn file(home: &Home, name: &str, contents: String) -> OutputFile {
    OutputFile { path: format!("{}/{name}", home.folder), contents }
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// Letters, digits and spaces, without what Markdown, TOML or Rust could read as markup.
fn plain(text: &str) -> String {
    const LONGEST: usize = 60;
    let kept = |each: char| if each.is_alphanumeric() || ".-_".contains(each) { each } else { ' ' };
    let text: String = text.chars().map(kept).take(LONGEST).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The relative path from one folder to another, with `/`. Both are absolute or both relative to the
/// same folder.
pub(crate) fn way(from: &Path, to: &Path) -> String {
    let steps = |path: &Path| -> Vec<String> {
        let kept = path.components().filter(|step| *step != Component::CurDir);
        kept.map(|step| step.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (from, to) = (steps(from), steps(to));
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let way: Vec<String> = up.chain(to.into_iter().skip(shared)).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

/// The absolute path of a file that need not exist yet.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut there = path.to_path_buf();
    loop {
        if let Ok(found) =
            if there.as_os_str().is_empty() { Path::new(".") } else { &there }.canonicalize()
        {
            return missing.iter().rev().fold(found, |path, step| path.join(step));
        }
        let Some(name) = there.file_name().map(ToOwned::to_owned) else {
            return path.to_path_buf();
        };
        missing.push(name);
        there.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_between_folders() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(way(Path::new(from), Path::new(to)), expected);
        };
        check("/a/crates/x-client", "/a/crates/x-types", "../x-types");
        check("/b/rust/x", "/a/crates/y", "../../../a/crates/y");
        check("/a", "/a", ".");
    }

    #[test]
    fn a_title_cannot_be_markup() {
        assert_eq!(plain("A \"[b]\"\n\u{202e} `c`, v1.2"), "A b c v1.2");
    }
}
