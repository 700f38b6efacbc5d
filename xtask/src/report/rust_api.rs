//! Compares the Rust API that is generated from two documents, types included, without a build.
//! [`super::version`] says which versions the changes need, and [`super::cause`] why each line of the
//! files changed.
//!
//! Hand-written code is not compared, because it is not generated from the document.

mod attributes;
mod change;
mod code;
mod equal;
mod impls;
mod members;
mod methods;
mod notices;
mod pointers;
mod read;
mod surface;
mod text;
mod types;

use std::collections::BTreeMap;

pub use change::Change;
pub use surface::{Attributes, Impl, Member, Method, Surface, TypeApi, TypeKind};

use crate::model::Model;
use crate::split::Part;
use crate::write::OutputFile;

/// The crates with generated code.
pub const CRATES: [&str; 3] = ["chatwire-types", "chatwire-stream", "chatwire-client"];

/// The crate whose generated code is private, so that only the code counts.
const PRIVATE: &str = "chatwire-stream";

/// The generated interfaces of one document.
#[derive(Debug)]
pub struct Api {
    /// The interface of each of [`CRATES`].
    surfaces: Vec<Surface>,
    /// The code of the files of each of [`CRATES`].
    codes: Vec<BTreeMap<String, String>>,
    /// What the aliases of all crates stand for.
    aliases: BTreeMap<String, String>,
    /// The document, to point into it.
    model: Model,
}

impl Api {
    /// Reads the interfaces from the syntax trees, and the code behind them from the files.
    pub fn read(parts: &[Part], files: &[OutputFile], model: Model) -> Self {
        let surfaces: Vec<Surface> = CRATES
            .map(|name| {
                let is_public = |part: &&Part| is_in(part.path, name) && name != PRIVATE;
                let parts = parts.iter().filter(is_public);
                read::surface(parts.map(|part| &part.file))
            })
            .into();
        let codes = CRATES
            .map(|name| code::read(files.iter().filter(|file| is_in(&file.path, name))))
            .into();
        let aliases = surfaces.iter().flat_map(|surface| surface.aliases.clone()).collect();
        Self { surfaces, codes, aliases, model }
    }
}

fn is_in(path: &str, crate_name: &str) -> bool {
    let inside = path.strip_prefix("crates/").and_then(|path| path.strip_prefix(crate_name));
    inside.is_some_and(|path| path.starts_with('/'))
}

/// The interfaces of two documents.
#[derive(Clone, Copy)]
struct Pair<'a> {
    crate_name: &'static str,
    base: &'a Api,
    head: &'a Api,
}

/// Returns what changed from `base` to `head`, crate by crate, in the order of the files.
pub fn compare(base: &Api, head: &Api) -> Vec<Change> {
    let mut changes = Vec::new();
    let surfaces = base.surfaces.iter().zip(&head.surfaces);
    let codes = base.codes.iter().zip(&head.codes);
    for (crate_name, ((old, new), (old_code, new_code))) in CRATES.iter().zip(surfaces.zip(codes)) {
        let pair = Pair { crate_name, base, head };
        types::compare(pair, old, new, &mut changes);
        impls::compare(pair, old, new, &mut changes);
        impls::compare_others(pair, old, new, &mut changes);
        code::compare(pair, old_code, new_code, &mut changes);
    }
    changes
}
