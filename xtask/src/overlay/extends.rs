//! Checks the `extends` of an overlay: the document that it was written for must be the one that it is
//! applied to. [`super`] applies it.

use crate::load::Document;
use crate::problem::Problem;

/// The problem with `extends`, if there is one. Without the key, an overlay fits every document.
pub(super) fn check(document: &Document, overlay: &Document) -> Option<Problem> {
    let entry = overlay.root.entry("extends")?;
    let target = entry.value.as_str()?;
    let problem = Problem::error("overlay-extends", format!("`extends: {target}`"));
    let problem = if target.contains("://") {
        problem
            .why("the generator reads files only, so it cannot tell whether this is the document")
            .fix("write the path of the document from the overlay, or remove the key")
    } else if is_same(target, document, overlay) {
        return None;
    } else {
        problem
            .why(format!(
                "the overlay is applied to `{}`, and was written for another document",
                document.name
            ))
            .fix("apply it to that document, or correct the path, which begins at the overlay")
    };
    Some(problem.at(&entry.value.at))
}

/// Whether the path leads from the overlay to the document. A name without a folder is all that is
/// known of a file outside of the project.
fn is_same(target: &str, document: &Document, overlay: &Document) -> bool {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    match document.name.contains('/') && overlay.name.contains('/') {
        true => {
            let folder = overlay.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            joined(folder, target).is_some_and(|path| path == document.name)
        }
        false => last(target) == last(&document.name),
    }
}

/// A relative path from a folder, without `.` and `..`. `None` if it leaves the root.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()?),
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_back_stay_below_the_root() {
        assert_eq!(joined("spec/overlays", "../chat.yaml").as_deref(), Some("spec/chat.yaml"));
        assert_eq!(joined("a", "./b/../c.yaml").as_deref(), Some("a/c.yaml"));
        assert_eq!(joined("a", "../../c.yaml"), None);
    }
}
