//! Finds the server to ask: an address, Azure, or a server inside this program. [`answer`](super::answer)
//! sends requests to it.

use std::time::Duration;

use chatwire::stream::{self, ChunkDecoder};
use chatwire::{Client, ClientBuilder};
use chatwire_mock::MockServer;

use super::notes;
use super::spinner::Spinner;
use crate::args::{CountLimit, EndPolicy, Limit, ServerArgs, TimeLimit};
use crate::failure::Failure;
use crate::serve::TOKEN_PACE;

/// The server to ask.
pub(super) struct Server {
    pub(super) client: Client,
    pub(super) description: String,
    /// Kept because the server stops when this is dropped.
    _embedded: Option<MockServer>,
}

impl Server {
    pub(super) async fn start(
        args: &ServerArgs,
        model: &str,
        spinner: &Spinner,
    ) -> Result<Self, Failure> {
        let embedded = if is_embedded(args) { Some(embedded().await?) } else { None };
        let builder = match &embedded {
            Some(server) => Client::builder().base_url(server.base_url()),
            None => address(args, model)?,
        };
        let client = configured(builder, args, spinner)?;
        let mut description = without_password(client.base_url());
        if embedded.is_some() {
            description +=
                ", embedded in this program (no OPENAI_API_KEY, OPENAI_BASE_URL or --base-url)";
        }
        Ok(Self { client, description, _embedded: embedded })
    }
}

fn is_embedded(args: &ServerArgs) -> bool {
    let in_args = args.base_url.is_some() || args.api_key.is_some() || args.azure.is_some();
    !in_args && !in_environment()
}

fn in_environment() -> bool {
    variable("OPENAI_API_KEY").is_some() || variable("OPENAI_BASE_URL").is_some()
}

/// An empty variable counts as unset, because many shells cannot unset one.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
    (!value.is_empty()).then_some(value)
}

async fn embedded() -> Result<MockServer, Failure> {
    MockServer::builder().chunk_delay(TOKEN_PACE).start().await.map_err(|error| {
        Failure::new(format!(
            "the embedded server cannot start: {error}; use another one with --base-url"
        ))
    })
}

/// The address and the key.
fn address(args: &ServerArgs, model: &str) -> Result<ClientBuilder, Failure> {
    let builder = match &args.azure {
        Some(endpoint) => {
            let deployment = args.azure_deployment.as_deref().unwrap_or(model);
            let builder = Client::azure(endpoint, deployment, &args.azure_api_version);
            // The key of another service must not go to Azure.
            match variable("AZURE_OPENAI_API_KEY") {
                Some(key) => builder.api_key(key),
                None => builder,
            }
        }
        None if in_environment() => {
            ClientBuilder::from_env().map_err(|error| Failure::call(&error))?
        }
        None => Client::builder(),
    };
    let builder = match &args.base_url {
        Some(base_url) => builder.base_url(base_url),
        None => builder,
    };
    Ok(match &args.api_key {
        Some(key) => builder.api_key(key),
        None => builder,
    })
}

fn configured(
    mut builder: ClientBuilder,
    args: &ServerArgs,
    spinner: &Spinner,
) -> Result<Client, Failure> {
    for (name, value) in &args.header {
        builder = builder.header(name, value);
    }
    for (name, value) in &args.query {
        builder = builder.query(name, value);
    }
    builder = args.limit.iter().fold(builder, with_limit);
    let spinner = spinner.clone();
    let builder = builder.on_retry(move |retry| {
        if let Some(text) = notes::wait(retry.delay(), retry.is_asked_by_server(), retry.error()) {
            spinner.suspend(|| notes::note(&text));
        }
    });
    builder.build().map_err(|error| Failure::call(&error))
}

fn with_limit(builder: ClientBuilder, limit: &Limit) -> ClientBuilder {
    match *limit {
        Limit::Time(limit, time) => with_time_limit(builder, limit, time),
        Limit::Count(CountLimit::BodySize, size) => builder.max_body_size(size.map(to_usize)),
        Limit::Count(CountLimit::Objects, count) => builder.max_objects(count.map(to_usize)),
        Limit::Count(CountLimit::Retries, count) => builder
            .max_retries(count.map_or(u32::MAX, |count| count.try_into().unwrap_or(u32::MAX))),
        Limit::Count(CountLimit::EventSize | CountLimit::AnswerSize, _) => builder,
    }
}

fn with_time_limit(
    builder: ClientBuilder,
    limit: TimeLimit,
    time: Option<Duration>,
) -> ClientBuilder {
    match limit {
        TimeLimit::Connect => builder.connect_timeout(time),
        TimeLimit::FirstByte => builder.first_byte_timeout(time),
        TimeLimit::Idle => builder.idle_timeout(time),
        TimeLimit::Chunk => builder.chunk_timeout(time),
        TimeLimit::End => builder.end_timeout(time),
        TimeLimit::Total => builder.total_timeout(time),
        TimeLimit::ErrorBody => builder.error_body_timeout(time),
    }
}

/// The settings for reading a stream.
pub(super) fn decoder(args: &ServerArgs) -> ChunkDecoder {
    let policy = match args.end_policy {
        EndPolicy::Finish => stream::EndPolicy::RequireFinishOrDone,
        EndPolicy::Any => stream::EndPolicy::AllowMissingFinish,
    };
    let decoder = ChunkDecoder::new().end_policy(policy);
    args.limit.iter().fold(decoder, |decoder, limit| match *limit {
        Limit::Count(CountLimit::EventSize, size) => decoder.max_event_size(size.map(to_usize)),
        Limit::Count(CountLimit::Objects, count) => {
            decoder.max_objects(count.map_or(usize::MAX, to_usize))
        }
        _ => decoder,
    })
}

/// The most memory of a streamed answer, in bytes.
pub(super) fn max_answer_size(args: &ServerArgs) -> usize {
    let size = args.limit.iter().rev().find_map(|limit| match *limit {
        Limit::Count(CountLimit::AnswerSize, size) => Some(size.map_or(usize::MAX, to_usize)),
        _ => None,
    });
    size.unwrap_or(DEFAULT_ANSWER_SIZE)
}

/// The same as in the client.
const DEFAULT_ANSWER_SIZE: usize = 64 << 20;

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// `http://user:password@host` without the user and the password, which must not be shown.
fn without_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => String::new(),
    }
}
