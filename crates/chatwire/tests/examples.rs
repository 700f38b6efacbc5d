//! Runs each example of the cookbook against the embedded server, and counts its lines. `openai-python` beside this
//! file has the same programs for the official Python library.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chatwire::{ContentPart, CreateChatCompletionRequest, Message};
use chatwire_mock::{MockServer, MockServerBuilder};

/// Runs an example as a user does, and returns what it prints and what it sends.
async fn run(
    name: &'static str,
    builder: MockServerBuilder,
    arguments: &[&str],
    input: &'static str,
) -> (String, Vec<CreateChatCompletionRequest>) {
    let server = builder.api_key("sk-test").start().await.unwrap();
    let mut command = Command::new(program(name));
    command
        .args(arguments)
        .env("OPENAI_API_KEY", "sk-test")
        .env("OPENAI_BASE_URL", server.base_url())
        .env("AZURE_OPENAI_API_KEY", "sk-test")
        .env("AZURE_OPENAI_ENDPOINT", server.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).unwrap(), server.requests())
}

/// The built example. Cargo builds it with the tests, unless a single test file is named.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let source = example(name);
    let built = fs::metadata(&program).and_then(|program| program.modified());
    let is_built =
        built.is_ok_and(|built| built >= fs::metadata(&source).unwrap().modified().unwrap());
    assert!(
        is_built,
        "{} is not built; run `cargo build --examples` with the same features",
        source.display()
    );
    program
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{name}.rs"))
}

fn last_message(request: &CreateChatCompletionRequest) -> &Message {
    request.messages.as_deref().unwrap_or_default().last().unwrap()
}

#[tokio::test]
async fn chat() {
    let (printed, _) = run("chat", MockServer::builder(), &[], "").await;
    assert_eq!(printed, "This is a test!\n");
}

#[tokio::test]
async fn stream() {
    let (printed, sent) = run("stream", MockServer::builder(), &[], "").await;
    assert_eq!(printed, "This is a test!");
    let [request] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((request.stream, request.temperature), (Some(true), Some(0.7)));
}

#[tokio::test]
async fn vision() {
    let path = std::env::temp_dir().join(format!("chatwire-vision-{}.gif", std::process::id()));
    fs::write(&path, "GIF89a").unwrap();
    let builder = MockServer::builder().answer("A cat.");
    let (printed, sent) = run("vision", builder, &[path.to_str().unwrap()], "").await;
    fs::remove_file(&path).unwrap();
    assert_eq!(printed, "A cat.\n");
    let question = ContentPart::text("What is in this picture?");
    let image = ContentPart::image_url("data:image/gif;base64,R0lGODlh");
    assert_eq!(sent.first().map(last_message), Some(&Message::user([question, image])));
}

#[cfg(feature = "schemars")]
#[tokio::test]
async fn tools() {
    let (printed, sent) = run("tools", MockServer::builder(), &[], "").await;
    assert_eq!(printed, "The tool says: It is 18 °C in Paris.\n");
    let result = last_message(sent.last().unwrap()).text();
    assert_eq!((sent.len(), result.as_deref()), (2, Some("It is 18 °C in Paris.")));
}

#[cfg(feature = "schemars")]
#[tokio::test]
async fn structured_output() {
    let answer = r#"{"name":"Science fair","date":"Friday","participants":["Alice","Bob"]}"#;
    let builder = MockServer::builder().answer(answer);
    let (printed, sent) = run("structured_output", builder, &[], "").await;
    assert_eq!(printed, "Science fair on Friday with Alice, Bob\n");
    let format = sent.first().unwrap().response_format.as_ref();
    assert!(matches!(format, Some(chatwire::ResponseFormat::JsonSchema(_))));
}

#[tokio::test]
async fn conversation() {
    let builder = MockServer::builder().answer("One.").answer("Two.");
    let (printed, sent) = run("conversation", builder, &[], "First\nSecond\n").await;
    assert_eq!(printed, "One.\nTwo.\n");
    let texts = sent.last().unwrap().messages.iter().flatten().filter_map(Message::text);
    assert_eq!(texts.collect::<Vec<_>>(), ["Rhyme.", "First", "One.", "Second"]);
}

#[tokio::test]
async fn azure() {
    let builder = MockServer::builder().answer("From Azure").answer("From elsewhere");
    let (printed, sent) = run("azure", builder, &[], "").await;
    assert_eq!(printed, "From Azure\nFrom elsewhere\n");
    let models = sent.iter().filter_map(|request| request.model.as_deref());
    assert_eq!(models.collect::<Vec<_>>(), ["my-deployment", "llama3.2"]);
}

#[tokio::test]
async fn batch() {
    let (printed, sent) = run("batch", MockServer::builder(), &[], "").await;
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!((sent.len(), lines.len()), (100, 100));
    // The answers keep the order of the questions.
    assert!(lines.iter().enumerate().all(|(number, line)| line.contains(&number.to_string())));
}

#[tokio::test]
async fn testing() {
    run("testing", MockServer::builder(), &[], "").await;
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn traces() {
    let (printed, _) = run("traces", MockServer::builder(), &[], "").await;
    assert!(printed.contains("chat gpt-4o-mini Unset"), "{printed}");
    assert!(printed.contains("gen_ai.usage.output_tokens = "), "{printed}");
}

#[cfg(feature = "blocking")]
#[tokio::test]
async fn blocking() {
    let (printed, _) = run("blocking", MockServer::builder(), &[], "").await;
    assert_eq!(printed, "This is a test!");
}

/// The table that readers see, and the bar of the cookbook: at most three lines more than in Python.
#[test]
fn lines() {
    let table = include_str!("../src/lines.md").lines().filter(|line| line.starts_with("| [`"));
    let shown: Vec<&str> = table.collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openai-python");
    let programs: Vec<_> =
        fs::read_dir(folder).unwrap().map(|program| program.unwrap().path()).collect();
    assert_eq!(shown.len(), programs.len(), "src/lines.md: {shown:?}");
    for program in programs {
        let name = program.file_stem().and_then(OsStr::to_str).unwrap();
        let (ours, theirs) = (count(&example(name)), count(&program));
        assert!(ours <= theirs + 3, "{name} needs {ours} lines, and openai-python {theirs}");
        let row = shown.iter().find(|row| row.starts_with(&format!("| [`{name}`]")));
        let counted = format!("| {ours} | {theirs} |");
        assert!(row.is_some_and(|row| row.ends_with(&counted)), "src/lines.md: {name} {counted}");
    }
}

/// Counts the lines that are neither blank nor a comment. A doc comment of an item counts, because it goes to the
/// model.
fn count(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap();
    let is_rust = path.extension() == Some(OsStr::new("rs"));
    let is_comment = |line: &&str| match is_rust {
        true => line.starts_with("//") && !line.starts_with("///"),
        false => line.starts_with('#'),
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line)).count()
}
