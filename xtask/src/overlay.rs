//! Stub.
use crate::load::Document;
use crate::problem::Problem;

/// Applies overlays in order.
///
/// # Errors
///
/// What is wrong with an overlay.
pub fn apply(document: Document, _overlays: &[Document]) -> Result<Document, Vec<Problem>> {
    Ok(document)
}
