//! Client, streams and types together, against the embedded server.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use chatwire::{
    ChatCompletion, ChatCompletionChunk, Client, CreateChatCompletionRequest, Error, ErrorKind,
    FinishReason, FunctionDefinition, FunctionTool, Message, StreamError, StreamOptions, ToolCall,
};
use chatwire_mock::{MockServer, MockServerBuilder};
use futures_core::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

async fn start(builder: MockServerBuilder) -> (MockServer, Client) {
    let server = builder.start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).api_key("sk-right").build().unwrap();
    (server, client)
}

fn request(prompt: &str) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("m", [Message::user(prompt)])
}

/// The completion of the same request with and without streaming, apart from what differs by call.
async fn both(client: &Client, request: &CreateChatCompletionRequest) -> [ChatCompletion; 2] {
    let whole = client.chat(request).await.unwrap().into_inner();
    let request = request.clone().stream_options(StreamOptions::new().include_usage(true));
    let joined = client.stream(&request).await.unwrap().completion().await.unwrap();
    [whole, joined].map(|mut completion| {
        completion.id = None;
        completion.created = None;
        completion
    })
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let (_server, client) = start(MockServer::builder()).await;
    for prompt in ["Say this is a test", "é and 😀"] {
        for n in [1, 3] {
            let [whole, joined] = both(&client, &request(prompt).n(n)).await;
            assert_eq!(whole, joined);
            assert_eq!(whole.choices.unwrap().len(), usize::try_from(n).unwrap());
        }
    }
}

#[tokio::test]
async fn tools_are_called_in_both_forms() {
    let (server, client) = start(MockServer::builder()).await;
    let tool = FunctionTool::new(FunctionDefinition::new("get_weather"));
    let request = request("What is the weather?").tools([tool]);
    let [whole, joined] = both(&client, &request).await;
    let without_ids = |completion: &ChatCompletion| {
        let json = serde_json::to_string(completion).unwrap();
        json.replace("call_mock3", "call_mock1")
    };
    assert_eq!(without_ids(&whole), without_ids(&joined));
    assert!(matches!(whole.tool_calls(), [ToolCall::Function(_)]));
    assert_eq!(whole.first_choice().unwrap().finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(server.requests().first().unwrap().tools.as_ref().map(Vec::len), Some(1));
}

#[tokio::test]
async fn chunks_are_lent_as_they_come() {
    let (_server, client) = start(MockServer::builder().answer("One two three")).await;
    let mut stream = client.stream(&request("")).await.unwrap();
    assert!(stream.request_id().unwrap().starts_with("req_"));
    let mut pieces = Vec::new();
    while let Some(chunk) = stream.next().await {
        pieces.extend(chunk.unwrap().text().map(|text| text.into_owned()));
    }
    assert_eq!(pieces, ["", "One", " two", " three"]);
}

#[tokio::test]
async fn a_chat_stream_is_a_stream_of_owned_chunks() {
    async fn count(stream: impl Stream<Item = Result<ChatCompletionChunk, Error>>) -> usize {
        let mut stream = pin!(stream);
        let mut count = 0;
        while let Some(chunk) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            chunk.unwrap();
            count += 1;
        }
        count
    }
    let (_server, client) = start(MockServer::builder().answer("One two three")).await;
    assert_eq!(count(client.stream(&request("")).await.unwrap().into_inner()).await, 5);
}

#[tokio::test]
async fn a_stream_in_the_request_does_not_confuse_chat() {
    let (server, client) = start(MockServer::builder()).await;
    let completion = client.chat(&request("Say hi").stream(true)).await.unwrap();
    assert_eq!(completion.text().as_deref(), Some("Hi!"));
    let mut stream = client.stream(&request("Say hi").stream(false)).await.unwrap();
    assert_eq!(stream.completion().await.unwrap().text().as_deref(), Some("Hi!"));
    let sent: Vec<_> = server.requests().iter().map(|request| request.stream).collect();
    assert_eq!(sent, [Some(false), Some(true)]);
}

#[tokio::test]
async fn refusals_are_typed() {
    let (_server, client) = start(MockServer::builder().api_key("sk-other")).await;
    let error = client.chat(&request("hi")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(401)));
    assert_eq!(error.code().as_deref(), Some("invalid_api_key"));
    let error = client.stream(&request("hi")).await.unwrap_err();
    assert_eq!(error.status(), Some(401));

    let (_server, client) = start(MockServer::builder()).await;
    let error = client.stream(&request("hi").n(0)).await.unwrap_err();
    assert_eq!((error.status(), error.param().as_deref()), (Some(400), Some("n")));
    assert!(error.request_id().is_some() && error.response().is_some());
    let empty = CreateChatCompletionRequest::new("m", Vec::<Message>::new());
    let error = client.chat(&empty).await.unwrap_err();
    assert_eq!(error.param().as_deref(), Some("messages"));
}

#[tokio::test]
async fn silence_is_an_outcome_of_its_own() {
    let server = MockServer::builder().chunk_delay(Duration::from_secs(30)).start().await.unwrap();
    let builder = Client::builder().base_url(server.base_url());
    let client = builder.idle_timeout(Duration::from_millis(30)).build().unwrap();
    let mut stream = client.stream(&request("hi")).await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error.stream_error(), Some(StreamError::IdleTimeout(_))), "{error:?}");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, Some(200)));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn an_id_with_a_slash_is_sent_as_one_segment() {
    let (_server, client) = start(MockServer::builder()).await;
    let error = client.get_chat_completion("chatcmpl/1?x").await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert!(error.message().unwrap().contains("chatcmpl/1?x"), "{error}");
}

/// A gateway passes on a call that failed as it does a stream that failed.
#[tokio::test]
async fn a_call_that_failed_is_an_error_of_a_stream() {
    let (_server, client) = start(MockServer::builder()).await;
    let refused = client.stream(&request("").temperature(3.0)).await.unwrap_err();
    let StreamError::Api(refused) = refused.into() else { panic!("an envelope") };
    assert_eq!(refused.param().as_deref(), Some("temperature"));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page = "<html>".repeat(1000);
    let answer = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    );
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    };
    let client = Client::builder().base_url(format!("http://{address}/v1")).build().unwrap();
    let hi = request("Hi");
    let (_open, other) = tokio::join!(serve, client.stream(&hi));
    let StreamError::NotEventStream(other) = other.unwrap_err().into() else { panic!("a page") };
    assert_eq!((other.status, other.content_type.as_deref()), (Some(404), Some("text/html")));
    assert_eq!(other.body, page.as_bytes()[..1024]);

    drop(listener);
    let client = Client::builder().base_url(format!("http://{address}/v1")).build().unwrap();
    let gone = client.stream(&hi).await.unwrap_err();
    assert!(matches!(gone.into(), StreamError::Transport(_)));
}
