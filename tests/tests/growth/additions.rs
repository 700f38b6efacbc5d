//! Tests each addition alone, because one that breaks can hide behind another that also changes the same type. The
//! test of all additions at once, [`super`], also compiles the hand-written code of every crate with them.

use std::fs;

use xtask::generator;
use xtask::layout::Layout;
use xtask::load::Document;
use xtask::model::Model;
use xtask::overlay;
use xtask::repository::{SPEC, root};
use xtask::write::Header;

use super::{check_user, copy_crate, workspace};

/// Each addition with the crate whose generated code it changes.
const ADDITIONS: [(&str, &str); 5] = [
    ("arm", "chatwire-types"),
    ("enum_value", "chatwire-types"),
    ("header_parameter", "chatwire-client"),
    ("property", "chatwire-types"),
    ("query_parameter", "chatwire-client"),
];

#[test]
fn each_addition_has_a_crate() {
    let files = fs::read_dir(root().join("tests/tests/growth/additions")).unwrap().flatten();
    let mut names: Vec<_> = files.map(|file| file.file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ADDITIONS.map(|(name, _)| format!("{name}.yaml")));
}

#[test]
#[ignore = "compiles crates for half a minute; `.ci/run` runs it"]
fn user_code_compiles_with_each_addition_alone() {
    let current = generated(None);
    for (addition, changed) in ADDITIONS {
        let folder = tempfile::tempdir().unwrap();
        let members = members(changed);
        members.iter().for_each(|name| copy_crate(folder.path(), name));
        let mut differs = false;
        for (path, contents) in generated(Some(addition)) {
            let is_new = !current.contains(&(path.clone(), contents.clone()));
            if path.starts_with(&format!("crates/{changed}/")) {
                differs |= is_new;
                fs::write(folder.path().join(path), contents).unwrap();
            }
        }
        assert!(differs, "{addition} changes nothing");
        // The other crates are those of the repository, which are compiled once for all additions.
        workspace(folder.path(), members, user(changed));
        check_user(folder.path(), addition);
    }
}

/// The crates that are compiled with the addition.
fn members(changed: &str) -> &'static [&'static str] {
    match changed {
        "chatwire-types" => &["chatwire-types"],
        _ => &["chatwire", "chatwire-client"],
    }
}

/// The user's dependency and files. A user of the types alone compiles in a fifth of the time.
fn user(changed: &str) -> (&'static str, &'static [&'static str]) {
    match changed {
        "chatwire-types" => ("chatwire-types", &["types"]),
        _ => ("chatwire", &["types", "client"]),
    }
}

/// The generated files with an addition.
fn generated(addition: Option<&str>) -> Vec<(String, String)> {
    let load = |path: &str| Document::load_below(&root(), &root().join(path)).unwrap();
    let overlays: Vec<_> = addition
        .map(|name| load(&format!("tests/tests/growth/additions/{name}.yaml")))
        .into_iter()
        .collect();
    let document = overlay::apply(load(SPEC), &overlays).unwrap();
    let header = Header::new(&Document::parse("grown", "openapi: 3.0.3").unwrap(), &[]);
    let files = generator::generate(&Model::read(&document), &Layout::default(), &header).unwrap();
    files.into_iter().map(|file| (file.path, file.contents)).collect()
}
