//! Everything that a document says about the chat operations, as facts without prose.
//! [`super::lock`] writes it down, and [`mod@super::changes`] compares two of them.

use std::collections::BTreeMap;

use crate::load::Document;
use crate::problem::{self, Problem};

use super::facts::{Arms, Facts};
use super::merged::{Merged, Site};
use super::operations::{OperationFacts, operations};
use super::roots::{Root, Surface};
use super::walk::walk;

/// The facts about one body, by wire path. The empty path is the body itself.
pub type Body = BTreeMap<String, Arms>;

/// The facts about all operations and bodies of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The operations below `/chat/` by key, such as `POST /chat/completions`.
    pub operations: BTreeMap<String, OperationFacts>,
    /// The bodies that the document has.
    pub bodies: BTreeMap<Root, Body>,
}

impl State {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Returns the problems that make the document impossible to read: it has none of the
    /// operations, a reference leads nowhere, or a path does not end.
    pub fn of(document: &Document) -> Result<Self, Vec<Problem>> {
        let surface = Surface::new(document).map_err(|problem| vec![problem])?;
        let mut broken = Vec::new();
        let mut bodies = BTreeMap::new();
        for root in Root::ALL {
            let Some(merged) = surface.body(root, &mut broken) else { continue };
            bodies.insert(root, body(document, &merged, &mut broken)?);
        }
        if broken.is_empty() {
            return Ok(Self { operations: operations(document), bodies });
        }
        problem::sort(&mut broken);
        Err(broken)
    }
}

fn body(
    document: &Document,
    merged: &Merged<'_>,
    broken: &mut Vec<Problem>,
) -> Result<Body, Vec<Problem>> {
    let visits = walk((document, document), merged, None, broken);
    let visits = visits.map_err(|problem| vec![problem])?;
    let sites: Vec<_> = merged.parts().iter().map(|part| Site::of(part)).collect();
    let mut body = Body::new();
    if !sites.is_empty() {
        body.insert(String::new(), Facts::of_sites(document, &sites));
    }
    for visit in &visits {
        body.insert(visit.path.clone(), Facts::of_sites(document, &visit.sites));
    }
    Ok(body)
}
