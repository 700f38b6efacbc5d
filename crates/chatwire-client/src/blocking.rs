//! The client for programs without an asynchronous runtime: scripts, tests, a plain `fn main`. The [`crate::Client`]
//! makes the calls, on a thread of this module.
//!
//! ```
//! use chatwire_client::blocking::Client;
//! use chatwire_types::{CreateChatCompletionRequest, Message};
//!
//! fn main() -> Result<(), chatwire_client::Error> {
//! #   let runtime = tokio::runtime::Runtime::new().unwrap();
//! #   let server = runtime.block_on(chatwire_mock::MockServer::start()).unwrap();
//! #   let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?.blocking();
//! #   /*
//!     let client = Client::from_env()?;
//! #   */
//! #   let _: &Client = &client;
//!     let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")]);
//!     let completion = client.chat(&request)?;
//!     assert_eq!(completion.text().as_deref(), Some("This is a test!"));
//!
//!     let mut text = String::new();
//!     for chunk in client.stream(&request)? {
//!         text += &chunk?.text().unwrap_or_default();
//!     }
//!     assert_eq!(text, "This is a test!");
//!     Ok(())
//! }
//! ```
//!
//! # Settings
//!
//! The settings are those of the asynchronous client. [`crate::Client::blocking`] turns one into a blocking one:
//!
//! ```
//! # fn main() -> Result<(), chatwire_client::Error> {
//! use chatwire_client::Client;
//!
//! let client = Client::builder().base_url("http://127.0.0.1:8080/v1").build()?.blocking();
//! // For a single call:
//! let impatient = client.async_client().with_max_retries(0).blocking();
//! # Ok(())
//! # }
//! ```
//!
//! # Inside a runtime
//!
//! Inside a tokio runtime, a call is an error of the kind [`Config`](crate::ErrorKind::Config), and nothing is sent,
//! because it would stop the other tasks of the thread. Use the asynchronous client there. That includes
//! `spawn_blocking`, where `Handle::current().block_on(…)` waits for an asynchronous call.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::OnceLock;

use chatwire_stream::{ChunkDecoder, Done};
use chatwire_types::{
    self as types, ChatCompletion, ChatCompletionChunk, CreateChatCompletionRequest,
};
use futures_core::Stream;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{Error, GetChatCompletionMessages, ListChatCompletions, Response};

/// The thread on which the connections of all blocking clients live.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Returns the runtime, and starts it for the first call.
fn runtime() -> Result<&'static Runtime, Error> {
    if Handle::try_current().is_ok() {
        return Err(Error::config(
            "a blocking call inside a tokio runtime would stop its other tasks; use the asynchronous \
             `Client`, or a thread of `std::thread::spawn`"
                .to_owned(),
        ));
    }
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let started = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("chatwire")
        .enable_all()
        .build()
        .map_err(|error| Error::config(format!("no thread can be started for calls: {error}")))?;
    // If two threads start one, the other one ends here.
    Ok(RUNTIME.get_or_init(|| started))
}

/// A [`crate::Client`] whose methods wait for the answer. A clone is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Client(crate::Client);

impl crate::Client {
    /// Returns a client for programs without an asynchronous runtime. It shares the settings and the connections.
    ///
    /// Use one kind of client for a server: connections that an asynchronous client opened end with its runtime.
    #[must_use]
    pub fn blocking(&self) -> Client {
        Client(self.clone())
    }
}

impl Client {
    /// Builds a client from the environment, as [`crate::Client::from_env`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if a variable cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        crate::Client::from_env().map(Self)
    }

    /// The asynchronous client, for its settings.
    #[must_use]
    pub const fn async_client(&self) -> &crate::Client {
        &self.0
    }

    /// Waits for what the asynchronous client does in a closure, for calls without a blocking method.
    ///
    /// # Errors
    ///
    /// Returns the error of the closure, or an [`Error`] if the caller is inside a runtime.
    ///
    /// ```
    /// # fn main() -> Result<(), chatwire_client::Error> {
    /// # let runtime = tokio::runtime::Runtime::new().unwrap();
    /// # let server = runtime.block_on(chatwire_mock::MockServer::start()).unwrap();
    /// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?.blocking();
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("Say this is a test")]);
    /// let joined = client.call(async |client| client.stream(&request).await?.completion().await)?;
    /// assert_eq!(joined.text().as_deref(), Some("This is a test!"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<T, E: From<Error>>(
        &self,
        call: impl AsyncFnOnce(&crate::Client) -> Result<T, E>,
    ) -> Result<T, E> {
        runtime()?.block_on(call(&self.0))
    }

    /// Sends the request and waits for the whole answer: see [`crate::Client::chat`].
    ///
    /// # Errors
    ///
    /// Returns the same errors.
    pub fn chat(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Response<ChatCompletion>, Error> {
        self.call(async |client| client.chat(request).await)
    }

    /// Sends the request with `stream` set, and returns when the answer begins: see [`crate::Client::stream`].
    ///
    /// # Errors
    ///
    /// Returns an error if the server rejects the request or the connection fails. If the stream fails after that, it
    /// yields an error that has a [`stream_error`](Error::stream_error).
    pub fn stream(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Response<ChatStream>, Error> {
        self.stream_with(request, ChunkDecoder::new())
    }

    /// Does what [`stream`](Self::stream) does, with your own decoder: see [`crate::Client::stream_with`].
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`stream`](Self::stream).
    pub fn stream_with(
        &self,
        request: &CreateChatCompletionRequest,
        decoder: ChunkDecoder,
    ) -> Result<Response<ChatStream>, Error> {
        let stream = self.call(async |client| client.stream_with(request, decoder).await)?;
        Ok(stream.map(|stream| ChatStream(Waiting::new(stream))))
    }
}

/// A blocking method for each operation. A test compares the list with the operations of the document.
macro_rules! operations {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        /// The operations of the document.
        impl Client {
            $(
                #[doc = concat!("Waits for the answer of [`crate::Client::", stringify!($name), "`].")]
                ///
                /// # Errors
                ///
                /// Returns the same errors.
                pub fn $name(&self, $($argument: $kind),*) -> Result<Response<$answer>, Error> {
                    self.call(async |client| client.$name($($argument),*).await)
                }
            )*
        }
    };
}

operations! {
    list_chat_completions() -> types::ChatCompletionList;
    list_chat_completions_with(parameters: &ListChatCompletions) -> types::ChatCompletionList;
    create_chat_completion(body: &CreateChatCompletionRequest) -> ChatCompletion;
    get_chat_completion(completion_id: &str) -> ChatCompletion;
    update_chat_completion(completion_id: &str, body: &types::UpdateChatCompletionRequest) -> ChatCompletion;
    delete_chat_completion(completion_id: &str) -> types::ChatCompletionDeleted;
    get_chat_completion_messages(completion_id: &str) -> types::ChatCompletionMessageList;
    get_chat_completion_messages_with(
        completion_id: &str, parameters: &GetChatCompletionMessages
    ) -> types::ChatCompletionMessageList;
}

/// The lists of the document, item by item.
impl Client {
    /// Goes through all pages: see [`crate::Client::list_chat_completions_all`].
    pub fn list_chat_completions_all(
        &self,
        parameters: &ListChatCompletions,
    ) -> Items<ChatCompletion> {
        Items(Waiting::new(self.0.list_chat_completions_all(parameters)))
    }

    /// Goes through all pages: see [`crate::Client::get_chat_completion_messages_all`].
    pub fn get_chat_completion_messages_all(
        &self,
        completion_id: &str,
        parameters: &GetChatCompletionMessages,
    ) -> Items<types::StoredMessage> {
        Items(Waiting::new(self.0.get_chat_completion_messages_all(completion_id, parameters)))
    }
}

/// The chunks of one answer, as they arrive. It is an iterator: see [`Client::stream`].
///
/// Dropping it cancels the request.
pub struct ChatStream(Waiting<crate::ChatStream>);

/// All items of a list, from all its pages. It is an iterator: see [`crate::Items`].
pub struct Items<T>(Waiting<crate::Items<T>>);

/// A stream whose items are waited for.
struct Waiting<S> {
    stream: S,
    /// Whether an item was asked for inside a runtime. That error is the last item.
    is_refused: bool,
}

impl<S> Waiting<S> {
    const fn new(stream: S) -> Self {
        Self { stream, is_refused: false }
    }
}

impl<S: Stream<Item = Result<T, Error>> + Unpin, T> Iterator for Waiting<S> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_refused {
            return None;
        }
        let stream = &mut self.stream;
        let next = poll_fn(|context| Pin::new(&mut *stream).poll_next(context));
        match runtime() {
            Ok(runtime) => runtime.block_on(next),
            Err(error) => {
                self.is_refused = true;
                Some(Err(error))
            }
        }
    }
}

impl ChatStream {
    /// Reads the stream to its end and joins its chunks: see [`crate::ChatStream::completion`].
    ///
    /// # Errors
    ///
    /// Returns an error with the part of the answer that arrived ([`Error::partial`]).
    pub fn completion(&mut self) -> Result<ChatCompletion, Error> {
        runtime()?.block_on(self.0.stream.completion())
    }

    /// How the stream ended. Returns `None` until then, and after an error.
    #[must_use]
    pub const fn done(&self) -> Option<Done> {
        self.0.stream.done()
    }
}

impl Iterator for ChatStream {
    type Item = Result<ChatCompletionChunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// The chunks, so that `for chunk in client.stream(&request)?` works.
impl IntoIterator for Response<ChatStream> {
    type Item = Result<ChatCompletionChunk, Error>;
    type IntoIter = ChatStream;

    fn into_iter(self) -> ChatStream {
        self.into_inner()
    }
}

impl<T> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.stream.fmt(f)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.stream.fmt(f)
    }
}
