//! Keeps many streams open at the same time: `chatwire-client` and async-openai, one after the other, each in a
//! process of its own, against the server of `chatwire serve` in a third one. Says what was lost, and what a stream
//! costs. The other benchmarks measure the decoding of one stream.
//!
//! `load [STREAMS [CHUNKS [MILLISECONDS]]]`: by default 10,000 streams of 100 chunks, with 200 ms between two chunks.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_openai::config::OpenAIConfig;
use async_openai::types::chat as theirs;
use chatwire_bench::process::{cpu_seconds, memory, peak_memory};
use chatwire_client::Client;
use chatwire_mock::MockServer;
use chatwire_types::{CreateChatCompletionRequest, Message};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, SemaphorePermit};

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Clone, Copy)]
struct Load {
    streams: usize,
    chunks: usize,
    pause: Duration,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).peekable();
    let role = arguments.next_if(|first| first.parse::<usize>().is_err());
    let mut number = |default| match arguments.next().map(|text| text.parse()) {
        Some(number) => number,
        None => Ok(default),
    };
    let (streams, chunks) = (number(10_000)?, number(100)?);
    let load = Load { streams, chunks, pause: Duration::from_millis(number(200)? as u64) };
    let url = arguments.next().unwrap_or_default();
    match role.as_deref() {
        None => run_all(load),
        Some("server") => runtime()?.block_on(serve(load)),
        Some(contender) => runtime()?.block_on(ask(contender, load, &url)),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Runs each contender against a server of its own, and prints what both say.
fn run_all(load: Load) -> Result<(), Failure> {
    let Load { streams, chunks, pause } = load;
    println!("{streams} streams of {chunks} chunks, {pause:?} between two chunks");
    for contender in ["chatwire", "async-openai"] {
        let mut server = start("server", load, "")?;
        let mut line = String::new();
        let mut output = BufReader::new(server.stdout.take().ok_or("the server has no output")?);
        output.read_line(&mut line)?;
        let client = start(contender, load, line.trim())?.wait_with_output()?;
        // The server ends with its input.
        drop(server.stdin.take());
        let mut served = String::new();
        output.read_to_string(&mut served)?;
        server.wait()?;
        print!("\n{contender}\n{}its server\n{served}", String::from_utf8_lossy(&client.stdout));
        if !client.status.success() {
            return Err(format!("{contender} failed").into());
        }
    }
    Ok(())
}

fn start(role: &str, load: Load, url: &str) -> std::io::Result<Child> {
    let Load { streams, chunks, pause } = load;
    let numbers = [streams, chunks, pause.as_millis() as usize].map(|number| number.to_string());
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(role).args(numbers).arg(url).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

/// Serves until the input ends.
async fn serve(load: Load) -> Result<(), Failure> {
    let server = MockServer::builder()
        .answer(text(load.chunks))
        .chunk_delay(load.pause)
        .max_connections(load.streams + 100)
        .keep_requests(0)
        .start()
        .await?;
    println!("{}", server.base_url());
    let (before, begin) = (memory(), cpu_seconds());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    say(load, before, begin);
    Ok(())
}

/// Opens all streams, and reads each to its end.
async fn ask(contender: &str, load: Load, url: &str) -> Result<(), Failure> {
    let expected = Arc::new(text(load.chunks));
    let contender = Contender::new(contender, url)?;
    // What a first call allocates belongs to the client and not to a stream.
    contender.read(&Open::default(), None).await?;
    let (before, cpu, begin) = (memory(), cpu_seconds(), Instant::now());
    let (open, connecting) = (Arc::new(Open::default()), Arc::new(Semaphore::new(CONNECTING)));
    let calls: Vec<_> = (0..load.streams)
        .map(|_| {
            let (contender, open) = (contender.clone(), open.clone());
            let (expected, connecting) = (expected.clone(), connecting.clone());
            tokio::spawn(async move {
                let turn = connecting.acquire().await.ok();
                let read = contender.read(&open, turn).await;
                read.map(|text| text == *expected)
            })
        })
        .collect();
    let (mut whole, mut reordered, mut lost, mut problem) = (0, 0, 0, None);
    for call in calls {
        match call.await? {
            Ok(true) => whole += 1,
            Ok(false) => reordered += 1,
            Err(error) => {
                lost += 1;
                problem = Some(error);
            }
        }
    }
    println!("  whole {whole}, not as sent {reordered}, lost {lost}");
    println!("  open at once {}", open.most.load(Ordering::Relaxed));
    println!("  {:.1} s", begin.elapsed().as_secs_f64());
    say(load, before, cpu);
    match problem {
        Some(error) => Err(error),
        None if reordered > 0 => Err("an answer was not as sent".into()),
        None => Ok(()),
    }
}

/// Prints what this process has used since then.
fn say(load: Load, before: u64, cpu: f64) {
    let (streams, chunks) = (load.streams as f64, load.chunks as f64);
    let spent = cpu_seconds() - cpu;
    let per_chunk = spent * 1e6 / streams / chunks;
    println!("  {spent:.1} s of processor time, {per_chunk:.1} µs a chunk");
    let bytes = peak_memory().saturating_sub(before) as f64 / streams / 1024.0;
    println!("  {bytes:.1} KB of memory a stream");
}

/// The connections that are opened at the same time. More would wait for the system.
const CONNECTING: usize = 200;

/// The answer: numbered words, so that none can be missing or in another place.
fn text(chunks: usize) -> String {
    (0..chunks).map(|number| format!("word{number} ")).collect::<String>().trim_end().to_owned()
}

/// The streams that have begun and not ended.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Open {
    /// Gives the turn to connect to the next one.
    fn has_begun(&self, turn: Option<SemaphorePermit<'_>>) {
        drop(turn);
        self.most.fetch_max(self.now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn has_ended(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Clone)]
enum Contender {
    Ours(Client, Arc<CreateChatCompletionRequest>),
    Theirs(async_openai::Client<OpenAIConfig>, Arc<theirs::CreateChatCompletionRequest>),
}

impl Contender {
    fn new(name: &str, url: &str) -> Result<Self, Failure> {
        if name == "chatwire" {
            let client = Client::builder().base_url(url).api_key("sk-test").build()?;
            let request = CreateChatCompletionRequest::new("m", [Message::user("Count.")]);
            return Ok(Self::Ours(client, Arc::new(request)));
        }
        let config = OpenAIConfig::new().with_api_base(url).with_api_key("sk-test");
        let message = theirs::ChatCompletionRequestUserMessage::from("Count.");
        let request = theirs::CreateChatCompletionRequest {
            model: "m".to_owned(),
            messages: vec![message.into()],
            ..Default::default()
        };
        Ok(Self::Theirs(async_openai::Client::with_config(config), Arc::new(request)))
    }

    /// Reads one stream to its end, and returns its text. The future is in a box, so that a stream does not take the
    /// room that the other contender needs.
    fn read<'a>(
        &'a self,
        open: &'a Open,
        turn: Option<SemaphorePermit<'a>>,
    ) -> BoxFuture<'a, Result<String, Failure>> {
        match self {
            Self::Ours(client, request) => Box::pin(read_ours(client, request, open, turn)),
            Self::Theirs(client, request) => Box::pin(read_theirs(client, request, open, turn)),
        }
    }
}

async fn read_ours(
    client: &Client,
    request: &CreateChatCompletionRequest,
    open: &Open,
    turn: Option<SemaphorePermit<'_>>,
) -> Result<String, Failure> {
    let mut stream = client.stream(request).await?;
    open.has_begun(turn);
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(&chunk?.text().unwrap_or_default());
    }
    open.has_ended();
    Ok(text)
}

async fn read_theirs(
    client: &async_openai::Client<OpenAIConfig>,
    request: &theirs::CreateChatCompletionRequest,
    open: &Open,
    turn: Option<SemaphorePermit<'_>>,
) -> Result<String, Failure> {
    let mut stream = client.chat().create_stream(request.clone()).await?;
    open.has_begun(turn);
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        let delta = chunk.choices.first().map(|choice| &choice.delta);
        text.push_str(delta.and_then(|delta| delta.content.as_deref()).unwrap_or(""));
    }
    open.has_ended();
    Ok(text)
}
