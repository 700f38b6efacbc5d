//! The report as a person sees it, for payloads that show each kind of finding.

use super::*;

/// Compares with `snapshots/NAME.snap`.
fn assert_shown(name: &str, shown: &str) {
    let mut settings = insta::Settings::new();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

fn text(files: &[(&str, Kind, &str)]) -> String {
    let mut out = Vec::new();
    report(files).write_text(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn report(files: &[(&str, Kind, &str)]) -> Report {
    let mut report = Report::default();
    for (name, kind, content) in files {
        report.push(check_bytes((*name).to_owned(), *kind, content.as_bytes()));
    }
    report
}

const KEPT: &str = r#"{
    "id": 7,
    "choices": [{
        "index": 0,
        "message": {"role": "robot", "content": null, "tool_calls": [{"type": "mcp", "mcp": {}}]},
        "finish_reason": "eos"
    }],
    "vendor": {"a": [1, 2.50]}
}"#;

const MALFORMED: &str = "{\n  \"id\": \"x\",\n}";

const STREAM: &str = "\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"vendor\":1}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"!\"},\"vendor\":2}]}\n\n";

#[test]
fn kept_and_malformed() {
    assert_shown(
        "kept_and_malformed",
        &text(&[
            ("kept.response.json", Kind::Response, KEPT),
            ("malformed.response.json", Kind::Response, MALFORMED),
            ("list.request.json", Kind::Request, "[]"),
        ]),
    );
}

#[test]
fn streams() {
    let error = "data: {\"error\":{\"message\":\"overloaded\",\"vendor\":1}}\n\n";
    assert_shown(
        "streams",
        &text(&[
            ("done.stream.sse", Kind::Stream, &format!("{STREAM}data: [DONE]\n\n")),
            ("cut.stream.sse", Kind::Stream, STREAM),
            ("error.stream.sse", Kind::Stream, &format!("{STREAM}{error}")),
            ("broken.stream.sse", Kind::Stream, &format!("{STREAM}data: {{\"id\":}}\n\n")),
            ("page.stream.sse", Kind::Stream, "<html>503</html>"),
            ("empty.stream.sse", Kind::Stream, ""),
        ]),
    );
}

#[test]
fn for_machines() {
    let mut out = Vec::new();
    let files = [
        ("kept.chunk.json", Kind::Chunk, r#"{"choices":[],"vendor":1}"#),
        ("malformed.error.json", Kind::Error, ""),
    ];
    report(&files).write_json(&mut out).unwrap();
    assert_shown("for_machines", &String::from_utf8(out).unwrap());
}
