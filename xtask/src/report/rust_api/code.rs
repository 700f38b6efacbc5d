//! Compares the code behind equal signatures, so that a crate whose requests or JSON changed gets a
//! release. The other files compare what users can name.

use std::collections::BTreeMap;

use super::{Change, Pair};
use crate::report::rust_rules::{Area, CODE_CHANGED, ORDER_CHANGED};
use crate::write::OutputFile;

/// The file whose code repeats the documentation.
const JSON_SCHEMAS: &str = "/json_schemas.rs";

/// The code of each file of a crate, without header, comments and deprecations.
pub(super) fn read<'a>(
    files: impl IntoIterator<Item = &'a OutputFile>,
) -> BTreeMap<String, String> {
    files.into_iter().map(|file| (file.path.clone(), code(&file.contents))).collect()
}

/// Adds a change for each file of the crate whose code changed, unless another change of the crate
/// says more. `out` holds the changes so far.
pub(super) fn compare(
    pair: Pair<'_>,
    base: &BTreeMap<String, String>,
    head: &BTreeMap<String, String>,
    out: &mut Vec<Change>,
) {
    let own = || out.iter().filter(|change| change.crate_name == pair.crate_name);
    if own().any(|change| change.rule.area.is_of_the_interface()) {
        return;
    }
    // The order of fields shows in the code of every impl.
    if own().any(|change| change.rule == ORDER_CHANGED) {
        return;
    }
    let doc_changed = own().any(|change| change.rule.area == Area::Documentation);
    let differs = |path: &&String| !is_same(base.get(*path), head.get(*path));
    let explained = |path: &&String| doc_changed && path.ends_with(JSON_SCHEMAS);
    let paths = base.keys().chain(head.keys().filter(|path| !base.contains_key(*path)));
    let changed: Vec<Change> = paths
        .filter(differs)
        .filter(|path| !explained(path))
        .map(|path| {
            let sentence = format!("The code of `{path}` changed, and no signature in it did.");
            Change::new(CODE_CHANGED, pair, path.as_str()).says(sentence)
        })
        .collect();
    out.extend(changed);
}

/// Whether both are the same, or differ only in layout.
fn is_same(old: Option<&String>, new: Option<&String>) -> bool {
    let tokens = |code: Option<&String>| -> Option<String> {
        let characters = code?.chars();
        Some(characters.filter(|each| !each.is_whitespace() && *each != ',').collect())
    };
    old == new || tokens(old) == tokens(new)
}

fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut in_deprecation = false;
    for line in text.lines().map(str::trim) {
        in_deprecation |= line.starts_with("#[deprecated");
        if !in_deprecation && !line.starts_with("//") && !line.is_empty() {
            code.push_str(line);
            code.push('\n');
        }
        in_deprecation &= !line.ends_with(']');
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_deprecations_and_layout_are_no_code() {
        let old = "// @generated\n/// A.\n#[deprecated(\n    note = \"B\"\n)]\nfn c(d: u8) {}\n";
        let new = "/// E.\nfn c(\n    d: u8,\n) {}\n";
        assert_ne!(code(old), code(new));
        assert!(is_same(Some(&code(old)), Some(&code(new))));
        assert!(!is_same(Some(&code(old)), Some(&code("fn c(d: u16) {}\n"))));
        assert!(!is_same(Some(&code(old)), None));
    }
}
