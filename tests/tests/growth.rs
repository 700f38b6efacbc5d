//! Tests that growing is not breaking: with a new optional property in every object, a new value in
//! every enum and a new arm in every union, existing code of users still compiles. The hand-written
//! code of the stream crate compiles too, with new keys that are streamed. `api.rs` shows what an
//! upgrade adds.

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
    for message in ["Delta", "ResponseMessage"] {
        let parts = json!({
            "type": "array",
            "items": { "$ref": "#/components/schemas/BrandNewPart" },
            "description": "New.",
            "x-stream": "by-index",
        });
        schemas[message]["properties"]["brand_new_parts"] = parts;
    }
    new.insert("BrandNewPart".to_owned(), new_part());
    schemas.extend(new);
    document
}

fn grow(name: &str, schema: &mut Value, new: &mut Map<String, Value>) {
    let is_piece = schema.get("x-adds-up-to").is_some();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let mut property =
            json!({ "type": "string", "description": "New.", "x-services": ["new"] });
        if is_piece {
            property["x-stream"] = json!("join");
        }
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

/// An object that is streamed in a list.
fn new_part() -> Value {
    json!({
        "type": "object",
        "description": "New.",
        "x-adds-up-to": "#/components/schemas/BrandNewPart",
        "properties": { "text": { "type": "string", "description": "New.", "x-stream": "join" } },
    })
}

/// Copies of the types crate and of the stream crate with the grown output, and a crate that uses the types.
fn write(folder: &Path) {
    let (types, stream) = (folder.join("chatwire-types"), folder.join("chatwire-stream"));
    copy(&root().join("crates/chatwire-types/src"), &types.join("src"));
    copy(&root().join("crates/chatwire-stream/src"), &stream.join("src"));
    let header = Header::new(&Document::parse("grown", "openapi: 3.0.3").unwrap(), &[]);
    for file in generator::generate(&grown(document()), &header).unwrap() {
        if let Some(path) = file.path.strip_prefix("crates/") {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), file.contents).unwrap();
        }
    }
    let dependencies = "memchr = \"2\"\n\
                        indexmap = { version = \"2\", default-features = false, features = [\"std\"] }\n\
                        serde_core = { version = \"1\", default-features = false, features = [\"std\"] }\n\
                        serde_json = { version = \"1\", features = [\"preserve_order\", \"float_roundtrip\"] }\n";
    package(&types, "chatwire-types", dependencies, "images = []\nschemars = []\n");
    let sse = root().join("crates/chatwire-sse");
    let dependencies = format!(
        "bytes = \"1\"\nfutures-core = \"0.3\"\nmemchr = \"2\"\nserde = \"1\"\n\
         serde_json = {{ version = \"1\", features = [\"preserve_order\", \"float_roundtrip\"] }}\n\
         chatwire-types = {{ path = \"../chatwire-types\" }}\n\
         chatwire-sse = {{ path = {sse:?}, features = [\"bytes\"] }}\n"
    );
    package(&stream, "chatwire-stream", &dependencies, "axum = []\nhttp-body = []\n");
    let user = folder.join("user");
    fs::create_dir_all(user.join("src")).unwrap();
    fs::copy(root().join("tests/tests/growth/user.rs"), user.join("src/lib.rs")).unwrap();
    package(&user, "user", "chatwire-types = { path = \"../chatwire-types\" }\n", "");
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"chatwire-stream\", \"user\"]\n";
    fs::write(folder.join("Cargo.toml"), members).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

fn package(folder: &Path, name: &str, dependencies: &str, features: &str) {
    let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(
        folder.join("Cargo.toml"),
        format!("{head}\n[dependencies]\n{dependencies}\n[features]\n{features}"),
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
fn hand_written_code_compiles_with_a_grown_document() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--workspace"])
        .env("CARGO_TARGET_DIR", root().join("target/growth"))
        .current_dir(folder.path())
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("warning"), "{errors}");
}
