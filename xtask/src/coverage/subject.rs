//! What a reason can be about. [`super::reasons`] reads the reasons, and [`super::compare`] asks for
//! them.

use super::rows::Of;
use crate::surface::Root;

/// What may need a reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The body; `None` for an operation.
    pub(super) root: Option<Root>,
    pub(super) of: Of,
    /// The wire path, the name of the parameter, or the key of the operation.
    pub(super) name: &'a str,
    pub(super) value: Option<&'a str>,
    pub(super) fact: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) fn path(root: Root, path: &'a str) -> Self {
        Self { root: Some(root), of: Of::Path, name: path, value: None, fact: None }
    }

    pub(super) fn parameter(root: Root, name: &'a str) -> Self {
        Self { of: Of::Parameter, ..Self::path(root, name) }
    }

    pub(super) fn operation(key: &'a str) -> Self {
        Self { root: None, of: Of::Operation, name: key, value: None, fact: None }
    }

    pub(super) fn with_value(self, value: &'a str) -> Self {
        Self { value: Some(value), ..self }
    }

    pub(super) fn with_fact(self, fact: &'a str) -> Self {
        Self { fact: Some(fact), ..self }
    }
}
