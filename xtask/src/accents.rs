//! Renders which service sends which key, and which one leaves it out, as a page for people.
//! [`crate::coverage`] compares our document with another one instead.
//!
//! [`keys`] reads the document, [`services`] finds the names of services, and [`html`] and
//! [`markdown`] write the two files.

mod html;
mod keys;
mod markdown;
mod services;

pub use keys::{Body, Key, RustItem};
pub use services::{Part, Services};

use crate::load::Document;
use crate::problem::Problem;
use crate::write::OutputFile;

/// The page for browsers, relative to the root of the project.
pub const HTML: &str = "docs/accents.html";
/// The same as Markdown.
pub const MARKDOWN: &str = "docs/accents.md";

/// What the document says about the services.
#[derive(Clone, Debug)]
pub struct Accents {
    /// The services.
    pub services: Services,
    /// The bodies with their keys.
    pub bodies: Vec<Body>,
}

impl Accents {
    /// Reads what `document` says.
    ///
    /// # Errors
    ///
    /// Returns problems if the document has no chat operation, no `x-service-names`, or references that
    /// lead nowhere.
    pub fn new(document: &Document) -> Result<Self, Vec<Problem>> {
        let services = Services::new(document).map_err(|problem| vec![problem])?;
        Ok(Self { services, bodies: keys::bodies(document)? })
    }

    /// The two files that should exist.
    pub fn files(&self) -> [OutputFile; 2] {
        let file = |path: &str, contents| OutputFile { path: path.to_owned(), contents };
        [file(HTML, html::page(self)), file(MARKDOWN, markdown::page(self))]
    }

    /// The number of keys that `is_counted` says yes to.
    fn count(&self, is_counted: impl Fn(&Key) -> bool) -> usize {
        self.bodies.iter().flat_map(|body| &body.keys).filter(|key| is_counted(key)).count()
    }
}
