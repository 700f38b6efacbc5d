//! The blocking client, in programs without a runtime and inside one.

#![cfg(feature = "blocking")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use chatwire_client::{Client, ErrorKind, ListChatCompletions, blocking};
use chatwire_mock::{Fault, MockServer, MockServerBuilder};
use chatwire_stream::Done;
use chatwire_types::{
    ChatCompletion, CreateChatCompletionRequest, Message, UpdateChatCompletionRequest,
};
use tokio::runtime::Runtime;

/// A server on a runtime of its own. The thread of the test is outside of it.
struct Server {
    mock: MockServer,
    _runtime: Runtime,
}

fn start(builder: MockServerBuilder) -> (Server, blocking::Client) {
    let runtime = Runtime::new().unwrap();
    let mock = runtime.block_on(builder.start()).unwrap();
    let client = Client::builder().base_url(mock.base_url()).max_retries(0).build().unwrap();
    (Server { mock, _runtime: runtime }, client.blocking())
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")])
}

#[test]
fn answers_and_streams() {
    let (_server, client) = start(MockServer::builder());
    assert_eq!(client.chat(&request()).unwrap().text().as_deref(), Some("This is a test!"));

    let stream = client.stream(&request()).unwrap();
    assert!(stream.request_id().is_some());
    let texts =
        stream.into_iter().map(|chunk| chunk.unwrap().text().unwrap_or_default().into_owned());
    assert_eq!(texts.collect::<String>(), "This is a test!");

    let mut stream = client.stream(&request()).unwrap();
    assert_eq!(stream.completion().unwrap().text().as_deref(), Some("This is a test!"));
    assert_eq!(stream.done(), Some(Done::Marker));
}

#[test]
fn the_other_operations() {
    let (_server, client) = start(MockServer::builder());
    let stored = client.create_chat_completion(&request().store(true)).unwrap();
    let id = stored.id.clone().unwrap();
    assert_eq!(client.get_chat_completion(&id).unwrap().id.as_deref(), Some(&*id));
    let update = UpdateChatCompletionRequest::new([("team".to_owned(), "blue".to_owned())]);
    assert!(client.update_chat_completion(&id, &update).unwrap().metadata.is_some());
    assert_eq!(client.list_chat_completions().unwrap().data.as_deref().map(<[_]>::len), Some(1));
    let all = client.list_chat_completions_all(&ListChatCompletions::new().limit(1));
    let ids: Vec<_> = all.map(|completion| completion.unwrap().id.unwrap()).collect();
    assert_eq!(ids, [&*id]);
    assert!(client.get_chat_completion_messages(&id).unwrap().data.is_some());
    client.delete_chat_completion(&id).unwrap();
    assert_eq!(client.get_chat_completion(&id).unwrap_err().status(), Some(404));
}

#[test]
fn a_stream_that_breaks_off_ends_with_an_error() {
    let (_server, client) =
        start(MockServer::builder().random_fault(1.0, Fault::CutAfterChunks(3)));
    let mut stream = client.stream(&request()).unwrap();
    let error = stream.find_map(Result::err).unwrap();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, Some(200)));
    assert!(stream.next().is_none());
    let error = client.stream(&request()).unwrap().completion().unwrap_err();
    assert_eq!(error.partial().and_then(ChatCompletion::text).as_deref(), Some("This is"));
}

#[test]
fn threads_share_a_client() {
    let (server, client) = start(MockServer::builder());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.chat(&request()).unwrap());
        }
    });
    assert_eq!(server.mock.requests().len(), 8);
}

/// It is an error in place of a panic, and nothing is sent.
#[test]
fn a_call_inside_a_runtime_is_an_error() {
    let (server, client) = start(MockServer::builder());
    let mut stream = client.stream(&request()).unwrap();
    let runtimes = [
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        Runtime::new().unwrap(),
    ];
    for runtime in runtimes {
        runtime.block_on(async {
            let mut items = client.list_chat_completions_all(&ListChatCompletions::new());
            let errors = [
                client.chat(&request()).map(drop).unwrap_err(),
                client.stream(&request()).map(drop).unwrap_err(),
                client.list_chat_completions().map(drop).unwrap_err(),
                items.next().unwrap().map(drop).unwrap_err(),
            ];
            assert!(items.next().is_none());
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.to_string().contains("inside a tokio runtime"), "{error}");
            }
        });
    }
    let runtime = Runtime::new().unwrap();
    let error = runtime.block_on(async { stream.next().unwrap().unwrap_err() });
    assert_eq!((error.kind(), stream.next().is_none()), (ErrorKind::Config, true));
    assert_eq!(server.mock.requests().len(), 1);
}

/// Every method of the document has a blocking one.
#[test]
fn no_operation_is_missing() {
    let read = |name: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)).unwrap()
    };
    let (generated, blocking) = (read("generated.rs"), read("blocking.rs"));
    let methods = generated.split("    pub ").skip(1).filter_map(|item| {
        let name = item.strip_prefix("async fn ").or_else(|| {
            item.strip_prefix("fn ")
                .filter(|item| item.split('(').next().unwrap().ends_with("_all"))
        })?;
        name.split(['<', '(']).next()
    });
    let methods: Vec<_> = methods.filter(|name| !name.ends_with("_stream")).collect();
    assert!(methods.len() >= 10, "{methods:?}");
    let missing: Vec<_> = methods
        .iter()
        .filter(|name| {
            !blocking.contains(&format!("    {name}("))
                && !blocking.contains(&format!("fn {name}("))
        })
        .collect();
    assert!(missing.is_empty(), "add these to `src/blocking.rs`: {missing:?}");
}
