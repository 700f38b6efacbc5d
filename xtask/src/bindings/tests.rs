//! Tests what a `bindings.toml` becomes, or what is wrong with it.

use super::*;

fn problems(text: &str) -> String {
    let problems = Bindings::parse("bindings.toml", text).unwrap_err();
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn a_project_without_the_file_has_the_own_set() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Bindings::of_project(folder.path()).unwrap(), Bindings::default());
}

#[test]
fn the_first_set_of_this_project_says_what_the_default_says() {
    let sets = Bindings::of_project(&repository::root()).unwrap().sets;
    assert_eq!(sets.first(), Bindings::default().sets.first());
}

#[test]
fn every_key_is_read() {
    let text = "[[bindings]]\nname = 'acme'\ndocument = 'a/acme.yaml'\noverlays = ['b.yaml']\nonly = ['/a']\n\
                out = 'rust'\ntypes = 'acme'\nclient = 'acme-api'\nstream = 'acme-s'\nlock = 'x/a.lock'\n";
    let set = Bindings::parse("bindings.toml", text).unwrap().sets.remove(0);
    let folders: Vec<_> = set.layout.homes().map(|home| home.folder.as_str()).collect();
    assert_eq!(folders, ["rust/acme", "rust/acme-s", "rust/acme-api"]);
    assert_eq!((set.layout.lock.as_str(), set.overlays), ("x/a.lock", vec!["b.yaml".to_owned()]));
    assert_eq!((set.document.as_str(), set.reading.only), ("a/acme.yaml", vec!["/a".to_owned()]));
}

#[test]
fn what_is_wrong_has_a_place() {
    insta::assert_snapshot!(problems(""), @"bindings.toml:1:1: error[bindings-empty]: no set of bindings; there is nothing to generate; write `[[bindings]]` with `name` and `document`");
    insta::assert_snapshot!(problems("[[bindings]]\nname = 'a'\ndocument = 'b'\nover = 1\n"), @"bindings.toml:4:1: error[bindings-syntax]: unknown field `over`, expected one of `name`, `document`, `overlays`, `only`, `house_style`, `out`, `types`, `client`, `stream`, `lock`; the sets of bindings cannot be read; write `[[bindings]]` with `name`, `document` and, if they differ, `overlays`, `only`, `house_style`, `out`, `types`, `client`, `stream` and `lock`");
    insta::assert_snapshot!(problems("[[bindings]]\nname = 'A b'\ndocument = 'b'\nout = '../c'\nlock = '/d'\n"), @r"
    bindings.toml:2:8: error[bindings-name]: `A b` as a name; crates and files are called so; write a name of a-z, 0-9 and hyphens that begins with a letter
    bindings.toml:4:7: error[bindings-path]: `../c` leaves the project; a set of bindings writes only below the folder of this file; write a relative path without `..`
    bindings.toml:5:8: error[bindings-path]: `/d` leaves the project; a set of bindings writes only below the folder of this file; write a relative path without `..`
    ");
    let twice = "[[bindings]]\nname = 'a'\ndocument = 'b'\n".repeat(2);
    insta::assert_snapshot!(problems(&twice), @r"
    bindings.toml:5:8: error[bindings-shared]: the name `a` of `a` is taken by `a`; one would overwrite the other; choose another name
    bindings.toml:5:8: error[bindings-shared]: the file `crates/a.lock` of `a` is taken by `a`; one would overwrite the other; choose another name
    bindings.toml:5:8: error[bindings-shared]: the crate `crates/a-types` of `a` is taken by `a`; one would overwrite the other; choose another name
    ");
}

#[test]
fn an_unknown_set_is_named_with_the_closest() {
    let Err(Failure::Io(message)) = Bindings::default().set("chta") else { panic!("found") };
    assert_eq!(message, "bindings.toml has no set of bindings `chta`; did you mean `chat`?");
}
