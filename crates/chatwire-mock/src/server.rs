//! The public server: its settings, its start and its end. [`routes`](crate::routes) answers the
//! requests.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chatwire_types::CreateChatCompletionRequest;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::connection;
use crate::exchange::{Exchange, OnExchange};
use crate::fault::{Fault, RandomFaults};
use crate::journal::{Received, failure};
use crate::limits::Limits;
#[cfg(feature = "record")]
use crate::record::{Recorder, Upstream};
use crate::replay::{Pauses, Recordings};
use crate::routes::{self, Source};
use crate::script::{Rule, Rules, Script};
use crate::state::{Settings, State};
use crate::validate::validate;

/// A running server. It bounds what any client can make it hold, and answers with a clear error
/// beyond that:
///
/// | bound | beyond it |
/// | --- | --- |
/// | 32 KiB for the head of a request | 431 |
/// | 32 MiB for a body | 413 |
/// | 64 MiB for all bodies of more than 16 KiB together | 503 |
/// | 65,536 JSON values in a body | 400 |
/// | 1,000 values, 1 MiB of text and 32 levels in an answer made from a schema | 400 |
/// | 8 MiB for an answer | 400 |
/// | 48 MiB for all answers of more than 16 KiB together that are not read yet | 503 |
/// | 1,000 stored completions, and 32 MiB of them | the oldest make room |
/// | 512 connections, see [`max_connections`](MockServerBuilder::max_connections) | 503 |
///
/// If it is dropped, it accepts no new connection; open connections may finish.
pub struct MockServer {
    address: SocketAddr,
    state: Arc<State>,
    /// Dropping it is the signal to stop.
    stop: oneshot::Sender<Duration>,
    accepting: JoinHandle<usize>,
}

/// The settings of a [`MockServer`].
#[derive(Clone, Default)]
#[must_use]
pub struct MockServerBuilder {
    port: u16,
    api_key: Option<String>,
    script: Script,
    answers: Vec<String>,
    chunk_delay: Duration,
    cors: bool,
    random_faults: Vec<(f64, Fault)>,
    fault_seed: u64,
    models: Vec<String>,
    replay: Option<PathBuf>,
    pauses: Pauses,
    #[cfg(feature = "record")]
    record: Option<(PathBuf, String)>,
    #[cfg(feature = "record")]
    upstream_key: Option<String>,
    limits: Limits,
    on_exchange: Option<OnExchange>,
}

impl MockServer {
    /// Starts a server on a free port of the loopback interface. It needs no API key and answers
    /// without delay.
    ///
    /// # Errors
    /// Returns an error if no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Settings other than those of [`start`](Self::start).
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// The address without a path: `http://127.0.0.1:PORT`. It is also the endpoint for a client of Azure OpenAI; each
    /// deployment answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL for a client: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// The bodies of the latest valid chat requests, in their order. Each call decodes them again.
    ///
    /// The server keeps the last 1,000 requests, or as many as
    /// [`keep_requests`](MockServerBuilder::keep_requests) says, and at most 32 MiB of them.
    #[must_use]
    pub fn requests(&self) -> Vec<CreateChatCompletionRequest> {
        let received = self.state.journal.received().into_iter();
        let valid =
            received.filter(|request| request.json().is_some_and(|json| validate(&json).is_ok()));
        valid.filter_map(|request| request.request()).collect()
    }

    /// The latest requests to any path, valid or not, in the order in which they arrived. The server keeps as
    /// many as for [`requests`](Self::requests).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_mock::MockServer;
    ///
    /// let server = MockServer::start().await?;
    /// let url = format!("{}/models", server.base_url());
    /// reqwest::Client::new().get(url).header("x-tenant", "blue").send().await?;
    ///
    /// let received = server.received();
    /// assert_eq!((received[0].method(), received[0].target()), ("GET", "/v1/models"));
    /// assert_eq!(received[0].header("X-Tenant"), Some("blue"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.journal.received()
    }

    /// Asserts that one of the latest chat requests meets the conditions of a rule; its replies do not matter. If
    /// the rule has [`nth`](Rule::nth), there must be so many of them.
    ///
    /// JSON and a typed request are conditions, too: the body of the request has all that they have.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_mock::{MockServer, Rule};
    /// use serde_json::json;
    ///
    /// let server = MockServer::start().await?;
    /// let url = format!("{}/chat/completions", server.base_url());
    /// let request = json!({"model": "m", "messages": [{"role": "user", "content": "Say hi"}]});
    /// reqwest::Client::new().post(url).json(&request).send().await?;
    ///
    /// server.assert_received(json!({"model": "m", "stream": null}));
    /// server.assert_received(Rule::new().last_message("*hi*").header("content-type", "application/json"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// Panics if no request meets them, with the nearest request and what differs, such as:
    ///
    /// ```text
    /// no chat request is as expected; in the only one, which is number 1,
    ///   - `model` is "m", not "gpt-4o"
    ///   - `messages[0].content` is "Say hi", not "Say yes"
    /// the requests that came:
    ///   1. 0.002 s  POST /v1/chat/completions  {"model":"m","messages":[{"role":"user","content":"Say hi"}]}
    /// ```
    #[track_caller]
    pub fn assert_received(&self, expected: impl Into<Rule>) {
        let failure = failure(&self.state.journal.received(), &expected.into());
        assert!(failure.is_none(), "{}", failure.unwrap_or_default());
    }

    /// Stops the server: it accepts no new connection, and the open answers have this time to end. Returns how
    /// many connections it closed because their answers had not ended by then.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use std::time::Duration;
    ///
    /// use chatwire_mock::MockServer;
    ///
    /// let server = MockServer::start().await?;
    /// assert_eq!(server.shutdown(Duration::from_secs(1)).await, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn shutdown(self, longest: Duration) -> usize {
        // Sending and waiting fail only if the runtime has ended, and the connections with it.
        let _ = self.stop.send(longest);
        self.accepting.await.unwrap_or(0)
    }
}

impl MockServerBuilder {
    /// Sets the port. The default, 0, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the API key that every request must carry. By default, none is needed.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Sets the text of the next answer. Call it again for the answer after it; the last text is
    /// repeated. An answer whose choices take more than 8 MiB together is refused with a 400.
    pub fn answer(mut self, text: impl Into<String>) -> Self {
        self.answers.push(text.into());
        self
    }

    /// Answers chat requests by these rules. Call it again to add more rules after them.
    ///
    /// The texts of [`answer`](Self::answer) are used by replies that leave out what the model says.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_mock::{MockServer, Reply, Rule, Script};
    /// use serde_json::json;
    ///
    /// let script = Script::new()
    ///     .rule(
    ///         Rule::new()
    ///             .name("look it up")
    ///             .last_message("*weather*")
    ///             .tool("get_weather")
    ///             .reply(Reply::new().tool_call("get_weather", json!({"city": "Paris"}))),
    ///     )
    ///     .rule(Rule::new().last_role("tool").reply("It is sunny in Paris."));
    /// let server = MockServer::builder().script(script).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn script(mut self, script: impl Into<Script>) -> Self {
        self.script.append(script.into());
        self
    }

    /// Sets the wait before each chunk of a stream. The default is zero.
    pub fn chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = delay;
        self
    }

    /// Adds a model to the list of `GET /models`. Without it, the list has `gpt-4o-mini`. Chat requests
    /// are answered for every model.
    ///
    /// ```
    /// use chatwire_mock::MockServer;
    ///
    /// let server = MockServer::builder().model("small").model("org/large");
    /// ```
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.models.push(name.into());
        self
    }

    /// Answers every request from recordings, byte for byte: those in a folder and the folders inside, or
    /// a single file such as `NAME.stream.sse`.
    ///
    /// A recording is `NAME.request.json` with one of `NAME.response.json`, `NAME.stream.sse` and
    /// `NAME.error.json`. `NAME.recording.json` has the method, the address, the status, the headers and the
    /// times, as `record` writes them. Without it, `NAME.headers.txt` may have the status and
    /// the headers, and the method and the address are those of a chat request.
    ///
    /// A request matches if its method, its address and its body are those of the recording. Bodies are
    /// compared as JSON, so that neither the order of keys nor white space counts. If a request is repeated,
    /// its recordings are played one after the other in the order of their names, and then the last one
    /// again. A request without a recording gets a 404 that names the nearest one and what differs. If no
    /// recording has a request, each answers the next request, whatever that is.
    ///
    /// The folder is listed when the server starts. Requests are neither checked nor answered in another way.
    pub fn replay(mut self, path: impl Into<PathBuf>) -> Self {
        self.replay = Some(path.into());
        self
    }

    /// Sets the pauses of a [`replay`](Self::replay). By default, there are none.
    pub fn pauses(mut self, pauses: Pauses) -> Self {
        self.pauses = pauses;
        self
    }

    /// Passes every request on to a real server, and records its answers in a folder, from which
    /// [`replay`](Self::replay) answers. The folder is made if there is none; new recordings come after those
    /// that it has. This needs the feature `record`.
    ///
    /// `upstream` is a base URL, such as `https://api.openai.com/v1`. It stands for [`base_url`], so that
    /// `/v1/models` is asked there as `/models`. If it has no path, the path stays `/v1/models`, and so does
    /// every other path.
    ///
    /// Status, headers, bytes and their times are those of the upstream. If either side breaks off, so does
    /// the other. Only what belongs to a connection differs, and the upstream is asked for uncompressed
    /// answers. Redirects are passed on. If the upstream does not answer, the client gets a 502.
    ///
    /// Nothing secret is written:
    ///
    /// - Headers of requests, cookies, and headers of answers with a name such as `x-session-token` are left
    ///   out.
    /// - Keys and tokens of the request, and [`upstream_key`](Self::upstream_key), are replaced wherever the
    ///   body, the address or the answer repeats them, also if a stream sends one in several events.
    /// - In the body and the address, values under names such as `api_key` and `password` are replaced, and
    ///   so are words that begin with `sk-` and have at least 20 more characters.
    ///
    /// A recording is written when its answer has ended; until then, its files have hidden names. If the
    /// client leaves before, the recording has what came and breaks off there. If the request cannot be
    /// written, it is not sent and gets a 500. If the answer cannot be written, the client gets it, and the
    /// recording is discarded.
    ///
    /// [`base_url`]: MockServer::base_url
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir().join(format!("chatwire-record-{}", std::process::id()));
    /// use chatwire_mock::MockServer;
    ///
    /// let real = MockServer::builder().answer("Hello!").start().await?;
    /// let recorder = MockServer::builder().record(&folder, real.base_url()).start().await?;
    ///
    /// let request = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    /// let post = |server: &MockServer| {
    ///     let url = format!("{}/chat/completions", server.base_url());
    ///     reqwest::Client::new().post(url).header("content-type", "application/json").body(request)
    /// };
    /// let answer = post(&recorder).send().await?.bytes().await?;
    ///
    /// let replayed = MockServer::builder().replay(&folder).start().await?;
    /// assert_eq!(post(&replayed).send().await?.bytes().await?, answer);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "record")]
    pub fn record(mut self, folder: impl Into<PathBuf>, upstream: impl Into<String>) -> Self {
        self.record = Some((folder.into(), upstream.into()));
        self
    }

    /// Sets the key that the upstream of [`record`](Self::record) gets with requests that have none. By
    /// default, they are sent without one. This needs the feature `record`.
    ///
    /// With an [`api_key`](Self::api_key), every request carries the key of the mock. The upstream never gets
    /// that one, but this one.
    #[cfg(feature = "record")]
    pub fn upstream_key(mut self, key: impl Into<String>) -> Self {
        self.upstream_key = Some(key.into());
        self
    }

    /// Sets whether a page of any origin may call the server from a browser (CORS). The default is
    /// false, because any page that is open on the machine could then read the answers.
    ///
    /// The server answers preflights, and a page sees every header of an answer.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use chatwire_mock::MockServer;
    ///
    /// let server = MockServer::builder().cors(true).start().await?;
    /// println!("const client = new OpenAI({{ baseURL: '{}' }})", server.base_url());
    /// # Ok(())
    /// # }
    /// ```
    pub fn cors(mut self, cors: bool) -> Self {
        self.cors = cors;
        self
    }

    /// Damages answers by chance: each answer has this fault with this probability, from 0 to 1. Call it
    /// again for more faults. It leaves out answers with faults of their own, from a script or a header.
    ///
    /// The same faults, the same [`fault_seed`](Self::fault_seed) and the same order of requests damage the
    /// same answers.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_mock::{Fault, MockServer};
    ///
    /// let server = MockServer::builder()
    ///     .random_fault(0.1, Fault::CutAfterChunks(3))
    ///     .random_fault(0.05, Fault::HtmlError(502))
    ///     .fault_seed(7)
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn random_fault(mut self, probability: f64, fault: Fault) -> Self {
        self.random_faults.push((probability, fault));
        self
    }

    /// Sets the seed of [`random_fault`](Self::random_fault). The default is 0.
    pub fn fault_seed(mut self, seed: u64) -> Self {
        self.fault_seed = seed;
        self
    }

    /// Sets how many requests are kept for [`MockServer::received`]. The default is 1,000.
    /// `chatwire serve` keeps 0, because it runs for long and never shows them.
    pub fn keep_requests(mut self, most: usize) -> Self {
        self.limits.kept_requests = most;
        self
    }

    /// Sets how many connections can be open at the same time. The default is 512. A load test with
    /// more clients sets more.
    ///
    /// A further connection closes the oldest one that waits for its client: for a request, for the
    /// rest of one, or for the client to read. If there is none, the client of the new one gets a
    /// 503.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.limits.connections = most;
        self
    }

    /// Sets the longest time for the head of a request, and again for its body. The default is 30
    /// seconds. A test of how a client takes a 408 sets less.
    ///
    /// A client that is too slow gets a 408, and the connection ends. A connection on which no
    /// request has begun is closed without an answer, also between two requests.
    pub fn request_timeout(mut self, longest: Duration) -> Self {
        self.limits.request_timeout = longest;
        self
    }

    /// Sets the longest time in which a client may read nothing of an answer that waits for it. The
    /// default is 30 seconds. After it, the connection is closed. A test in which a client pauses for
    /// longer sets more.
    pub fn write_timeout(mut self, longest: Duration) -> Self {
        self.limits.write_timeout = longest;
        self
    }

    /// Calls this function for each request, when its answer has ended. It must be quick, because the server
    /// waits for it. `chatwire serve` writes its log so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::mpsc;
    ///
    /// use chatwire_mock::{Exchange, MockServer};
    ///
    /// let (sender, exchanges) = mpsc::channel();
    /// let send = move |exchange: &Exchange| sender.send(exchange.clone()).unwrap_or_default();
    /// let server = MockServer::builder().on_exchange(send).start().await?;
    ///
    /// reqwest::get(format!("{}/models", server.base_url())).await?.bytes().await?;
    /// let exchange = exchanges.recv()?;
    /// assert_eq!((exchange.path.as_str(), exchange.status), ("/v1/models", Some(200)));
    /// assert!(exchange.is_complete);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_exchange(mut self, call: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.on_exchange = Some(OnExchange(Arc::new(call)));
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    /// Returns an error if the port cannot be opened, most often because it is taken, or of the kind
    /// [`InvalidData`](io::ErrorKind::InvalidData) if the recordings cannot be read or written or the
    /// upstream is not a URL, or of the kind [`InvalidInput`](io::ErrorKind::InvalidInput) if a reply of the
    /// script is wrong.
    pub async fn start(self) -> io::Result<MockServer> {
        let source = self.source()?;
        let listener = connection::listen(self.port)?;
        let address = listener.local_addr()?;
        let Self { cors, limits, .. } = self;
        let state = Arc::new(State::new(Settings {
            api_key: self.api_key,
            rules: Rules::new(self.script)?,
            answers: self.answers,
            chunk_delay: self.chunk_delay,
            models: self.models,
            random_faults: RandomFaults::new(self.random_faults, self.fault_seed),
            limits,
        }));
        let (stop, stopped) = oneshot::channel();
        let router = routes::router(state.clone(), source, cors, self.on_exchange.clone());
        let accepting = connection::accept(listener, router, limits, self.on_exchange, stopped);
        let accepting = tokio::spawn(accepting);
        Ok(MockServer { address, state, stop, accepting })
    }
}

impl MockServerBuilder {
    /// Where the answers come from.
    fn source(&self) -> io::Result<Source> {
        #[cfg(feature = "record")]
        if let Some((folder, upstream)) = &self.record {
            let upstream = Upstream::new(upstream, self.upstream_key.as_deref())?;
            return Ok(Source::Upstream(Arc::new(Recorder::new(folder, upstream)?)));
        }
        match &self.replay {
            Some(path) => Ok(Source::Recorded(Arc::new(Recordings::read(path, self.pauses)?))),
            None => Ok(Source::Made),
        }
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Debug for MockServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServerBuilder")
            .field("port", &self.port)
            .field("chunk_delay", &self.chunk_delay)
            .finish_non_exhaustive()
    }
}
