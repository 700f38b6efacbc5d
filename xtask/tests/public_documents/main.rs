//! Makes bindings of the public documents in `../shared/official/public`, builds them and sends payloads
//! through them. It takes minutes, so it runs only on demand:
//!
//! ```sh
//! cargo test -p xtask --test public_documents -- --ignored --nocapture
//! ```
//!
//! It prints a table, and fails if fewer documents pass than before.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test has no other way to say so, and may write files"
)]

mod payloads;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use payloads::Payloads;
use serde_json::Value;
use xtask::bindings::Bindings;

/// The least number of documents that become crates.
const LEAST: usize = 14;
/// The longest time for one document.
const LONGEST: Duration = Duration::from_secs(20);

/// A document, the paths to take of it, and payloads: a type, and JSON that it must keep.
struct Case {
    file: &'static str,
    only: Option<&'static str>,
    payload: Option<(&'static str, &'static str)>,
}

const fn case(
    file: &'static str,
    only: Option<&'static str>,
    payload: Option<(&'static str, &'static str)>,
) -> Case {
    Case { file, only, payload }
}

const CHAT: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}],"x_new":[1]},"finish_reason":"odd","logprobs":null}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"y":{"z":null}},"x":1.5}"#;
const PET: &str = r#"{"id":1,"name":"Rex","tag":"dog","owner":{"name":"Ann","age":null}}"#;
const COHERE: &str = r#"{"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Hi"},{"type":"odd","x":1}]},"usage":{"tokens":{"input_tokens":1.0,"output_tokens":2.5},"new":true}}"#;
const OLLAMA: &str = r#"{"model":"m","created_at":"2024-01-01T00:00:00Z","message":{"role":"assistant","content":"Hi","thinking":"so","images":null},"done":true,"done_reason":"stop","total_duration":5,"x":{"y":1}}"#;

const CASES: [Case; 15] = [
    case("petstore30.yaml", None, Some(("Pet", PET))),
    case("petstore-expanded.yaml", None, Some(("Pet", PET))),
    case("petstore-full.yaml", None, Some(("Pet", PET))),
    case("todo.yaml", None, None),
    case(
        "openai-2.0.0-kserve.yaml",
        Some("/chat/completions"),
        Some(("CreateChatCompletionResponse", CHAT)),
    ),
    case(
        "openai-full.yaml",
        Some("/chat/completions"),
        Some(("CreateChatCompletionResponse", CHAT)),
    ),
    case(
        "async-openai.yaml",
        Some("/chat/completions"),
        Some(("CreateChatCompletionResponse", CHAT)),
    ),
    case("openrouter.yaml", Some("/chat/completions"), Some(("ChatResult", CHAT))),
    case("mistralrs.json", Some("/v1/chat/completions"), Some(("ChatCompletionResponse", CHAT))),
    case(
        "llama-stack.yaml",
        Some("/v1/openai/v1/chat/completions"),
        Some(("PostV1OpenaiV1ChatCompletionsResponse", CHAT)),
    ),
    case("cohere.yaml", Some("/v2/chat"), Some(("Chatv2Response", COHERE))),
    case("ollama.yaml", Some("/api/chat"), Some(("ChatResponse", OLLAMA))),
    case("cortex.json", Some("/v1/chat/completions"), Some(("ChatControllerCreateResponse", CHAT))),
    case("localai-swagger2.yaml", Some("/v1/chat/completions"), None),
    case("portkey.yaml", Some("/chat/completions"), Some(("CreateChatCompletionResponse", CHAT))),
];

#[test]
#[ignore = "it builds 28 crates"]
fn public_documents_become_crates_that_lose_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let documents = root.join("../shared/official/public");
    if !documents.exists() {
        println!("skipped: {} is not there", documents.display());
        return;
    }
    let project = tempfile::tempdir().unwrap();
    let mut table = String::new();
    let mut made = Vec::new();
    for case in &CASES {
        let name = name(case);
        let begin = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["new", &name, "--spec"]).arg(documents.join(case.file));
        command.arg("--bindings").arg(project.path().join("bindings.toml"));
        command.args(case.only.into_iter().flat_map(|only| ["--only", only]));
        let output = command.output().unwrap();
        let took = begin.elapsed();
        assert!(took < LONGEST, "{name} took {took:?}");
        let state = if output.status.success() { "made" } else { "refused" };
        writeln!(table, "{:<26} {state:<8} {:>5.1} s", case.file, took.as_secs_f32()).unwrap();
        if output.status.success() {
            made.push(case);
        } else {
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(text.contains("error["), "{text}");
            write!(table, "  {text}").unwrap();
        }
    }
    println!("{table}");
    assert!(made.len() >= LEAST, "{} of {} documents", made.len(), CASES.len());
    add_payloads(project.path(), &made);
    build(project.path(), root, &name(made.first().unwrap()));
}

fn name(case: &Case) -> String {
    case.file.split('.').next().unwrap_or_default().to_owned()
}

/// A crate with a test for each document: its payload, and many that are made of its schemas.
fn add_payloads(project: &Path, made: &[&Case]) {
    let mut manifest =
        "[package]\nname = \"payloads\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                        [dependencies]\nserde = \"1\"\nserde_json = \"1\"\n"
            .to_owned();
    let mut tests = include_str!("keeps.rs.txt").to_owned();
    let folder = project.join("crates/payloads");
    fs::create_dir_all(folder.join("src")).unwrap();
    let sets = Bindings::load(&project.join("bindings.toml")).unwrap();
    for case in made {
        let name = name(case);
        writeln!(manifest, "{name}-types = {{ path = \"../{name}-types\" }}").unwrap();
        let set = sets.set(&name).unwrap();
        let document = set.inputs(project).document().unwrap().to_json();
        let ident = name.replace('-', "_");
        writeln!(tests, "#[test]\nfn {ident}() {{").unwrap();
        let given = case.payload.map(|(root, payload)| (root.to_owned(), format!("[{payload}]")));
        for (number, (root, payloads)) in given.into_iter().chain(made_of(&document)).enumerate() {
            let file = format!("src/{ident}.{number}.json");
            fs::write(folder.join(&file), payloads).unwrap();
            let file = file.trim_start_matches("src/");
            writeln!(tests, "    keeps::<{ident}_types::{root}>(include_str!(\"{file}\"));")
                .unwrap();
        }
        writeln!(tests, "}}").unwrap();
    }
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), tests).unwrap();
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*-types\", \"crates/*-client\", \"crates/payloads\"]\n";
    fs::write(project.join("Cargo.toml"), workspace).unwrap();
}

/// Payloads of each request and answer of a document, as lists in JSON.
fn made_of(document: &Value) -> Vec<(String, String)> {
    const EACH: usize = 50;
    let mut payloads = Payloads::new(document);
    let lists = payloads::roots(document).into_iter().map(|(name, schema)| {
        let list: Vec<Value> = (0..EACH).map(|_| payloads.payload(&schema)).collect();
        (name, Value::Array(list).to_string())
    });
    lists.collect()
}

/// Builds all crates with the versions of this repository, and runs the payloads and the examples in the docs of one
/// document's crates. The manifests deny warnings.
fn build(project: &Path, root: &Path, one: &str) {
    fs::copy(root.join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    let target: PathBuf = match std::env::var_os("PUBLIC_DOCUMENTS_TARGET") {
        Some(folder) => folder.into(),
        None => root.join("target/public-documents"),
    };
    let (types, client) = (format!("--package={one}-types"), format!("--package={one}-client"));
    let commands: [&[&str]; 3] = [
        &["check", "--workspace"],
        &["test", "--package=payloads"],
        &["test", "--doc", &types, &client],
    ];
    for words in commands {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(words).arg("--offline").current_dir(project).env("CARGO_TARGET_DIR", &target);
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
        assert!(cargo.status().unwrap().success(), "{words:?}");
    }
}
