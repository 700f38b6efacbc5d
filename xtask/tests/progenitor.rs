//! Changes progenitor's code in ways in which another version of it could differ, and expects that the pass
//! which reads that code says so. `shape.rs` tests what the passes write.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use std::sync::LazyLock;
use syn::{File, Item};
use xtask::emit::{Emitted, emit};
use xtask::load::Document;
use xtask::lower::lower;
use xtask::model::Model;
use xtask::shape::shape;

/// A document in which every pass that reads progenitor's code has something to do.
const DOCUMENT: &str = include_str!("progenitor.yaml");

/// A change of progenitor's code: the pass that must notice it, a text that is there, and what replaces it.
const CHANGES: &[(&str, &str, &str)] = &[
    // types
    ("tree", "pub struct Answer {", "pub struct AnswerBody {"),
    ("tree", "pub enum Words {", "pub type Words2 = String; pub enum WordsOf {"),
    (
        "aliases",
        "pub struct Tags(pub ::std::vec::Vec<::std::string::String>);",
        "pub struct Tags { pub items: Vec<String> }",
    ),
    ("field_order", "pub id: ::std::string::String,", "pub identifier: ::std::string::String,"),
    ("field_order", "rename = \"type\"", "alias = \"type\""),
    ("extra_fields", "pub extra: ", "pub others: "),
    ("tagged_unions", "Arm1(Tags),", ""),
    ("tagged_unions", "Arm0(", "Form0("),
    // client
    ("client_runtime", "pub async fn send_form", "pub fn send_form"),
    ("client_runtime", "pub async fn send_form", "pub async fn post_form"),
    ("client_runtime", "let info = ", "let details = "),
    ("client_runtime", "let mut header_map", "let mut map_of_headers"),
    ("client_runtime", "ResponseValue::empty", "ResponseValue::from_response"),
    ("client_runtime", "ResponseValue::stream", "ResponseValue::empty"),
    ("client_runtime", "ResponseValue::from_response", "ResponseValue::decode"),
    ("client_runtime", ".headers(header_map)", ".set_headers(&header_map)"),
    ("parameter_names", "QueryParam::new(\"request_parameter\"", "QueryParam::new(\"request\""),
    ("request_bodies", "application/octet-stream", "application/binary"),
    ("request_bodies", ".body(body)", ".content(body)"),
    ("request_bodies", "body: B", "content: B"),
    ("deep_objects", ".build()", ".finish()"),
    ("optional_parameters", "limit: Option<i64>", "limit: Maybe<i64>"),
    ("optional_parameters", ".query(&progenitor_client::QueryParam::new(\"limit\", &limit))", ""),
    (
        "optional_parameters",
        ".query(&progenitor_client::QueryParam::new(\"limit\", &limit))",
        ".query_pairs(&limit)",
    ),
    ("header_parameters", "QueryParam::new(\"x-tenant\"", "QueryParam::new(\"X-Tenant\""),
    (
        "header_parameters",
        ".query(&progenitor_client::QueryParam::new(\"session\", &session))",
        ".pair(&session)",
    ),
    ("stream_methods", "application/json", "application/problem+json"),
];

#[test]
fn progenitor_as_it_is_satisfies_every_pass() {
    let (model, text) = emitted();
    let tree = shape(parsed(&text), &model);
    let problems = tree.err().unwrap_or_default();
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn every_other_text_is_noticed_by_its_pass() {
    let (model, text) = emitted();
    let mut wrong = Vec::new();
    for (pass, from, to) in CHANGES {
        if !text.iter().any(|part| part.contains(from)) {
            wrong.push(format!("{pass}: progenitor does not write `{from}` any more"));
            continue;
        }
        let changed = text.clone().map(|part| part.replace(from, to));
        let said = match shape(parsed(&changed), &model) {
            Ok(_) => "nothing".to_owned(),
            Err(problems) => problems.first().map(ToString::to_string).unwrap_or_default(),
        };
        if !said.contains(&format!("error[generator]: `{pass}` expects ")) {
            wrong.push(format!("{pass}: `{from}` -> `{to}`: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_message_says_what_and_where() {
    let (model, text) = emitted();
    let changed = text.map(|part| part.replace("let info = ", "let details = "));
    let problems = shape(parsed(&changed), &model).err().unwrap();
    let problem = problems.first().unwrap();
    assert_eq!(problem.pointer.as_deref(), Some("/paths/~1forms/post"));
    insta::assert_snapshot!(problem, @":0:0: error[generator]: `client_runtime` expects `let info` from progenitor, and it is not there; the generated code would lack something that the document says; adapt xtask/src/shape/client_runtime.rs to this version of progenitor, or go back to the one before");
}

/// The model, and progenitor's code: the types and the client.
fn emitted() -> (Model<'static>, [String; 2]) {
    static PARSED: LazyLock<Document> =
        LazyLock::new(|| Document::parse("progenitor.yaml", DOCUMENT).unwrap());
    let model = Model::read(&PARSED);
    let emitted = emit(lower(&model)).unwrap();
    let text = [emitted.types, emitted.client].map(|items| {
        prettyplease::unparse(&File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
    });
    (model, text.map(|text| one_line_chains(&text)))
}

/// Puts each chain of calls and each call on one line, so that a change can name several words.
fn one_line_chains(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.lines() {
        let trimmed = line.trim_start();
        let continues = trimmed.starts_with(['.', ')']) && !joined.ends_with(['{', ';']);
        if !continues && !joined.ends_with('(') {
            joined.push('\n');
        }
        joined.push_str(if continues || joined.ends_with('(') { trimmed } else { line });
    }
    joined.replace(",)", ")")
}

fn parsed(text: &[String; 2]) -> Emitted {
    let [types, client] = text.clone().map(|text| -> Vec<Item> {
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{error}: {text}")).items
    });
    Emitted { types, client }
}
