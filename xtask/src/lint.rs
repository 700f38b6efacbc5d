//! Stub.
use crate::load::Document;
use crate::problem::Problem;

/// All problems of a document, sorted by place.
pub fn lint(_document: &Document) -> Vec<Problem> {
    Vec::new()
}

/// Writes the table of rules.
///
/// # Errors
///
/// When `out` does not take the bytes.
pub fn render_rules(_out: &mut dyn std::io::Write) -> std::io::Result<()> {
    Ok(())
}
