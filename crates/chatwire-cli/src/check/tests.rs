//! Snapshots of the report for people and for programs, with each kind of finding. `tests/check.rs` runs
//! the command.

use std::collections::BTreeMap;

use super::*;

/// Compares with `snapshots/NAME.snap`.
fn assert_shown(name: &str, shown: &str) {
    let mut settings = insta::Settings::new();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

fn report<'a>(files: impl IntoIterator<Item = (&'a str, Kind, &'a str)>) -> Report {
    let mut report = Report::default();
    for (name, kind, content) in files {
        let service = name.rsplit_once('/').map_or("here", |(service, _)| service);
        let mut file = FileReport::new(name.to_owned(), service.to_owned(), Some(kind));
        check_bytes(kind, false, content.as_bytes(), &mut file);
        if name.contains("malformed") {
            file.expect_malformed();
        }
        report.push(file);
    }
    report
}

fn text(report: &Report, look: Look) -> String {
    let mut out = Vec::new();
    report.write_text(&mut out, look).unwrap();
    String::from_utf8(out).unwrap()
}

const PLAIN: Look = Look { verbose: false, coloured: false };

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
    let report = report([
        ("kept.response.json", Kind::Response, KEPT),
        ("malformed.response.json", Kind::Response, MALFORMED),
        ("malformed.but-sound.chunk.json", Kind::Chunk, "{}"),
        ("broken.response.json", Kind::Response, MALFORMED),
        ("list.request.json", Kind::Request, "[]"),
        ("listed.error.json", Kind::Error, r#"[{"error":{"message":"m","vendor":1}}]"#),
        ("text.error.json", Kind::Error, r#""no""#),
        ("marked.response.json", Kind::Response, "\u{feff}{\"choices\":null}"),
        ("large.request.json", Kind::Request, r#"{"seed":1e400}"#),
        ("digits.request.json", Kind::Request, r#"{"seed":18446744073709551617}"#),
    ]);
    assert_shown("kept_and_malformed", &text(&report, PLAIN));
}

#[test]
fn streams() {
    let done = format!("{STREAM}data: [DONE]\n\n");
    let error =
        format!("{STREAM}data: {{\"error\":{{\"message\":\"overloaded\",\"vendor\":1}}}}\n\n");
    let broken = format!("{STREAM}data: {{\"id\":}}\n\ndata: {{\"id\":\ndata: }}\n\ndata: 5\n\n");
    let passed_over = format!(
        "{STREAM}: a comment\n\n{{\"choices\":[{{\"finish_reason\":\"stop\"}}]}}\r\n\r\n\
         data: [DONE]\n\ndata: {{\"choices\":[],\"usage\":{{}}}}\n\nerror \u{1b}[2J\n"
    );
    let dropped = format!(
        "{STREAM}data: {{\"choices\":[{{\"message\":{{\"content\":\"Bye\"}}}}]}}\n\ndata: [DONE]\n\n"
    );
    let report = report([
        ("passed-over.stream.sse", Kind::Stream, passed_over.as_str()),
        ("dropped.stream.sse", Kind::Stream, &dropped),
        ("whole.stream.sse", Kind::Stream, r#"{"choices":[],"vendor":1}"#),
        ("error-line.stream.sse", Kind::Stream, "data: {}\n\nerror: {\"message\":\"no\"}\n"),
        ("done.stream.sse", Kind::Stream, &done),
        ("cut.stream.sse", Kind::Stream, STREAM),
        ("error.stream.sse", Kind::Stream, &error),
        ("broken.stream.sse", Kind::Stream, &broken),
        ("page.stream.sse", Kind::Stream, "<html>503</html>"),
        ("refused.stream.sse", Kind::Stream, r#"{"error":{"message":"no","vendor":1}}"#),
        ("empty.stream.sse", Kind::Stream, ""),
    ]);
    assert_shown("streams", &text(&report, PLAIN));
}

/// So many files that they are shown by service.
fn many() -> Report {
    let mut skipped = BTreeMap::new();
    skipped.insert("*.headers.txt".to_owned(), 21);
    skipped.insert("index.json".to_owned(), 1);
    let names: Vec<String> = (0..20).map(|number| format!("groq/{number}.stream.sse")).collect();
    let many = names.iter().map(|name| (name.as_str(), Kind::Stream, STREAM));
    let others = [
        ("acme/kept.response.json", Kind::Response, KEPT),
        ("acme/malformed.response.json", Kind::Response, MALFORMED),
        ("acme/list.request.json", Kind::Request, "[]"),
        ("groq/keys.chunk.json", Kind::Chunk, r#"{"a":1,"b":2,"c":3,"vendor":{},"id":null}"#),
    ];
    let mut report = report(many.chain(others));
    report.skip(skipped);
    report
}

#[test]
fn by_service() {
    assert_shown("by_service", &text(&many(), PLAIN));
}

#[test]
fn by_service_in_colours() {
    let shown = text(&many(), Look { coloured: true, ..PLAIN });
    assert_shown("by_service_in_colours", &shown.replace('\u{1b}', "<esc>"));
}

#[test]
fn everything() {
    assert_shown("everything", &text(&many(), Look { verbose: true, ..PLAIN }));
}

#[test]
fn for_machines() {
    let mut out = Vec::new();
    let files = [
        ("groq/kept.chunk.json", Kind::Chunk, r#"{"choices":[],"vendor":1,"model":7}"#),
        ("groq/cut.stream.sse", Kind::Stream, "data: {\"choices\":[]}\n\n"),
        ("groq/passed-over.stream.sse", Kind::Stream, "data: {\"choices\":[]}\n\n{\"a\":1}\n"),
        ("groq/malformed.error.json", Kind::Error, ""),
    ];
    report(files).write_json(&mut out).unwrap();
    assert_shown("for_machines", &String::from_utf8(out).unwrap());
}
