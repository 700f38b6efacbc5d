//! What a call makes of each kind of answer, with and without streaming. The table has one row for each
//! answer: what the server sends, and the outcome of `chat()` and of `stream()`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use chatwire_client::{Client, Error};
use chatwire_stream::{Done, StreamError};
use chatwire_types::{ChatCompletion, CreateChatCompletionRequest, Message};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

struct Row {
    status: &'static str,
    content_type: &'static str,
    body: &'static str,
    chat: &'static str,
    stream: &'static str,
}

const OK: &str = "200 OK";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";

const TABLE: &[Row] = &[
    // The documented answers.
    Row {
        status: OK,
        content_type: JSON,
        body: r#"{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}"#,
        chat: "Hello",
        stream: "Hello (WholeAnswer)",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            r#"data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
            "\n\n",
            r#"data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
            "\n\ndata: [DONE]\n\n",
        ),
        chat: "Hello",
        stream: "Hello (Marker)",
    },
    // The same bodies with the content type of the other.
    Row {
        status: OK,
        content_type: EVENTS,
        body: r#"{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}"#,
        chat: "Hello",
        stream: "Hello (WholeAnswer)",
    },
    Row {
        status: OK,
        content_type: JSON,
        body: concat!(
            r#"data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}"#,
            "\n\ndata: [DONE]\n\n",
        ),
        chat: "Hello",
        stream: "Hello (Marker)",
    },
    // A completion with the end of a stream behind it.
    Row {
        status: OK,
        content_type: JSON,
        body: concat!(
            r#"{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}"#,
            "\n\ndata: [DONE]\n\n",
        ),
        chat: "Hello",
        stream: "Hello (WholeAnswer)",
    },
    // A byte order mark, a comment, other line ends, and no `[DONE]`.
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            "\u{feff}: hi\r\n\r\n",
            r#"data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}"#,
            "\r\n\r\n",
        ),
        chat: "Hello",
        stream: "Hello (FinishReason)",
    },
    // Streams that are not complete.
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(r#"data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#, "\n\n"),
        chat: "InvalidBody: `Hel`, then Truncated",
        stream: "`Hel`, then Truncated",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            r#"data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
            "\n\n",
            r#"data: {"choices":[{"index":0,"delta":{"conte"#,
        ),
        chat: "InvalidBody: `Hel`, then Truncated",
        stream: "`Hel`, then Truncated",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            "data: Hel\n\n",
            r#"data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
            "\n\ndata: [DONE]\n\n",
        ),
        chat: "InvalidBody: `lo`, then Undecodable",
        stream: "`lo`, then Undecodable",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: ": processing\n\n",
        chat: "InvalidBody: ``, then Truncated",
        stream: "``, then Truncated",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: "",
        chat: "InvalidBody",
        stream: "``, then Truncated",
    },
    // Errors with the status of a success.
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            r#"data: {"error":{"message":"no quota","code":429}}"#,
            "\n\ndata: [DONE]\n\n",
        ),
        chat: "Api `no quota`: ``, then Api",
        stream: "``, then Api",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            "event: queue\n",
            r#"data: {"message":"position 3"}"#,
            "\n\n",
            r#"data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}],"error":null}"#,
            "\n\ndata: [DONE]\n\n",
        ),
        chat: "Hello",
        stream: "Hello (Marker)",
    },
    Row {
        status: OK,
        content_type: JSON,
        body: r#"{"choices":[{"index":0,"message":{"content":"Hi"}}],"error":{"message":"m"}}"#,
        chat: "Api `m`: `Hi`",
        stream: "`Hi`, then Api",
    },
    // One chunk in place of the answer.
    Row {
        status: OK,
        content_type: JSON,
        body: r#"{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}"#,
        chat: "Hello",
        stream: "Hello (WholeAnswer)",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: concat!(
            r#"data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
            "\n\n",
            r#"data: {"error":{"message":"overloaded"}}"#,
            "\n\n",
        ),
        chat: "Api `overloaded`: `Hel`, then Api",
        stream: "`Hel`, then Api",
    },
    Row {
        status: OK,
        content_type: EVENTS,
        body: "event: error\ndata: too many requests\n\n",
        chat: "Api: ``, then Api",
        stream: "``, then Api",
    },
    Row {
        status: OK,
        content_type: JSON,
        body: r#"{"error":{"message":"no such model","code":404}}"#,
        chat: "Api `no such model`",
        stream: "``, then NotEventStream",
    },
    // Bodies that are neither.
    Row {
        status: OK,
        content_type: "text/html",
        body: "<html>",
        chat: "InvalidBody",
        stream: "``, then NotEventStream",
    },
    Row {
        status: OK,
        content_type: "text/plain",
        body: "it is down",
        chat: "InvalidBody",
        stream: "``, then NotEventStream",
    },
    Row {
        status: OK,
        content_type: JSON,
        body: "",
        chat: "InvalidBody",
        stream: "``, then NotEventStream",
    },
    // Rejected requests.
    Row {
        status: "400 Bad Request",
        content_type: JSON,
        body: r#"{"error":{"message":"too hot","param":"temperature"}}"#,
        chat: "Api `too hot`",
        stream: "Api `too hot`",
    },
    Row {
        status: "400 Bad Request",
        content_type: EVENTS,
        body: concat!(r#"data: {"error":{"message":"too hot"}}"#, "\n\n"),
        chat: "Api `too hot`",
        stream: "Api `too hot`",
    },
    Row {
        status: "404 Not Found",
        content_type: "text/html",
        body: "<html>",
        chat: "Api",
        stream: "Api",
    },
];

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let mut wrong = Vec::new();
    for row in TABLE {
        let client = serve(row).await;
        let (chat, stream) = (outcome_of_chat(&client).await, outcome_of_stream(&client).await);
        if (row.chat, row.stream) != (&chat, &stream) {
            wrong.push(format!("{:?}\n   chat: {chat}\n stream: {stream}\n", row.body));
        }
    }
    assert!(wrong.is_empty(), "these answers have other outcomes:\n{}", wrong.join("\n"));
}

/// The chunks that stand for a whole answer, one by one.
#[tokio::test]
async fn a_whole_answer_is_streamed_as_chunks() {
    let client = serve(&TABLE[0]).await;
    let mut stream = client.stream(&request()).await.unwrap();
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text += &chunk.unwrap().text().unwrap_or_default();
    }
    assert_eq!((text.as_str(), stream.done()), ("Hello", Some(Done::WholeAnswer)));
}

#[tokio::test]
async fn an_incomplete_stream_in_place_of_an_answer_keeps_its_body() {
    let row = TABLE.iter().find(|row| row.chat == "InvalidBody: `Hel`, then Truncated").unwrap();
    let error = serve(row).await.chat(&request()).await.unwrap_err();
    assert_eq!((error.status(), error.body()), (Some(200), Some(row.body.as_bytes())));
    let words = error.to_string();
    assert!(words.starts_with("200 OK, but the answer is an incomplete event stream: "), "{words}");
    assert!(matches!(error.into(), StreamError::Truncated(_)));
}

/// A body that has too many objects is not read again without the limit.
#[tokio::test]
async fn a_body_with_too_many_objects_is_refused() {
    let client = serve(&TABLE[0]).await;
    assert!(client.with_max_objects(3).chat(&request()).await.is_ok());
    let error = client.with_max_objects(2).chat(&request()).await.unwrap_err();
    assert!(error.to_string().contains("raise `max_objects`"), "{error}");
}

/// Programs spawn calls on runtimes with several threads.
#[test]
fn calls_are_send() {
    fn check(_: &impl Send) {}
    let client = Client::builder().build().unwrap();
    let request = request();
    check(&client.chat(&request));
    check(&client.stream(&request));
    check(&async { client.stream(&request).await.unwrap().completion().await });
}

async fn outcome_of_chat(client: &Client) -> String {
    match client.chat(&request()).await {
        Ok(completion) => text(&completion),
        Err(error) => failure(&error),
    }
}

async fn outcome_of_stream(client: &Client) -> String {
    let mut stream = match client.stream(&request()).await {
        Ok(stream) => stream,
        Err(error) => return failure(&error),
    };
    match stream.completion().await {
        Ok(completion) => format!("{} ({:?})", text(&completion), stream.done().unwrap()),
        Err(error) => partial(&error).unwrap(),
    }
}

/// The kind of a failed call, the server's words, and the answer as far as it arrived.
fn failure(error: &Error) -> String {
    let words = error.message().map(|words| format!(" `{words}`")).unwrap_or_default();
    let alone = || error.partial().map(|answer| format!("`{}`", text(answer)));
    let partial = partial(error).or_else(alone).map(|partial| format!(": {partial}"));
    let partial = partial.unwrap_or_default();
    format!("{:?}{words}{partial}", error.kind())
}

/// The answer as far as it arrived, and the name of the error that ended it.
fn partial(error: &Error) -> Option<String> {
    let name = format!("{:?}", error.stream_error()?);
    let name = name.split('(').next().unwrap();
    Some(format!("`{}`, then {name}", text(error.partial()?)))
}

fn text(completion: &ChatCompletion) -> String {
    completion.text().unwrap_or_default().into_owned()
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("m", [Message::user("Hi")])
}

/// Starts a server that gives every request the same answer.
async fn serve(row: &Row) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let Row { status, content_type, body, .. } = row;
    let answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len(),
    );
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            assert!(socket.read(&mut [0; 4096]).await.unwrap() > 0);
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    Client::builder().base_url(base_url).api_key("sk-secret").build().unwrap()
}

#[tokio::test]
async fn each_method_asks_for_what_it_reads() {
    let server = chatwire_mock::MockServer::start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).build().unwrap();
    for stream in [None, Some(false), Some(true)] {
        let mut request = request();
        request.stream = stream;
        let whole = client.create_chat_completion(&request).await.unwrap();
        assert!(whole.text().is_some(), "{stream:?}");
        let body = client.create_chat_completion_stream(&request).await.unwrap();
        assert_eq!(body.media_type(), Some("text/event-stream"), "{stream:?}");
    }
}
