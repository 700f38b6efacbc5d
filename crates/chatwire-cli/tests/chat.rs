//! Runs `chatwire chat` and `chatwire serve`, and checks stdout, stderr and the exit code.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

use crate::support;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Scripted, Serve, answer, chatwire, check, command, stream};
use serde_json::{Value, json};

#[test]
fn without_a_key_the_embedded_server_answers() {
    let run = chatwire(&["chat", "Say this is a test"]);
    check(
        &run,
        0,
        "This is a test!\n",
        &["embedded", "usage: 11 prompt + 5 completion = 16 tokens"],
    );
    let run = chatwire(&["chat", "--no-stream", "Say this is a test"]);
    check(&run, 0, "This is a test!\n", &["usage: 11 prompt + 5 completion = 16 tokens"]);
    let run = chatwire(&["chat", "--system", "Be brief", "hello"]);
    check(
        &run,
        0,
        "You said: “hello” That is all that a mock knows, apart from café and 😀.\n",
        &[],
    );
}

#[test]
fn several_answers_are_labelled_and_in_order() {
    for how in [&[][..], &["--no-stream"]] {
        let run = chatwire(&[&["chat", "--n", "3", "Say é 😀"], how].concat());
        check(&run, 0, "[1] É 😀!\n[2] É 😀! (answer 2)\n[3] É 😀! (answer 3)\n", &[]);
    }
}

#[test]
fn json_is_the_same_with_and_without_streaming() {
    let completion = |extra: &[&str]| {
        let run = chatwire(&[&["chat", "--json", "--n", "2", "Say é 😀"], extra].concat());
        assert_eq!(run.status.code(), Some(0));
        let mut json: Value = serde_json::from_slice(&run.stdout).unwrap();
        json["created"] = Value::Null;
        json
    };
    let streamed = completion(&[]);
    assert_eq!(streamed, completion(&["--no-stream"]));
    assert_eq!(streamed["choices"][0]["message"]["content"], "É 😀!");
    assert_eq!(streamed["usage"]["completion_tokens"], 10);
}

#[test]
fn the_prompt_may_come_from_stdin() {
    let run = support::with_stdin(command(&["chat", "-"]), b"Say this comes from stdin\n");
    check(&run, 0, "This comes from stdin!\n", &[]);
    let run = support::with_stdin(command(&["chat"]), b"Say this is piped\n");
    check(&run, 0, "This is piped!\n", &[]);
    let run = support::with_stdin(command(&["chat", "-"]), b" \n");
    check(&run, 1, "", &["error: stdin is empty"]);
    let run = support::with_stdin(command(&["chat", "-"]), b"\xff");
    check(&run, 1, "", &["error: the prompt cannot be read from stdin", "UTF-8"]);
}

#[test]
fn images_go_along() {
    let path = std::env::temp_dir().join(format!("chatwire-{}.bin", std::process::id()));
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n\0\0\0\0").unwrap();
    let run = chatwire(&["chat", "What is it?", "--image", path.to_str().unwrap()]);
    let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(stdout.contains("[image_url: image/png, 12 bytes]"), "{stdout}");
    std::fs::write(&path, b"plain text").unwrap();
    let run = chatwire(&["chat", "What is it?", "--image", path.to_str().unwrap()]);
    check(&run, 1, "", &["error: ", "is not a PNG, JPEG, GIF or WebP image"]);
    std::fs::remove_file(&path).unwrap();
    let run = chatwire(&["chat", "What is it?", "--image", "no/such.png"]);
    check(&run, 1, "", &["error: the image no/such.png cannot be read"]);
    let run = chatwire(&["chat", "See", "--image", "https://example.com/a.png"]);
    assert!(
        String::from_utf8_lossy(&run.stdout).contains("[image_url: https://example.com/a.png]")
    );
}

#[test]
fn a_server_of_its_own_with_and_without_its_key() {
    let server = Serve::start(&["--api-key", "sk-right"]);
    let base = server.base_url.as_str();
    let run = chatwire(&["chat", "Say hi", "--base-url", base, "--api-key", "sk-right"]);
    check(&run, 0, "Hi!\n", &[&format!("asking gpt-4o-mini at {base}\n"), "usage: "]);
    let run = chatwire(&["chat", "Say hi", "--base-url", base, "--api-key", "sk-wrong"]);
    let expected = "error: 401 Unauthorized: Incorrect API key provided. (type invalid_request_error, \
                    code invalid_api_key, request id req_mock";
    check(&run, 1, "", &[expected, "set OPENAI_API_KEY or --api-key"]);
    let mut with_env = command(&["chat", "Say hi", "--model", "m"]);
    with_env.env("OPENAI_BASE_URL", base).env("OPENAI_API_KEY", "sk-right");
    check(&with_env.output().unwrap(), 0, "Hi!\n", &[&format!("asking m at {base}\n")]);
    let mut without_key = command(&["chat", "Say hi", "--no-stream"]);
    without_key.env("OPENAI_BASE_URL", base);
    check(&without_key.output().unwrap(), 1, "", &["error: 401 Unauthorized: No API key provided"]);
}

#[test]
fn a_port_that_is_taken() {
    let server = Serve::start(&["--answer", "One", "--answer", "Two", "--chunk-delay", "0"]);
    for answer in ["One\n", "Two\n", "Two\n"] {
        check(&chatwire(&["chat", "hi", "--base-url", &server.base_url]), 0, answer, &[]);
    }

    let server = Serve::start(&[]);
    let port = server.base_url.split([':', '/']).nth(4).unwrap();
    let run = chatwire(&["serve", "--port", port]);
    check(&run, 1, "", &["error: port", "cannot be opened", "--port"]);
}

#[test]
fn addresses_that_lead_nowhere() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ask =
        |base: &str| chatwire(&["chat", "hi", "--base-url", base, "--limit", "max_retries=0"]);
    let run = ask(&format!("http://{unused}/v1"));
    let expected = format!("error: cannot connect to http://{unused}: Connection refused");
    check(&run, 1, "", &[&expected, "the server is running"]);
    check(&ask("localhost:8080"), 2, "", &["error: the base URL", "http://localhost:8080"]);
    check(&ask("ftp://example.com"), 2, "", &["error: the base URL", "ftp"]);
    let server = Serve::start(&[]);
    check(&ask(&server.base_url.replace("http:", "https:")), 1, "", &["write http://"]);
    let run = ask(server.base_url.trim_end_matches("/v1"));
    check(&run, 1, "", &["error: 404 Not Found: There is no POST /chat/completions", "`/v1`"]);
}

#[test]
fn bodies_that_are_not_answers() {
    let page = answer("200 OK", "text/html", "<html>\n<h1>Welcome</h1>");
    for stream in [true, false] {
        let server = Scripted::start(page.clone());
        let extra = if stream { "--json" } else { "--no-stream" };
        let run = chatwire(&["chat", "hi", "--base-url", &server.base_url, extra]);
        check(&run, 1, "", &["error: ", "200", "text/html", "<h1>Welcome</h1>"]);
    }
    let server = Scripted::start(answer("502 Bad Gateway", "text/plain", "upstream is down"));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url, "--limit", "max_retries=0"]);
    check(&run, 1, "", &["error: 502 Bad Gateway: text/plain, 16 bytes: upstream is down"]);
    let envelope = r#"{"error":{"message":"no such model","code":404}}"#;
    let server = Scripted::start(answer("200 OK", "application/json", envelope));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 1, "", &["error: the server answered with an error: no such model"]);
}

#[test]
fn a_success_without_an_answer_fails() {
    let body = r#"{"code":401,"msg":"bad\u001b[31m key","success":false}"#;
    let server = Scripted::start(answer("200 OK", "application/json", body));
    for (extra, said) in [
        ("--no-stream", r"200 OK: bad\u{1b}[31m key (code 401)"),
        ("--json", "the server answered with an error: bad"),
    ] {
        let run = chatwire(&["chat", "hi", "--base-url", &server.base_url, extra]);
        check(&run, 1, "", &["error: ", said, "[31m key"]);
        assert!(!run.stderr.contains(&0x1b), "{run:?}");
    }
    let other = r#"{"path":"/v2/bad\u001b[31m key"}"#;
    let server = Scripted::start(answer("200 OK", "application/json", other));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url, "--no-stream"]);
    check(&run, 1, "", &["error: ", "so it is not an answer", r#""path":"/v2/bad"#]);
    assert!(!run.stderr.contains(&0x1b), "{run:?}");
    let events = "data: {\"choices\":[],\"msg\":\"bad key\"}\n\ndata: [DONE]\n\n";
    let server = Scripted::start(answer("200 OK", "text/event-stream", events));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 1, "", &["error: ", "without any choices", "bad key"]);
}

#[test]
fn a_server_that_asks_to_wait() {
    let later = |seconds: u32| {
        let answer =
            answer("429 Too Many Requests", "application/json", r#"{"error":"slow down"}"#);
        answer.replace("connection: close", &format!("connection: close\r\nretry-after: {seconds}"))
    };
    let server = Scripted::start(later(3600));
    let begin = Instant::now();
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(
        &run,
        1,
        "",
        &["error: 429 Too Many Requests: slow down; the server asks to wait 3600 s"],
    );
    assert!(begin.elapsed() < Duration::from_secs(5));
    let server = Scripted::start(later(2));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url, "--limit", "max_retries=1"]);
    let waiting = "waiting 2 s, as the server asked (429 Too Many Requests: slow down)\n";
    check(&run, 1, "", &[&format!("{waiting}error: 429")]);
}

const CHUNK: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Once\"}}]}\n\n";

#[test]
fn streams_that_break_off() {
    let events = |body: &str| answer("200 OK", "text/event-stream", body);
    let server = Scripted::start(events(CHUNK));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 1, "Once\n", &["error: the stream ended after 1 chunk without `[DONE]`"]);
    let error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
    let server = Scripted::start(events(&format!("{CHUNK}{error}")));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 1, "Once\n", &["error: the server reported an error in the stream: overloaded"]);
    let broken = "data: {not json\n\n";
    let server = Scripted::start(events(&format!("{CHUNK}{broken}{error}")));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 1, "Once\n", &["line 1 column 2"]);
    let cut = events(CHUNK).replace("content-length: ", "content-length: 1");
    let server = Scripted::start(cut);
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 1, "Once\n", &["error: the answer broke off: "]);
}

/// What a choice holds, and the error line that it makes.
const ERRORS_IN_A_CHOICE: &[(&str, &str)] = &[
    (
        r#""finish_reason":"error","error":{"message":"no \u001b[31mcapacity","code":502}"#,
        r"error: the server reported an error in answer 1: no \u{1b}[31mcapacity (code 502)",
    ),
    (
        r#""finish_reason":"stop","error":{"metadata":{"raw":"gone"}}"#,
        r#"error: the server reported an error in answer 1: {"metadata":{"raw":"gone"}}"#,
    ),
    (
        r#""finish_reason":"stop","error":"no capacity""#,
        "error: the server reported an error in answer 1: no capacity",
    ),
    (
        r#""finish_reason":"error""#,
        "error: answer 1 was ended by an error that the server does not describe",
    ),
];

#[test]
fn an_error_inside_of_a_choice_fails_after_the_text() {
    for (keys, error) in ERRORS_IN_A_CHOICE {
        let message = r#"{"role":"assistant","content":"Once"}"#;
        let whole = format!(r#"{{"choices":[{{"index":0,"message":{message},{keys}}}]}}"#);
        let chunk = format!(r#"data: {{"choices":[{{"index":0,"delta":{{}},{keys}}}]}}"#);
        let stream = format!("{CHUNK}{chunk}\n\ndata: [DONE]\n\n");
        let cut = format!("{CHUNK}{chunk}\n\n");
        let whole = Scripted::start(answer("200 OK", "application/json", &whole));
        let cut = Scripted::start(answer("200 OK", "text/event-stream", &cut));
        let stream = Scripted::start(answer("200 OK", "text/event-stream", &stream));
        for args in [
            ["chat", "hi", "--base-url", &whole.base_url, "--no-stream"],
            ["chat", "hi", "--base-url", &stream.base_url, "--model=m"],
        ] {
            check(&chatwire(&args), 1, "Once\n", &["usage: ", error]);
        }
        let run = chatwire(&["chat", "hi", "--base-url", &cut.base_url]);
        check(&run, 1, "Once\n", &[error]);
    }
}

#[test]
fn an_error_inside_of_one_choice_leaves_the_others() {
    let broken = r#"{"index":1,"message":{"content":null},"error":{"message":"no capacity"}}"#;
    let body = format!(
        r#"{{"choices":[{{"index":0,"message":{{"content":"Once"}},"error":{{}}}},{broken}]}}"#
    );
    let server = Scripted::start(answer("200 OK", "application/json", &body));
    let ask = ["chat", "hi", "--no-stream", "--n", "2", "--base-url", &server.base_url];
    let error = "error: the server reported an error in answer 2: no capacity\n";
    check(&chatwire(&ask), 1, "[1] Once\n", &[error]);
    let run = chatwire(&[&ask[..], &["--json"]].concat());
    let completion: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(completion["choices"][1]["error"]["message"], "no capacity");
    assert_eq!(run.status.code(), Some(1));
}

#[test]
fn tool_calls_are_shown() {
    let call = "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\
                \"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\
                \"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
    let server = Scripted::start(answer("200 OK", "text/event-stream", &format!("{CHUNK}{call}")));
    let run = chatwire(&["chat", "hi", "--base-url", &server.base_url]);
    check(&run, 0, "Once\ntool call f({})\n", &["usage: not reported by the server"]);
}

/// A folder for the files of a test, which is removed when this is dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("chatwire-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        files.iter().for_each(|(file, text)| std::fs::write(folder.join(file), text).unwrap());
        Self(folder)
    }

    fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const STOP: &str = r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#;

#[test]
fn options_go_into_the_request() {
    let server = Scripted::start(stream(&[STOP]));
    let args = ["chat", "hi", "--base-url", &server.base_url, "--max-tokens", "7"];
    let more = ["--temperature", "-0.5", "--extra", "top_p=0.9", "--extra", r#"x={"y":[1.50]}"#];
    let headers = ["--header", "X-Team: blue: 1", "--query", "region=eu west"];
    check(&chatwire(&[&args[..], &more, &headers].concat()), 0, "Hi\n", &[]);
    let body = &server.bodies()[0];
    for (key, value) in [
        ("model", json!("gpt-4o-mini")),
        ("max_tokens", json!(7)),
        ("temperature", json!(-0.5)),
        ("top_p", json!(0.9)),
        ("x", json!({"y": [1.5]})),
        ("stream", json!(true)),
    ] {
        assert_eq!(body[key], value, "{key}");
    }
    let request = &server.requests()[0];
    assert!(request.contains("/chat/completions?region=eu+west HTTP"), "{request}");
    assert!(request.contains("x-team: blue: 1\r\n"), "{request}");
    // A documented key is there once, and the last value counts.
    check(
        &chatwire(&[&args[..], &["--extra", "max_tokens=null", "--extra", "n=2"]].concat()),
        0,
        "[1] Hi\n",
        &["the server returned 1 of 2 answers"],
    );
    let request = &server.requests()[1];
    assert!(!request.contains("max_tokens") && request.contains("\"n\":2"), "{request}");
}

#[test]
fn azure_has_its_own_address_and_key() {
    let server = Scripted::start(stream(&[STOP]));
    let endpoint = server.base_url.trim_end_matches("/v1");
    let mut run = command(&["chat", "hi", "--model", "gpt 4", "--azure", endpoint]);
    run.env("OPENAI_API_KEY", "sk-other").env("AZURE_OPENAI_API_KEY", "az-key");
    check(&run.output().unwrap(), 0, "Hi\n", &["/openai/deployments/gpt%204\n"]);
    let more = ["--azure-deployment", "d", "--azure-api-version", "2025-01-01", "--api-key", "k"];
    check(&chatwire(&[&["chat", "hi", "--azure", endpoint][..], &more].concat()), 0, "Hi\n", &[]);
    let requests = server.requests();
    let path = "POST /openai/deployments/gpt%204/chat/completions?api-version=2024-10-21 HTTP";
    assert!(requests[0].starts_with(path), "{}", requests[0]);
    assert!(requests[0].contains("api-key: az-key\r\n"), "{}", requests[0]);
    assert!(!requests[0].contains("sk-other"), "{}", requests[0]);
    let path = "POST /openai/deployments/d/chat/completions?api-version=2025-01-01 HTTP";
    assert!(requests[1].starts_with(path), "{}", requests[1]);
    assert!(requests[1].contains("api-key: k\r\n"), "{}", requests[1]);
    check(&chatwire(&["chat", "hi", "--azure", "a", "--base-url", "b"]), 2, "", &["--azure"]);
    check(&chatwire(&["chat", "hi", "--azure-deployment", "b"]), 2, "", &["--azure"]);
}

const CALLS: &str = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"c2","type":"custom","custom":{"name":"g","input":"x"}}]},"finish_reason":"tool_calls"}]}"#;

#[test]
fn results_of_tools_go_back() {
    let f = json!({"type": "function", "function": {"name": "f"}});
    let g = json!({"type": "custom", "custom": {"name": "g"}});
    let folder = Folder::new(
        "tool-files",
        &[
            ("list.json", &json!([f, g]).to_string()),
            ("request.json", &json!({"model": "m", "tools": [f, g]}).to_string()),
            ("f.json", r#"{"name": "f"}"#),
            ("g.json", &g.to_string()),
            ("bad.json", r#"[{"type": "function", "name": "f"}]"#),
        ],
    );
    let (f, g) = (folder.path("f.json"), folder.path("g.json"));
    for files in [vec![folder.path("list.json")], vec![folder.path("request.json")], vec![f, g]] {
        let server = Scripted::start_all(vec![stream(&[CALLS]), stream(&[STOP])]);
        let mut args = vec!["chat", "hi", "--base-url", &server.base_url];
        files.iter().for_each(|file| args.extend(["--tool-file", file]));
        args.extend(["--tool-result", "f=5 = five", "--tool-result", "g="]);
        check(&chatwire(&args), 0, "tool call f({})\ntool call g(x)\nHi\n", &[]);
        let bodies = server.bodies();
        assert_eq!(bodies[0]["tools"][1]["custom"]["name"], "g", "{files:?}");
        let messages = bodies[1]["messages"].as_array().unwrap();
        assert_eq!(messages[1]["tool_calls"][1]["id"], "c2");
        let result = |id, text| json!({"role": "tool", "tool_call_id": id, "content": text});
        assert_eq!(messages[2..], [result("c1", "5 = five"), result("c2", "")]);
    }
    // Without all results, the calls are shown.
    let server = Scripted::start(stream(&[CALLS]));
    let args = ["chat", "hi", "--base-url", &server.base_url, "--tool-result", "f=1"];
    check(&chatwire(&args), 0, "tool call f({})\ntool call g(x)\n", &["usage"]);
    let all = [&args[..], &["--tool-result", "g=2"]].concat();
    let run = chatwire(&all);
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stderr).contains("still calls tools after 10 answers"));
    let bad = folder.path("bad.json");
    let run = chatwire(&["chat", "hi", "--tool-file", &bad]);
    check(&run, 1, "", &["error: tool 1 of", "a function is `{\"type\":\"function\""]);
}

#[test]
fn an_answer_follows_a_schema() {
    let schema = r#"{"title":"My event","type":"object","properties":{},"required":[],"additionalProperties":false}"#;
    let named = format!(r#"{{"name":"event","schema":{schema}}}"#);
    let folder = Folder::new(
        "schemas",
        &[
            ("a b.json", &schema.replace("My event", "")),
            ("t.json", schema),
            ("n.json", &named),
            ("x.json", "{"),
        ],
    );
    let json_answer = STOP.replace("Hi", r#"{\"a\":1}"#);
    for (file, name) in [("t.json", "My_event"), ("n.json", "event")] {
        let server = Scripted::start(stream(&[&json_answer]));
        let path = folder.path(file);
        let run = chatwire(&["chat", "hi", "--schema", &path, "--base-url", &server.base_url]);
        check(&run, 0, "{\"a\":1}\n", &[]);
        let format = server.bodies()[0]["response_format"].clone();
        assert_eq!(format["type"], "json_schema");
        assert_eq!(format["json_schema"]["name"], name);
        assert_eq!(format["json_schema"]["strict"], true);
        assert_eq!(format["json_schema"]["schema"]["additionalProperties"], false);
    }
    let path = folder.path("t.json");
    for (chunk, why) in [
        (STOP.to_owned(), "error: answer 1 is not JSON: expected value at line 1 column 1"),
        (
            STOP.replace("stop", "length"),
            "error: answer 1 is not JSON: it was cut at the token limit; raise --max-tokens",
        ),
        (STOP.replace("content", "refusal"), "error: answer 1 is not JSON: the model refused"),
    ] {
        let server = Scripted::start(stream(&[&chunk]));
        let run = chatwire(&["chat", "hi", "--schema", &path, "--base-url", &server.base_url]);
        check(&run, 1, "Hi\n", &[why]);
    }
    let run = chatwire(&["chat", "hi", "--schema", &folder.path("x.json")]);
    check(&run, 1, "", &["error: the schema", "it is not JSON"]);
    // The embedded server checks strict mode and answers by the schema.
    let run = chatwire(&["chat", "hi", "--schema", &path]);
    check(&run, 0, "{}\n", &[]);
}

#[test]
fn a_stream_without_an_end_can_be_allowed() {
    let server = Scripted::start(answer("200 OK", "text/event-stream", CHUNK));
    let ask = ["chat", "hi", "--base-url", &server.base_url];
    check(&chatwire(&ask), 1, "Once\n", &["allow a missing finish with `--end-policy any`"]);
    check(&chatwire(&[&ask[..], &["--end-policy", "any"]].concat()), 0, "Once\n", &["usage"]);
}

/// Each limit that an error can name has an option, and the error names that option.
#[test]
fn limits_can_be_set() {
    let hang = Scripted::start_and_hang(
        answer("200 OK", "text/event-stream", CHUNK).replace("content-length: ", "x: "),
    );
    let late = Scripted::start_late(stream(&[STOP]), Duration::from_secs(9));
    let long = Scripted::start(stream(&[&STOP.replace("Hi", &"Hi ".repeat(2000))]));
    let whole = r#"{"choices":[{"message":{"content":"Hi"}}]}"#;
    let whole = Scripted::start(answer("200 OK", "application/json", whole));
    for (server, limit, more) in [
        (&hang, "idle_timeout=0.2", ""),
        (&late, "first_byte_timeout=0.2", ""),
        (&late, "total_timeout=0.2", "--no-stream"),
        (&long, "max_event_size=1000", ""),
        (&long, "max_answer_size=1000", ""),
        (&long, "max_objects=0", ""),
        (&whole, "max_body_size=9", "--no-stream"),
        (&whole, "max_objects=0", "--no-stream"),
    ] {
        let mut args = vec!["chat", "hi", "--base-url", &server.base_url, "--limit", limit];
        args.extend(["--limit", "max_retries=0"]);
        args.extend(Some(more).filter(|more| !more.is_empty()));
        let run = chatwire(&args);
        let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(1), "{limit} {stderr}");
        let name = limit.split('=').next().unwrap();
        assert!(stderr.contains(&format!("`--limit {name}=VALUE`")), "{limit} {stderr}");
    }
    check(&chatwire(&["chat", "hi", "--limit", "idle=1"]), 2, "", &["idle_timeout"]);
}

#[test]
fn reasoning_is_no_part_of_the_answer() {
    let thought = r#"{"choices":[{"index":0,"delta":{"reasoning":"Hm."}}]}"#;
    let whole = r#"{"choices":[{"index":0,"message":{"content":"Hi","reasoning":"Hm."},"finish_reason":"stop"}]}"#;
    let streamed = Scripted::start(stream(&[thought, STOP]));
    let whole = Scripted::start(answer("200 OK", "application/json", whole));
    for (server, how) in [(&streamed, "--reasoning=show"), (&whole, "--no-stream")] {
        let args = ["chat", "hi", "--base-url", &server.base_url, "--reasoning=show", how];
        let shown = if how == "--no-stream" { &args[..] } else { &args[..5] };
        check(&chatwire(shown), 0, "Hi\n", &["\nHm.\n"]);
        // Not by default, because a pipe is not read by a person.
        let run = chatwire(&args[..4]);
        if how != "--no-stream" {
            check(&run, 0, "Hi\n", &[]);
            assert!(!String::from_utf8_lossy(&run.stderr).contains("Hm."));
        }
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_at_once() {
    let slow = answer("200 OK", "text/event-stream", CHUNK).replace("content-length: ", "x: ");
    let server = Scripted::start_and_hang(slow);
    let mut child = command(&["chat", "hi", "--base-url", &server.base_url])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut begun = [0; 4];
    child.stdout.as_mut().unwrap().read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"Once");
    let begin = Instant::now();
    support::interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let mut child = command(&["chat", "Say this is a rather long test"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!stderr.contains("error") && !stderr.contains("panic"), "{stderr}");
}

#[test]
fn the_command_line_explains_itself() {
    let help = chatwire(&["chat", "--help"]);
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for word in ["--no-stream", "--system", "--image", "OPENAI_BASE_URL", "130  stopped"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    check(&chatwire(&["chat"]), 2, "", &["PROMPT"]);
    check(&chatwire(&["chat", "hi", "--n", "0"]), 2, "", &["1..=128"]);
    for (option, value) in [
        ("--model", ""),
        ("--model", "  "),
        ("--max-tokens", "0"),
        ("--temperature", "warm"),
        ("--temperature", "NaN"),
        ("--extra", "user=bob"),
        ("--extra", "top_p"),
        ("--header", "x-team"),
        ("--query", "region"),
        ("--end-policy", "never"),
        ("--reasoning", "maybe"),
    ] {
        check(&chatwire(&["chat", "hi", option, value]), 2, "", &[option]);
    }
    check(&chatwire(&["chat", "hi", "--header", "a b: c"]), 2, "", &["error: "]);
    check(&chatwire(&["chatt"]), 2, "", &["similar subcommand"]);
}

#[test]
fn shells_and_man_know_the_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = chatwire(&["completions", shell]);
        let text = String::from_utf8_lossy(&script.stdout).into_owned();
        assert_eq!(script.status.code(), Some(0));
        assert!(text.contains("tool-file") && text.contains("expect-malformed"), "{shell}: {text}");
    }
    let page = |args: &[&str]| {
        let page = chatwire(&[&["man"], args].concat());
        assert_eq!(page.status.code(), Some(0));
        String::from_utf8(page.stdout).unwrap()
    };
    assert!(page(&[]).contains(".TH chatwire 1"), "{}", page(&[]));
    assert!(page(&["chat"]).contains(".TH chatwire-chat 1"), "{}", page(&["chat"]));
    assert!(page(&["chat"]).contains("\\-\\-tool\\-file"), "{}", page(&["chat"]));
    check(&chatwire(&["man", "chatt"]), 2, "", &["error: there is no command `chatt`"]);
    let folder = Folder::new("man", &[]);
    check(&chatwire(&["man", "--dir", &folder.path("man1")]), 0, "", &[]);
    for name in ["chatwire", "chatwire-chat", "chatwire-check", "chatwire-serve"] {
        assert!(folder.0.join(format!("man1/{name}.1")).exists(), "{name}");
    }
}
