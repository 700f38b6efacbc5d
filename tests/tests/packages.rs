//! Tests what users get of each crate: its README, its licences, and the files in its package. `.ci/run` builds the
//! packages, and `readme.rs` tests the examples.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::repository::root;

/// The crates that are published, by their folders.
fn crates() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("crates")).unwrap();
    let mut folders: Vec<_> = folders.map(|folder| folder.unwrap().path()).collect();
    folders.retain(|folder| folder.join("Cargo.toml").exists());
    folders.sort();
    assert!(folders.len() > 1, "{folders:?}");
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The files of a package.
fn packed(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--package", package])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_package_has_its_sources_its_readme_and_its_licences() {
    for folder in crates() {
        let files = packed(&name(&folder));
        for needed in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(files.iter().any(|file| file == needed), "{needed} is not in {files:?}");
        }
        let rest = files.iter().filter(|file| {
            let folders = ["src/", "examples/"];
            let files = ["README.md", "LICENSE-", "Cargo.", ".cargo_vcs_info.json"];
            !folders.iter().chain(&files).any(|start| file.starts_with(start))
        });
        assert_eq!(rest.count(), 0, "more than is needed: {files:?}");
    }
}

/// A link to a file of the repository leads nowhere on the page of a registry.
#[test]
fn links_of_the_readmes_are_absolute() {
    for folder in crates() {
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        for link in readme.split("](").skip(1) {
            assert!(link.starts_with("https://"), "{}: {link}", folder.display());
        }
    }
}

/// `cargo xtask release` keeps them so.
#[test]
fn readmes_show_the_version() {
    let version = env!("CARGO_PKG_VERSION");
    let (short, _) = version.rsplit_once('.').unwrap();
    for folder in crates() {
        let name = name(&folder);
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        let shown = match name.as_str() {
            "chatwire-cli" => "cargo install chatwire-cli\n".to_owned(),
            _ => format!("\n{name} = \"{short}\"\n"),
        };
        assert!(readme.contains(&shown), "{name}: {shown:?} is missing");
        assert!(!readme.contains("path ="), "{name} shows a path, which users do not have");
    }
}
