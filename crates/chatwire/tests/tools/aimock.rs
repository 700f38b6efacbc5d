//! The tool loop against aimock, a mock of the official API that others wrote. `tests/peers/run.py aimock` installs it,
//! and sets `CHATWIRE_AIMOCK` to its program `llmock`.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chatwire::prelude::*;

use super::GetWeather;

/// What the scripted model says if it got each result of both rounds.
const ANSWER: &str = "12 °C in Oslo and 9 °C in Bergen. I do not know Atlantis.";

/// The running server. It ends with the test.
struct Aimock {
    process: Child,
    base_url: String,
}

impl Aimock {
    fn start(program: OsString) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/aimock.json");
        let mut command = Command::new(program);
        command.args(["--strict", "--validate-on-load", "-f", fixtures, "-p", &port.to_string()]);
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        let aimock = Self { process, base_url: format!("http://127.0.0.1:{port}/v1") };
        let is_up = (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(is_up, "aimock does not listen");
        aimock
    }
}

impl Drop for Aimock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn weather(args: GetWeather) -> Result<String, String> {
    match args.city.as_str() {
        "Oslo" => Ok("Oslo: 12 °C".to_owned()),
        "Bergen" => Ok("Bergen: 9 °C".to_owned()),
        city => Err(format!("{city} is not a city")),
    }
}

#[tokio::test]
async fn two_rounds_with_parallel_calls_and_a_failing_tool() {
    let Some(program) = std::env::var_os("CHATWIRE_AIMOCK") else {
        // Not with `eprintln`, because a test runner captures that.
        writeln!(io::stderr(), "skipped: CHATWIRE_AIMOCK is not set").unwrap();
        return;
    };
    let aimock = Aimock::start(program);
    let client = Client::builder().base_url(&aimock.base_url).api_key("sk-test").build().unwrap();
    let tools = Tools::new().with("get_weather", weather);
    let request = CreateChatCompletionRequest::new(
        "gpt-4o-mini",
        [Message::user("What is the weather in Oslo, Atlantis and Bergen?")],
    );

    let conversation = client.chat_with_tools(request.clone(), &tools).await.unwrap();
    assert_eq!(conversation.text().as_deref(), Some(ANSWER));
    // The question, two calls and their results, one call and its result, and the answer.
    assert_eq!(conversation.messages().len(), 7);

    let streamed = client.stream_with_tools(request, &tools).finish().await.unwrap();
    assert_eq!(streamed.messages(), conversation.messages());
}
