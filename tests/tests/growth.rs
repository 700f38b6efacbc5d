//! Tests that growing is not breaking: with a new optional property in every object, a new value in every enum,
//! a new arm in every union, and a new optional query parameter and header in every operation, existing code of
//! users still compiles. So does the hand-written code of all crates, with new keys that are streamed. `api.rs`
//! shows what an upgrade adds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test has no other way to say so"
)]

#[path = "growth/additions.rs"]
mod additions;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};
use xtask::generator;
use xtask::layout::Layout;
use xtask::load::Document;
use xtask::model::Model;
use xtask::repository::root;
use xtask::write::Header;

use crate::document::document;

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
    grow_operations(document.get_mut("paths").and_then(Value::as_object_mut).unwrap());
    document
}

/// Adds a query parameter and a header to every operation.
fn grow_operations(paths: &mut Map<String, Value>) {
    let operations = paths.values_mut().flat_map(|path| path.as_object_mut().unwrap().values_mut());
    for operation in operations {
        let parameters = operation.as_object_mut().unwrap().entry("parameters");
        let parameters = parameters.or_insert_with(|| json!([])).as_array_mut().unwrap();
        for (name, place) in [("brand_new", "query"), ("X-Brand-New", "header")] {
            let schema = json!({ "type": "string" });
            parameters.push(json!({
                "name": name, "in": place, "description": "New.", "schema": schema,
            }));
        }
    }
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

/// A copy of the workspace with the grown output, and a crate of a user.
fn write(folder: &Path) {
    CRATES.iter().for_each(|name| copy_crate(folder, name));
    let header = Header::new(&Document::parse("grown", "openapi: 3.0.3").unwrap(), &[]);
    let document = Document::parse("grown.json", &grown(document()).to_string()).unwrap();
    let model = Model::read(&document);
    for file in generator::generate(&model, &Layout::default(), &header).unwrap() {
        if file.path.starts_with("crates/") {
            fs::write(folder.join(file.path), file.contents).unwrap();
        }
    }
    workspace(folder, &CRATES, ("chatwire", &["types", "client"]));
}

fn copy_crate(folder: &Path, name: &str) {
    let (from, to) = (root().join("crates").join(name), folder.join("crates").join(name));
    copy(&from.join("src"), &to.join("src"));
    let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
    fs::write(to.join("Cargo.toml"), without_examples(&manifest)).unwrap();
}

/// Writes the manifest of the workspace and the crate of a user. Crates that are not members are those of the
/// repository.
fn workspace(folder: &Path, members: &[&str], (dependency, files): (&str, &[&str])) {
    let user = folder.join("crates/user");
    fs::create_dir_all(user.join("src")).unwrap();
    let mut lib = String::new();
    for file in files {
        let code = root().join(format!("tests/tests/growth/user/{file}.rs"));
        fs::copy(code, user.join(format!("src/{file}.rs"))).unwrap();
        lib.push_str(&format!("pub mod {file};\n"));
    }
    fs::write(user.join("src/lib.rs"), lib).unwrap();
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         chatwire = {{ package = \"{dependency}\", path = \"../{dependency}\", default-features = false }}\n"
    );
    fs::write(user.join("Cargo.toml"), manifest).unwrap();
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut settings = workspace.split_once("[workspace.package]").unwrap().1.to_owned();
    for name in CRATES.iter().filter(|name| !members.contains(name)) {
        let path = root().join("crates").join(name);
        let (old, new) =
            (format!("\"crates/{name}\""), format!("{:?}", path.display().to_string()));
        settings = settings.replace(&old, &new);
    }
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[workspace.package]";
    fs::write(folder.join("Cargo.toml"), format!("{members}{settings}")).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Compiles the user's crate.
fn check_user(folder: &Path, what: &str) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "-p", "user"])
        .env("CARGO_TARGET_DIR", root().join("target/growth"))
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {errors}");
    assert!(!errors.contains("warning"), "{what}: {errors}");
}

/// The crates that users build, and the one that their tests need.
const CRATES: [&str; 6] = [
    "chatwire",
    "chatwire-client",
    "chatwire-mock",
    "chatwire-sse",
    "chatwire-stream",
    "chatwire-types",
];

/// The examples and benchmarks are not copied.
fn without_examples(manifest: &str) -> &str {
    manifest.split_once("[[").map_or(manifest, |(rest, _)| rest)
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
#[ignore = "compiles crates for half a minute; `.ci/run` runs it"]
fn hand_written_code_compiles_with_a_grown_document() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    check_user(folder.path(), "all additions");
}
