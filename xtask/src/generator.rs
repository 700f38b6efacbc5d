//! Stub.
use crate::problem::Problem;
use crate::write::{Header, OutputFile};

/// Generates nothing yet.
///
/// # Errors
///
/// None yet.
pub fn generate(
    _document: &serde_json::Value,
    _header: &Header,
) -> Result<Vec<OutputFile>, Vec<Problem>> {
    Ok(vec![])
}
