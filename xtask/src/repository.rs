//! Where the repository is and how its files are called, whatever directory a command runs in. What
//! is read from them is the job of [`crate::load`], what is written that of [`crate::write`].

use std::path::{Path, PathBuf};

/// The document that the generator reads unless told otherwise, relative to the root.
pub const SPEC: &str = "spec/chat.openapi.yaml";

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// How a file is shown: relative to the root and with `/` where it lies in the repository, else as
/// it was given.
pub fn display_path(path: &Path) -> String {
    match relative(path) {
        Some(relative) => relative,
        None => path.display().to_string(),
    }
}

/// How a file that is shown as `label` is named in a generated header: the same if it lies in the
/// repository, else its bare name, so that no machine's directories get into the output.
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
