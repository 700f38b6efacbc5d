//! Plays the script of a row over TCP, byte by byte as it is written. [`crate::call`] is the client that
//! talks to it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::request::Requests;
use crate::row::{Answer, Call, Case, Repeat, Step};

/// A server for one row. Dropping it closes its connections.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) fn start(case: &Case, texts: &BTreeMap<String, String>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = socket.local_addr()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let script = Script {
            connections: case.row.connections.clone(),
            texts: texts_for(case.call, texts, address),
            requests: requests.clone(),
        };
        let mut tasks = JoinSet::new();
        match case.row.connections.is_empty() {
            // A socket that does not listen refuses connections, and no other row gets its port.
            true => tasks.spawn(async move {
                let _socket = socket;
                std::future::pending::<()>().await;
            }),
            false => tasks.spawn(accept(socket.listen(BACKLOG)?, Arc::new(script))),
        };
        Ok(Self { address, requests, _tasks: tasks })
    }

    /// The number of requests that were read so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

struct Script {
    connections: Vec<Vec<Step>>,
    texts: BTreeMap<String, String>,
    requests: Arc<AtomicUsize>,
}

async fn accept(listener: TcpListener, script: Arc<Script>) {
    let mut connections = JoinSet::new();
    for number in 0.. {
        let Ok((socket, _)) = listener.accept().await else { return };
        let script = script.clone();
        connections.spawn(async move {
            // An error means that the client left, which many rows make it do.
            let _ = play(socket, &script, number).await;
        });
    }
}

/// Plays the steps of one connection, then closes it.
async fn play(socket: TcpStream, script: &Script, number: usize) -> io::Result<()> {
    let number = number.min(script.connections.len() - 1);
    let steps = &script.connections[number];
    let is_early = matches!(steps.first(), Some(Step::Early));
    let mut connection = Connection { socket, script, requests: Requests::default() };
    if !is_early {
        connection.read_request().await?;
    }
    for step in steps {
        connection.step(step).await?;
    }
    connection.socket.shutdown().await
}

struct Connection<'a> {
    socket: TcpStream,
    script: &'a Script,
    requests: Requests,
}

impl Connection<'_> {
    async fn step(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::Early => Ok(()),
            Step::Request => self.read_request().await,
            Step::Send(text) => self.send(self.fill(text).as_bytes()).await,
            Step::Hex(digits) => self.send(&from_hex(digits)).await,
            Step::Repeat(repeat) => self.repeat(repeat).await,
            Step::Answer(answer) => self.answer(answer).await,
            Step::Chunk(text) => {
                let text = self.fill(text);
                self.send(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await
            }
            Step::Echo(name) => {
                let value = self.requests.header(name).unwrap_or_default().to_owned();
                self.send(value.as_bytes()).await
            }
            Step::Pause(millis) => {
                sleep(Duration::from_millis(*millis)).await;
                Ok(())
            }
            Step::Reset => self.reset().await,
            Step::Shut => {
                self.socket.shutdown().await?;
                self.wait_for_client().await
            }
            Step::Stay => self.wait_for_client().await,
        }
    }

    async fn read_request(&mut self) -> io::Result<()> {
        self.requests.read(&mut self.socket).await?;
        self.script.requests.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await
    }

    async fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        let (headers, body) = (self.fill(&answer.headers), self.fill(&answer.body));
        let length = body.len();
        let head =
            format!("HTTP/1.1 {}\r\n{headers}content-length: {length}\r\n\r\n", answer.status);
        self.send(&[head.as_bytes(), body.as_bytes()].concat()).await
    }

    async fn repeat(&mut self, repeat: &Repeat) -> io::Result<()> {
        let text = self.fill(&repeat.text);
        let times = repeat.times.unwrap_or(usize::MAX);
        if repeat.every.is_none() && !text.contains(NUMBER) {
            return self.flood(&text, times).await;
        }
        for number in 0..times {
            self.send(text.replace(NUMBER, &number.to_string()).as_bytes()).await?;
            if let Some(every) = repeat.every {
                sleep(Duration::from_millis(every)).await;
            }
        }
        Ok(())
    }

    /// Sends a text as fast as the client takes it, in large pieces, and with little memory.
    async fn flood(&mut self, text: &str, times: usize) -> io::Result<()> {
        let in_block = (FLOOD_BLOCK / text.len()).clamp(1, times.max(1));
        let block = text.repeat(in_block);
        let mut left = times;
        while left > 0 {
            let count = in_block.min(left);
            self.send(&block.as_bytes()[..count * text.len()]).await?;
            left -= count;
        }
        Ok(())
    }

    async fn reset(&mut self) -> io::Result<()> {
        sleep(BEFORE_RESET).await;
        self.socket.set_zero_linger()?;
        // The connection is dropped behind this error, and the reset is sent.
        Err(io::ErrorKind::ConnectionReset.into())
    }

    async fn wait_for_client(&mut self) -> io::Result<()> {
        let mut ignored = [0; 1024];
        while self.socket.read(&mut ignored).await? > 0 {}
        Ok(())
    }

    /// Replaces each `{{name}}`.
    fn fill(&self, text: &str) -> String {
        fill(text, &self.script.texts)
    }
}

/// Replaces each `{{name}}` by its text, which may refer to others.
fn fill(text: &str, texts: &BTreeMap<String, String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let known = after.split_once("}}").and_then(|(name, tail)| Some((texts.get(name)?, tail)));
        filled += before;
        match known {
            Some((text, tail)) => {
                filled += &fill(text, texts);
                rest = tail;
            }
            None => {
                filled += "{{";
                rest = after;
            }
        }
    }
    filled + rest
}

/// Adds what depends on the call and on the server. `answer (json)` is `answer` for JSON.
fn texts_for(
    call: Call,
    texts: &BTreeMap<String, String>,
    address: SocketAddr,
) -> BTreeMap<String, String> {
    let suffix = match call {
        Call::Json => " (json)",
        Call::Stream => " (stream)",
    };
    let of_call = texts.iter().filter_map(|(name, text)| Some((name.strip_suffix(suffix)?, text)));
    let mut all: BTreeMap<_, _> =
        of_call.map(|(name, text)| (name.to_owned(), text.clone())).collect();
    all.extend(texts.clone());
    all.insert("address".to_owned(), address.to_string());
    all
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// Stands for the number of a repetition.
const NUMBER: &str = "{{n}}";
const FLOOD_BLOCK: usize = 16 << 10;
const BACKLOG: u32 = 16;
const BEFORE_RESET: Duration = Duration::from_millis(30);
