//! Tests the project's own payloads: decoded and encoded again. Hand-made payloads show what no
//! recording shows, and must hold nothing unknown; recorded ones may.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use crate::support::{check, files, own};

/// What is found in the payloads of a folder, which holds at least `at_least` of them.
#[track_caller]
fn check_folder(folder: &str, at_least: usize) -> Vec<String> {
    let paths = files(&own(folder));
    assert!(paths.len() >= at_least, "only {} files in {folder}", paths.len());
    let found = paths.iter().flat_map(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let found = check(path).unwrap_or_else(|failure| vec![failure]);
        found.into_iter().map(|found| format!("{name}: {found}")).collect::<Vec<_>>()
    });
    found.collect()
}

#[test]
fn the_document_covers_what_is_made_by_hand() {
    assert_eq!(check_folder("hand-made", 36), Vec::<String>::new());
}

#[test]
fn only_the_template_of_the_seed_is_unknown() {
    let found = check_folder("seed", 7);
    assert_eq!(found.len(), 5, "{found:#?}");
    assert!(found.iter().all(|line| line.starts_with("template.response.json")), "{found:#?}");
}

#[test]
fn what_services_send_is_kept() {
    for (folder, at_least) in [("recordings", 190), ("reported", 28)] {
        let mut found = check_folder(folder, at_least);
        found.retain(|line| line.contains(": refused: ") || line.contains(": lost:"));
        assert_eq!(found, Vec::<String>::new());
    }
}
