//! Runs the generator on base and on head at the same time. [`super::rust_api`] and
//! [`super::cause`] compare what comes out.

use std::panic::resume_unwind;
use std::thread;

use super::rust_api::{self, Api, Change};
use crate::generator;
use crate::layout::Layout;
use crate::load::Document;
use crate::model::Model;
use crate::problem::Problem;
use crate::write::{Header, OutputFile};

/// What is generated from one document.
#[derive(Debug)]
pub struct Side<'d> {
    /// The public interfaces.
    pub api: Api<'d>,
    /// The files.
    pub files: Vec<OutputFile>,
}

/// Generates one side from a document that passed the lint. The paths are those of the default layout.
///
/// # Errors
///
/// The same as [`generator::generate`].
pub fn generate<'d>(
    document: &'d Document,
    layout: &Layout,
    header: &Header,
) -> Result<Side<'d>, Vec<Problem>> {
    let model = Model::read(document);
    let mut parts = generator::parts(&model, layout)?;
    parts.iter_mut().for_each(|part| part.path = layout.default_path(&part.path));
    let files = generator::files(&parts, header);
    Ok(Side { api: Api::read(&parts, &files, model), files })
}

/// What changed in the Rust API since base's files were checked in, with the origin of each change.
///
/// # Errors
///
/// Returns the name of a checked-in file that is not Rust, and why.
pub fn changes(checked_in: &[OutputFile], base: &Side, head: &Side) -> Result<Vec<Change>, String> {
    if checked_in == base.files {
        return Ok(rust_api::compare(&base.api, &head.api));
    }
    let released = base.api.read_files(checked_in)?;
    Ok(rust_api::compare_with_released(&released, &base.api, &head.api))
}

/// Generates both sides, each in a thread of its own. Syntax trees cannot leave their thread, but a
/// [`Side`] can.
pub fn generate_both<'d>(
    base: (&'d Document, &Layout, &Header),
    head: (&'d Document, &Layout, &Header),
) -> [Result<Side<'d>, Vec<Problem>>; 2] {
    thread::scope(|scope| {
        let base = scope.spawn(move || generate(base.0, base.1, base.2));
        let head = generate(head.0, head.1, head.2);
        [base.join().unwrap_or_else(|panic| resume_unwind(panic)), head]
    })
}
