//! Finds everything in a document that the generator would drop, guess at or stop on, and says
//! where it is and how to fix it.
//!
//! [`crate::load`] finds errors of syntax, and the stages after the lint trust what it accepts.
//! Each family of rules has its own file; [`RULES`] lists all rules.

mod aliases;
mod context;
mod descriptions;
mod document;
mod enums;
mod extensions;
mod grammar;
mod identifiers;
mod objects;
mod operations;
mod parameters;
mod references;
mod rules;
mod schemas;
mod services;
mod streams;
mod unions;

use std::io;

pub use rules::{RULES, Rule};

use crate::load::Document;
use crate::model::Model;
use crate::problem::{self, Problem};
use context::Context;

/// A family of rules.
type Family = fn(&Context<'_>, &mut Vec<Problem>);

const FAMILIES: [Family; 14] = [
    document::check,
    extensions::check,
    references::check,
    operations::check,
    parameters::check,
    schemas::check,
    aliases::check,
    objects::check,
    unions::check,
    enums::check,
    identifiers::check,
    descriptions::check,
    streams::check,
    services::check,
];

/// Returns all problems of a document, sorted by place.
///
/// ```
/// use xtask::{lint::lint, load::Document, model::Model};
///
/// let document = Document::parse("a.yaml", "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}")
///     .unwrap();
/// let problems = lint(&Model::read(&document));
/// assert_eq!(problems[0].rule, "openapi-version");
/// ```
pub fn lint(model: &Model) -> Vec<Problem> {
    let context = Context::new(model);
    let mut found = Vec::new();
    for check in FAMILIES {
        check(&context, &mut found);
    }
    problem::sort(&mut found);
    found
}

/// Whether a rule is only about how a document reads, so that bindings can be generated without it.
pub fn is_style(id: &str) -> bool {
    RULES.iter().any(|rule| rule.id == id && rule.is_style)
}

pub(crate) use objects::MOST_NULLS;

/// Whether a type of this name cannot be generated, because there is one already.
pub(crate) fn is_taken(name: &str) -> bool {
    identifiers::is_taken(name)
}

/// Whether a struct can have a field of this name.
pub(crate) fn can_be_field(field: &str) -> bool {
    identifiers::is_snake_case(field) && !identifiers::is_member(field)
}

/// Whether an argument can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    identifiers::is_snake_case(name)
}

/// Whether the client can have a method of this name, which takes these optional parameters.
pub(crate) fn can_be_method(name: &str, optional: &[&str]) -> bool {
    identifiers::is_snake_case(name) && !operations::is_taken(name, optional)
}

/// Whether the client sets this header by itself.
pub(crate) fn is_own_header(name: &str) -> bool {
    parameters::is_own_header(name)
}

/// Returns the problems with the keys of an overlay file, by the same rules.
pub(crate) fn overlay_keys(overlay: &Document) -> Vec<Problem> {
    let mut found = Vec::new();
    document::object(&overlay.root, &overlay.root.at, &grammar::OVERLAY, &mut found);
    found
}

/// Writes the table of rules, one line each.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn render_rules(out: &mut dyn io::Write) -> io::Result<()> {
    let style = anstyle::Style::new().bold();
    RULES.iter().try_for_each(|rule| writeln!(out, "{style}{:<26}{style:#} {}", rule.id, rule.doc))
}
