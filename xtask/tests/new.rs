//! Tests `cargo xtask new` as a user sees it: the crates, `bindings.toml`, and what is refused. The ignored
//! test `public_documents` builds such crates.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test has no other way to say so, and may write files"
)]

use std::fs;
use std::process::Command;

use tempfile::TempDir;

const SHOP: &str = "\
openapi: 3.1.0
info: {title: The `Shop`, version: '1'}
servers: [{url: 'https://shop.example/v2/'}]
paths:
  /v2/items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/item'}}}}}
    delete: {operationId: removeItem, responses: {'204': {description: Gone.}}}
  /v2/orders:
    post:
      requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {file: {type: string, format: binary}}}}}}
      responses: {'201': {content: {text/csv: {}}}}
components:
  schemas:
    item:
      type: object
      required: [kind, price]
      properties:
        kind: {const: item}
        price: {anyOf: [{type: number}, {type: 'null'}]}
        size: {enum: [s, m, 'm ']}
    unused: {type: object, properties: {a: {type: string}}}
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), SHOP).unwrap();
    folder
}

/// Runs a command in the project, and returns its output with the exit code.
fn run(project: &TempDir, words: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command.args(words).current_dir(project.path()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

fn read(project: &TempDir, path: &str) -> String {
    fs::read_to_string(project.path().join(path)).unwrap()
}

const NEW: [&str; 6] = ["new", "shop", "--spec", "shop.yaml", "--bindings", "bindings.toml"];

#[test]
fn a_document_becomes_crates_that_generate_again() {
    let project = project();
    let (text, code) = run(&project, &NEW);
    assert_eq!(code, Some(0), "{text}");
    let bindings = read(&project, "bindings.toml");
    assert!(bindings.contains("document = \"shop.yaml\""), "{bindings}");

    let types = read(&project, "crates/shop-types/src/generated/types.rs");
    for expected in [
        "pub struct Item {",
        "pub price: Option<f64>",
        "pub size: Option<ItemSize>",
        "pub struct Unused {",
    ] {
        assert!(types.contains(expected), "{expected} in {types}");
    }
    let client = read(&project, "crates/shop-client/src/generated.rs");
    for expected in [
        "pub async fn get_v2_items_id",
        "-> Result<Response<()>, Error>",
        "body: &'a Form",
        "Result<Response<ByteStream>, Error>",
    ] {
        assert!(client.contains(expected), "{expected} in {client}");
    }
    assert!(read(&project, "crates/shop-client/src/lib.rs").contains("https://shop.example/v2\""));

    let (text, code) = run(&project, &["generate", "--check", "--bindings", "bindings.toml"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn only_takes_what_a_path_reaches() {
    let project = project();
    let words = [&NEW[..], &["--only", "/items/{id}"]].concat();
    let (text, code) = run(&project, &words);
    assert_eq!(code, Some(0), "{text}");
    let types = read(&project, "crates/shop-types/src/generated/types.rs");
    assert!(types.contains("struct Item ") && !types.contains("Unused"), "{types}");
    let (text, code) = run(&project, &["generate", "--check", "--bindings", "bindings.toml"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn nothing_is_written_if_something_is_wrong() {
    let project = project();
    let words = [&NEW[..], &["--only", "/itms/{id}"]].concat();
    let (text, code) = run(&project, &words);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("shop.yaml:4:1: error[only]: the document has no `/itms/{id}`"),
        "{text}"
    );
    fs::write(project.path().join("old.yaml"), "swagger: '2.0'\ninfo: {title: A, version: '1'}\n")
        .unwrap();
    let (text, code) =
        run(&project, &["new", "old", "--spec", "old.yaml", "--bindings", "bindings.toml"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("old.yaml:1:1: error[swagger-2]"), "{text}");
    assert!(
        !project.path().join("bindings.toml").exists() && !project.path().join("crates").exists()
    );
}

#[test]
fn crates_that_exist_are_not_replaced() {
    let project = project();
    assert_eq!(run(&project, &NEW).1, Some(0));
    let before = read(&project, "bindings.toml");
    let (text, code) = run(&project, &NEW);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("the name `shop` of `shop` is taken by `shop`"), "{text}");
    fs::remove_file(project.path().join("bindings.toml")).unwrap();
    let (text, code) = run(&project, &NEW);
    assert_eq!(code, Some(2));
    assert!(text.contains("crates/shop-types exists already"), "{text}");
    assert!(!project.path().join("bindings.toml").exists() && before.contains("shop"));
}

#[test]
fn the_lint_of_another_document_warns_about_house_style() {
    let project = project();
    let (text, code) = run(&project, &["lint", "--spec", "shop.yaml"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("warning  description ") && !text.contains("error"), "{text}");
    let (text, code) =
        run(&project, &["lint", "--spec", "shop.yaml", "--rule", "openapi-31", "--max", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("warning[openapi-31]"), "{text}");
    let (text, code) = run(&project, &["lint", "--spec", "shop.yaml", "--house-style"]);
    assert_eq!(code, Some(1), "{text}");
    let (text, code) = run(&project, &["lint", "--spec", "shop.yaml", "--rule", "descripton"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("did you mean `description`?"), "{text}");
}

const ODD: &str = "\
openapi: 3.0.3
info: {title: Odd, version: '1'}
paths:
  /things:
    get:
      operationId: getThing
      description: Returns a thing.
      deprecated: true
      parameters:
      - {name: request, in: query, schema: {type: string}}
      - {name: session, in: cookie, schema: {type: string}}
      responses: &answers
        '200':
          content:
            application/json: {schema: &thing {type: object, properties: {a: {type: string}}}}
            text/event-stream: {schema: {type: string}}
  /things/{id}/stream:
    get:
      operationId: getThingStream
      responses:
        <<: *answers
        '404': {description: Gone.}
  /things/{id}/picture:
    servers: [{url: 'https://pictures.example/v1'}]
    parameters:
    - {name: id, in: query, schema: {type: string}}
    - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      responses: {'200': {description: A., content: {'*/*': {schema: {type: string, format: binary}}}}}
    head:
      responses: {'200': {description: A., content: {application/json: {schema: *thing}}}}
    options:
      responses: {'204': {description: A.}}
components:
  schemas:
    Merged:
      <<: *thing
      required: [
        a
      ]
";

/// Each of these broke the build or was dropped once.
#[test]
fn odd_documents_keep_their_meaning() {
    let project = project();
    let name = "odd\n\u{202e}.yaml";
    fs::write(project.path().join(name), ODD).unwrap();
    let (text, code) =
        run(&project, &["new", "odd", "--spec", name, "--bindings", "bindings.toml"]);
    assert_eq!(code, Some(0), "{text}");
    let client = read(&project, "crates/odd-client/src/generated.rs");
    for expected in [
        "#[deprecated(note = \"Returns a thing.\")]",
        "    /// Returns a thing.\n",
        "QueryParam::new(\"request\", &parameters.request_parameter)",
        "cookie_param(\"session\", &parameters.session)",
        "pub async fn get_thing_stream<",
        "pub async fn get_thing_stream2<",
        "id: &'a str",
        "/// The document has another server for this method: `https://pictures.example/v1`.",
        "pub async fn get_things_id_picture",
        "pub async fn head_things_id_picture",
        "pub async fn options_things_id_picture",
    ] {
        assert!(client.contains(expected), "{expected} in {client}");
    }
    assert!(!client.contains("/// .\n"), "{client}");
    let types = read(&project, "crates/odd-types/src/generated/types.rs");
    assert!(types.contains("pub struct Merged {") && types.contains("pub a: String"), "{types}");
    assert!(types.starts_with("// @generated by cargo xtask generate from odd"), "{types}");
    assert!(!types.contains('\u{202e}') && !client.contains('\u{202e}'));
}
