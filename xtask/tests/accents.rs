//! Tests the page of accents: that it is up to date, that its links lead somewhere, and what it says
//! about a small document.
#![allow(clippy::unwrap_used, reason = "helpers of tests are not exempt by themselves")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use xtask::accents::Accents;
use xtask::load::Document;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn the_pages_are_up_to_date() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command.args(["generate", "--check", "--set", "chat"]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for page in ["docs/accents.html", "docs/accents.md"] {
        assert!(shown.contains(page), "{shown}");
    }
}

#[test]
fn every_link_leads_to_a_struct_and_a_field() {
    let types = root().join("crates/chatwire-types/src/generated/types.rs");
    let types = syn::parse_file(&std::fs::read_to_string(types).unwrap()).unwrap();
    let fields = |item: syn::Item| match item {
        syn::Item::Struct(item) => {
            let names =
                item.fields.iter().filter_map(|field| Some(field.ident.as_ref()?.to_string()));
            Some((item.ident.to_string(), names.collect::<BTreeSet<_>>()))
        }
        _ => None,
    };
    let structs: BTreeMap<_, _> = types.items.into_iter().filter_map(fields).collect();
    let document = Document::load(&root().join("spec/chat.openapi.yaml")).unwrap();
    let bodies = Accents::new(&document).unwrap().bodies;
    let items: Vec<_> =
        bodies.iter().flat_map(|body| &body.keys).flat_map(|key| key.rust.clone()).collect();
    let leads_nowhere = |name: &str, field: Option<&str>| match structs.get(name) {
        Some(fields) => field.is_some_and(|field| !fields.contains(field)),
        None => true,
    };
    let dead = items.iter().filter(|item| leads_nowhere(&item.name, item.field.as_deref()));
    assert_eq!(dead.collect::<Vec<_>>(), Vec::<&xtask::accents::RustItem>::new());
    assert!(items.len() > 1000, "only {} links", items.len());
}

#[test]
fn a_small_document() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accents");
    let document = Document::load(&folder.join("small.yaml")).unwrap();
    let [html, markdown] = Accents::new(&document).unwrap().files();
    let rows = html.contents.split_once("<section").unwrap().1.split_once("<script>").unwrap().0;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("accents");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!("small.html", rows);
        insta::assert_snapshot!("small.md", markdown.contents);
    });
}

#[test]
fn a_document_without_names_is_refused() {
    let text = "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {}";
    let problems = Accents::new(&Document::parse("a.yaml", text).unwrap()).unwrap_err();
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "a.yaml:1:1: error[missing-key]: the document has no `x-service-names`; the page lists the keys of each \
             service; add `x-service-names:` with the services that `x-services` names"
        ]
    );
}
