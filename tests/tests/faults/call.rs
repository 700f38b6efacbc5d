//! Makes the call of a row, and describes what came of it. [`crate::check`] compares this with the row.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use chatwire_client::{Client, Error, Retry};
use chatwire_types::{ChatCompletion, CreateChatCompletionRequest, Message};
use tokio::time::timeout;

use crate::row::{Call, Case};
use crate::server::Server;
use crate::settings;

/// What came of a row.
#[derive(Debug)]
pub(crate) struct Actual {
    pub(crate) end: End,
    pub(crate) requests: usize,
    /// The delay of each retry in milliseconds if the server asked for it.
    pub(crate) delays: Vec<Option<u64>>,
}

#[derive(Debug)]
pub(crate) enum End {
    Text(String),
    Error(Failure),
    /// The call was not over at the limit of the row.
    Hang,
}

/// An error, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Failure {
    /// The `ErrorKind` of a call, if the call failed.
    pub(crate) error: Option<String>,
    /// The variant of the error that ended a stream, if the call returned one.
    pub(crate) ends: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) partial: Option<String>,
    /// The message.
    pub(crate) display: String,
    /// The message and those of its causes.
    pub(crate) chain: String,
    /// Everything that the error shows in any way.
    pub(crate) everything: String,
}

/// Plays a row against the client.
pub(crate) async fn run(case: &Case, texts: &BTreeMap<String, String>) -> Actual {
    let server = Server::start(case, texts).unwrap();
    let delays = Arc::new(Mutex::new(Vec::new()));
    let client = client(case, server.address, &texts["key"], delays.clone());
    let end = timeout(case.limit(), calls(case, &client)).await.unwrap_or(End::Hang);
    let delays = delays.lock().unwrap().clone();
    Actual { end, requests: server.requests(), delays }
}

fn client(
    case: &Case,
    address: SocketAddr,
    key: &str,
    delays: Arc<Mutex<Vec<Option<u64>>>>,
) -> Client {
    let note = move |retry: &Retry| {
        let delay = retry.is_asked_by_server().then(|| retry.delay().as_millis() as u64);
        delays.lock().unwrap().push(delay);
    };
    let builder = Client::builder().base_url(format!("http://{address}/v1")).api_key(key);
    settings::apply(builder.on_retry(note), &case.row.client).build().unwrap()
}

async fn calls(case: &Case, client: &Client) -> End {
    for _ in 1..case.row.calls {
        call(case, client).await;
        // The server may close the connection after its answer, and the client has to notice that.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    call(case, client).await
}

async fn call(case: &Case, client: &Client) -> End {
    let request = CreateChatCompletionRequest::new("m-9", [Message::user("Hello")]);
    match case.call {
        Call::Json => match client.chat(&request).await {
            Ok(completion) => End::Text(text(&completion)),
            Err(error) => End::Error(Failure::of_call(&error)),
        },
        Call::Stream => {
            match client.stream_with(&request, settings::decoder(&case.row.client)).await {
                Err(error) => End::Error(Failure::of_call(&error)),
                Ok(mut stream) => match stream.completion().await {
                    Ok(completion) => End::Text(text(&completion)),
                    Err(error) => End::Error(Failure::of_stream(&error)),
                },
            }
        }
    }
}

fn text(completion: &ChatCompletion) -> String {
    completion.text().unwrap_or_default().into()
}

impl Failure {
    fn of_call(error: &Error) -> Self {
        let headers = error.headers().into_iter().flatten();
        let values: Vec<_> =
            headers.map(|(_, value)| String::from_utf8_lossy(value.as_bytes())).collect();
        let body = String::from_utf8_lossy(error.body().unwrap_or_default());
        let mut failure = Self::of(error);
        let _ = write!(failure.everything, "{:?}\n{values:?}\n{body}", error.response());
        Self {
            error: Some(format!("{:?}", error.kind())),
            status: error.status(),
            partial: error.partial().map(text),
            ..failure
        }
    }

    fn of_stream(error: &Error) -> Self {
        let ends = error.source().map(|source| variant(&format!("{source:?}")));
        Self { ends, error: None, status: None, ..Self::of_call(error) }
    }

    fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut failure = Self { display: error.to_string(), ..Self::default() };
        let mut cause = Some(error);
        while let Some(error) = cause {
            let _ = writeln!(failure.chain, "{error}");
            let _ = writeln!(failure.everything, "{error}\n{error:?}\n{error:#?}");
            cause = error.source();
        }
        failure
    }
}

/// The variant of a stream's error from its `Debug`, such as `Truncated` of `Truncated(…)`.
fn variant(debug: &str) -> String {
    debug.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}
