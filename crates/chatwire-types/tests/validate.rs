//! Tests what `validate` refuses, by the list in `data/validate.json`, and that it refuses no real request but those
//! that a service refused or nobody sent.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

use crate::support::{files, own, shared};
use chatwire_types::{
    CreateChatCompletionRequest, ErrorResponse, InvalidRequest, UpdateChatCompletionRequest,
};
use serde_json::{Value, json};

/// The request with these parameters beside a model and a message.
fn request(parameters: &Value) -> Value {
    let mut request = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (key, value) in parameters.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

fn read(request: &Value) -> Result<CreateChatCompletionRequest, InvalidRequest> {
    CreateChatCompletionRequest::from_body(request.to_string().as_bytes())
}

#[test]
fn every_rule() {
    let list: Value = serde_json::from_str(include_str!("data/validate.json")).unwrap();
    for case in list.as_array().unwrap() {
        let problems = match read(&request(&case["request"])) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().to_vec(),
        };
        let lines = problems.iter().map(|problem| {
            let param = problem.param.as_deref().unwrap();
            assert!(problem.to_string().starts_with(&format!("`{param}`: ")), "{problem}");
            format!("{} {problem}", problem.code.unwrap())
        });
        assert_eq!(json!(lines.collect::<Vec<_>>()), case["problems"], "{}", case["note"]);
    }
}

/// Requests that a service refused, or that are templates and mistakes of documentation.
const REFUSED: [&str; 13] = [
    "ai-gateway-internal-testopenai-chat-no-messages",
    "004-template",
    "ddtrace-py-openai-chat-completion-image-input",
    "docs-chat",
    "error_400_bad_range",
    "error_400_bad_type",
    "error_400_empty_messages",
    "error_400_missing_messages",
    "error_400_stream_bad",
    "higress-doc",
    "q20_verbosity_webs_pred",
    "rig-llamacpp-error-matrix-malformed-request-field",
    "rig-openai-error-identity-edge-chat-completions-validation-error-carries-identity",
];

/// The names of the requests in a folder that are refused, and how many requests there are.
fn refused(folder: &Path, names: &mut BTreeSet<String>) -> usize {
    let mut count = 0;
    for path in files(folder) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let Some(name) = name.strip_suffix(".request.json") else { continue };
        let body = std::fs::read(&path).unwrap();
        let Ok(json) = serde_json::from_slice::<Value>(&body) else { continue };
        count += 1;
        let is_update = json.get("messages").is_none() && json.get("metadata").is_some();
        let error = match is_update {
            true => UpdateChatCompletionRequest::from_body(&body).err(),
            false => CreateChatCompletionRequest::from_body(&body).err(),
        };
        names.extend(error.map(|_| name.to_owned()));
    }
    count
}

#[test]
fn real_requests_are_valid() {
    let mut names = BTreeSet::new();
    assert!(refused(&own("recordings"), &mut names) > 20);
    if let Some(shared) = shared() {
        let folders = ["corpus", "torture", "peers/recordings"];
        let count: usize =
            folders.iter().map(|folder| refused(&shared.join(folder), &mut names)).sum();
        assert!(count > 300, "only {count} requests were found");
    } else {
        // `eprintln` does not work here, because a test runner captures it.
        writeln!(io::stderr(), "skipped: ../shared not found, so the corpus was not read").unwrap();
    }
    if shared().is_some() {
        let unused: Vec<_> = REFUSED.iter().filter(|name| !names.contains(**name)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
    let other: Vec<_> = names.iter().filter(|name| !REFUSED.contains(&name.as_str())).collect();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn a_body_that_is_no_request() {
    for (body, message) in [
        ("", "the body of the request cannot be read: EOF while parsing a value"),
        ("[]", "the body of the request cannot be read: expected an object, found a list"),
        ("{\"model\":", "the body of the request cannot be read: EOF while parsing a value"),
        ("null", "the body of the request cannot be read: expected an object, found null"),
    ] {
        let error = CreateChatCompletionRequest::from_body(body.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        let [problem] = error.problems() else { unreachable!("{error}") };
        assert_eq!((&problem.param, problem.code), (&None, None));
        let response = ErrorResponse::from(error);
        assert_eq!(response.error_type(), Some("invalid_request_error"));
    }
    let marked = "\u{feff}{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    assert!(CreateChatCompletionRequest::from_body(marked.as_bytes()).is_ok());
}

#[test]
fn a_hostile_request_gets_a_short_answer() {
    let error = read(&request(&json!({"messages": vec![5; 10_000]}))).unwrap_err();
    assert_eq!(error.problems().len(), 32);
    let key = "k".repeat(100_000);
    let error = read(&request(&json!({"metadata": {key: "", "a": "v".repeat(600)}}))).unwrap_err();
    assert!(error.to_string().len() < 1000, "{error}");
    // A terminal must not obey the keys of a stranger.
    let error = read(&request(&json!({"metadata": {"\u{1b}[2J": 5}}))).unwrap_err();
    assert!(!error.to_string().contains('\u{1b}'), "{error}");
    // Each arm reads a wrong value once, so the time is linear.
    let deep = (0..100).fold(json!("x"), |inner, _| json!([inner]));
    assert!(read(&request(&json!({"stop": deep}))).is_err());
}
