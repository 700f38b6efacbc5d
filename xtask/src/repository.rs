//! Finds the repository and names its files, from any working directory. [`crate::load`] reads
//! files, and [`crate::write`] writes them.

use std::path::{Path, PathBuf};

/// The default input document, relative to the root.
pub const SPEC: &str = "spec/chat.openapi.yaml";

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The name of a file in messages: relative to the root and with `/` if it lies in the repository,
/// else as the user wrote it.
pub fn display_path(path: &Path) -> String {
    match relative(path) {
        Some(relative) => relative,
        None => path.display().to_string(),
    }
}

/// The name in a generated header of a file that messages call `label`: the same if the file lies
/// in the repository, else its bare name, so that no directory of a machine gets into the output.
pub fn stable_name(label: &str) -> String {
    let path = Path::new(label);
    if path.is_relative() && root().join(path).exists() {
        return label.to_owned();
    }
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn relative(path: &Path) -> Option<String> {
    let whole = path.canonicalize().ok()?;
    let inside = whole.strip_prefix(root().canonicalize().ok()?).ok()?;
    let steps: Vec<_> = inside.iter().map(|step| step.to_string_lossy()).collect();
    Some(steps.join("/"))
}
