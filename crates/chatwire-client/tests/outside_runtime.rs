//! Calls outside a tokio runtime. They are errors that say so, because the caller chose another executor and
//! cannot know what a panic in a timer means.

use std::error::Error as StdError;

use chatwire_client::{Client, Error, ErrorKind, ListChatCompletions};
use chatwire_mock::MockServer;
use chatwire_stream::StreamError;
use chatwire_types::{CreateChatCompletionRequest, Message, UpdateChatCompletionRequest};
use futures_executor::block_on;

type Result<T = ()> = std::result::Result<T, Box<dyn StdError>>;

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")])
}

fn check<T>(name: &str, result: std::result::Result<T, Error>) {
    let error = result.err();
    assert_eq!(error.as_ref().map(Error::kind), Some(ErrorKind::Config), "{name}");
    let message = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains("tokio runtime"), "{name}: {message}");
}

#[test]
fn a_call_outside_a_runtime_is_an_error() -> Result {
    for base_url in ["http://127.0.0.1:9/v1", "https://chat.example/v1"] {
        let client = Client::builder().base_url(base_url).build()?;
        let own = Client::builder().http_client(chatwire_client::reqwest::Client::new());
        let own = own.base_url(base_url).build()?;
        for client in [client, own] {
            check("chat", block_on(client.chat(&request())));
            check("stream", block_on(client.stream(&request())));
            check("create", block_on(client.create_chat_completion(&request())));
            check("create_stream", block_on(client.create_chat_completion_stream(&request())));
            check("list", block_on(client.list_chat_completions()));
            let parameters = ListChatCompletions::new().limit(2);
            check("list_with", block_on(client.list_chat_completions_with(&parameters)));
            check("get", block_on(client.get_chat_completion("a")));
            let update = UpdateChatCompletionRequest::default();
            check("update", block_on(client.update_chat_completion("a", &update)));
            check("delete", block_on(client.delete_chat_completion("a")));
            check("messages", block_on(client.get_chat_completion_messages("a")));
        }
    }
    Ok(())
}

#[test]
fn a_stream_that_is_read_outside_its_runtime_ends_with_an_error() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = runtime.block_on(MockServer::start())?;
    let client = Client::builder().base_url(server.base_url()).build()?;
    let mut stream = runtime.block_on(client.stream(&request()))?;
    // Nothing drives the connection any more, so this read would never end.
    let error = block_on(async {
        loop {
            match stream.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Some(error),
                None => return None,
            }
        }
    });
    let error = error.ok_or("the stream ended without an error")?;
    assert!(matches!(error.stream_error(), Some(StreamError::Transport(_))), "{error:?}");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Config, Some(200)));
    assert!(error.to_string().contains("tokio runtime"), "{error}");
    Ok(())
}

#[test]
fn a_client_that_is_built_outside_a_runtime_calls_inside_one() -> Result {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(1).build()?;
    let server = runtime.block_on(MockServer::start())?;
    let client = Client::builder().base_url(server.base_url()).build()?;
    let completion = runtime.block_on(client.chat(&request()))?;
    assert_eq!(completion.text().as_deref(), Some("This is a test!"));
    // The guard of a runtime is enough, because its own thread drives the connection.
    let _guard = runtime.enter();
    let completion = block_on(async {
        client.stream(&request()).await?.completion().await.map_err(Box::<dyn StdError>::from)
    })?;
    assert_eq!(completion.text().as_deref(), Some("This is a test!"));
    Ok(())
}
