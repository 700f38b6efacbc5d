//! Tests that the page of the crate has every type in one group, because a list of all types helps nobody.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;

/// The names of the generated types.
fn generated() -> impl Iterator<Item = &'static str> {
    let types = include_str!("../src/generated/types.rs").lines();
    types.filter_map(|line| {
        let mut words = line.strip_prefix("pub ")?.split(|c: char| !c.is_alphanumeric());
        matches!(words.next(), Some("struct" | "enum" | "type")).then(|| words.next())?
    })
}

/// The names that the crate exports from hand-written modules and shows.
fn hand_written() -> impl Iterator<Item = &'static str> {
    let exports = include_str!("../src/lib.rs").split("pub use ").skip(1);
    let before = include_str!("../src/lib.rs").split("pub use ");
    let shown = before.zip(exports).filter(|(before, _)| !before.ends_with("#[doc(hidden)]\n"));
    let names = shown.filter_map(|(_, export)| export.split(';').next()?.split("::").nth(1));
    names.filter(|names| *names != "*").flat_map(|names| {
        let names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
        names.filter(|name| !name.is_empty())
    })
}

#[test]
fn every_type_is_in_one_group() {
    let rows = include_str!("../src/groups.md").lines().filter(|line| line.starts_with("| "));
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for name in rows.flat_map(|row| row.split("[`").skip(1)) {
        *groups.entry(name.split('`').next().unwrap()).or_default() += 1;
    }
    let exported: Vec<&str> = generated().chain(hand_written()).collect();
    for known in ["Message", "JsonObject", "Extra", "with_max_objects", "DEFAULT_MAX_OBJECTS"] {
        assert!(exported.contains(&known), "{known} is not in {exported:?}");
    }
    for name in &exported {
        match groups.get(name) {
            Some(1) => {}
            Some(rows) => panic!("{name} is in {rows} rows of src/groups.md; one is enough"),
            None => panic!("{name} is in no group; add it to a row of src/groups.md"),
        }
    }
    assert_eq!(groups.len(), exported.len(), "src/groups.md names what is not exported");
}
