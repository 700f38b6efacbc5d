//! Tests that growing is not breaking: with a new optional property in every object, a new value in
//! every enum and a new arm in every union, existing code of users still compiles. `api.rs` shows
//! what an upgrade adds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test has no other way to say so"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use chatwire_tests::{document, root};
use serde_json::{Map, Value, json};
use xtask::generator;
use xtask::load::Document;
use xtask::write::Header;

/// The document some versions later.
fn grown(mut document: Value) -> Value {
    let schemas =
        document.pointer_mut("/components/schemas").and_then(Value::as_object_mut).unwrap();
    let mut new = Map::new();
    for (name, schema) in schemas.iter_mut() {
        grow(name, schema, &mut new);
    }
    schemas.extend(new);
    document
}

fn grow(name: &str, schema: &mut Value, new: &mut Map<String, Value>) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let property = json!({ "type": "string", "description": "New.", "x-services": ["new"] });
        properties.insert("brand_new".to_owned(), property);
    } else if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.insert(0, json!("brand_new"));
    } else if schema.get("discriminator").is_some() {
        let arm = format!("BrandNew{name}");
        let reference = format!("#/components/schemas/{arm}");
        let tag = schema["discriminator"]["propertyName"].as_str().unwrap().to_owned();
        schema["discriminator"]["mapping"]["brand_new"] = json!(reference);
        schema["oneOf"].as_array_mut().unwrap().insert(0, json!({ "$ref": reference }));
        new.insert(arm, new_arm(&tag));
    } else if let Some(arms) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        arms.extend(arm_of_a_new_kind(arms));
    }
}

/// An arm for lists or for numbers, whichever the union does not have.
fn arm_of_a_new_kind(arms: &[Value]) -> Option<Value> {
    let list = json!({ "type": "array", "items": { "type": "number" } });
    let mut kinds = [list, json!({ "type": "number" })].into_iter();
    let mut arm = kinds.find(|kind| arms.iter().all(|arm| arm["type"] != kind["type"]))?;
    arm["title"] = json!("BrandNew");
    arm["description"] = json!("New.");
    Some(arm)
}

fn new_arm(tag: &str) -> Value {
    json!({
        "type": "object",
        "description": "New.",
        "required": [tag],
        "properties": { tag: { "type": "string", "enum": ["brand_new"], "description": "Tag." } },
    })
}

/// A copy of the types crate with the grown output, and a crate that uses it.
fn write(folder: &Path) {
    let types = folder.join("chatwire-types");
    copy(&root().join("crates/chatwire-types/src"), &types.join("src"));
    let header = Header::new(&Document::parse("grown", "openapi: 3.0.3").unwrap(), &[]);
    for file in generator::generate(&grown(document()), &header).unwrap() {
        if let Some(path) = file.path.strip_prefix("crates/") {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), file.contents).unwrap();
        }
    }
    let dependencies = "indexmap = { version = \"2\", default-features = false, features = [\"std\"] }\n\
                        serde_core = { version = \"1\", default-features = false, features = [\"std\"] }\n\
                        serde_json = { version = \"1\", features = [\"preserve_order\", \"float_roundtrip\"] }\n";
    package(&types, "chatwire-types", dependencies);
    let user = folder.join("user");
    fs::create_dir_all(user.join("src")).unwrap();
    fs::copy(root().join("tests/tests/growth/user.rs"), user.join("src/lib.rs")).unwrap();
    package(&user, "user", "chatwire-types = { path = \"../chatwire-types\" }\n");
    fs::write(folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"user\"]\n")
        .unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

fn package(folder: &Path, name: &str, dependencies: &str) {
    let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    let features = if name == "user" { "" } else { "[features]\nimages = []\nschemars = []\n" };
    fs::write(
        folder.join("Cargo.toml"),
        format!("{head}\n[dependencies]\n{dependencies}\n{features}"),
    )
    .unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn old_user_code_compiles_with_a_grown_document() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--package", "user"])
        .env("CARGO_TARGET_DIR", root().join("target/growth"))
        .current_dir(folder.path())
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("warning"), "{errors}");
}
