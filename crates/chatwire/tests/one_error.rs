//! A function that returns `chatwire::Error` uses `?` on everything that a chat can fail with.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use chatwire::prelude::*;
use chatwire::stream::{Accumulator, ChunkReader, ChunkStream};
use chatwire::{ChatCompletion, Error, ErrorKind, StreamError};
use chatwire_mock::{Fault, MockServer, MockServerBuilder};
use futures_util::TryStreamExt as _;

async fn start(builder: MockServerBuilder) -> (MockServer, Client) {
    let server = builder.start().await.unwrap();
    let builder = Client::builder().base_url(server.base_url()).max_retries(0);
    (server, builder.build().unwrap())
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("m", [Message::user("Say this is a test")])
}

/// The ways to read an answer in parts.
async fn read(way: &str, client: &Client) -> Result<String, Error> {
    let mut stream = client.stream(&request()).await?;
    let mut text = String::new();
    match way {
        "next" => {
            while let Some(chunk) = stream.next().await {
                text += &chunk?.text().unwrap_or_default();
            }
        }
        "stream" => {
            while let Some(chunk) = stream.try_next().await? {
                text += &chunk.text().unwrap_or_default();
            }
        }
        "completion" => text += &stream.completion().await?.text().unwrap_or_default(),
        "bytes" => {
            let body = client.create_chat_completion_stream(&request()).await?;
            let mut chunks = ChunkStream::new(body.into_inner());
            while let Some(chunk) = chunks.next().await {
                text += &chunk?.text().unwrap_or_default();
            }
        }
        "joined" => {
            let mut accumulator = Accumulator::new();
            while let Some(chunk) = stream.try_next().await? {
                accumulator.push(&chunk);
            }
            accumulator.ensure_complete()?;
            text += &accumulator.into_completion().text().unwrap_or_default();
        }
        _ => panic!("{way}"),
    }
    Ok(text)
}

const WAYS: [&str; 5] = ["next", "stream", "completion", "bytes", "joined"];

#[tokio::test]
async fn a_stream_that_succeeds() {
    let (_server, client) = start(MockServer::builder()).await;
    for way in WAYS {
        assert_eq!(read(way, &client).await.unwrap(), "This is a test!", "{way}");
    }
}

/// What failed before the stream began can be told from what failed in it. Both have the metadata of the response.
#[tokio::test]
async fn a_stream_that_fails() {
    let faults = [
        (Fault::CutAfterChunks(3), ErrorKind::Transport, true),
        (Fault::ErrorAfterChunks(2), ErrorKind::Api, true),
        (Fault::Garbage, ErrorKind::InvalidBody, true),
        (Fault::HtmlError(502), ErrorKind::Api, false),
    ];
    for (fault, kind, in_stream) in faults {
        for way in WAYS {
            let (_server, client) =
                start(MockServer::builder().random_fault(1.0, fault.clone())).await;
            let error = read(way, &client).await.unwrap_err();
            let context = format!("{fault:?}, {way}: {error}");
            assert_eq!(error.stream_error().is_some(), in_stream, "{context}");
            assert_eq!(error.kind(), kind, "{context}");
            // A body that the program decodes has metadata only if the connection failed.
            if way != "bytes" || !in_stream {
                let status = if in_stream { 200 } else { 502 };
                assert_eq!(error.status(), Some(status), "{context}");
                assert!(error.request_id().is_some(), "{context}");
                assert!(error.rate_limits().is_some() && error.headers().is_some(), "{context}");
                assert!(context.contains(error.request_id().unwrap()), "{context}");
            }
            assert_eq!(error.partial().is_some(), way == "completion" && in_stream, "{context}");
        }
    }
}

#[tokio::test]
async fn an_error_in_a_stream_has_the_words_of_the_server() {
    let (_server, client) =
        start(MockServer::builder().random_fault(1.0, Fault::ErrorAfterChunks(2))).await;
    let error = read("completion", &client).await.unwrap_err();
    let Some(StreamError::Api(api)) = error.stream_error() else { panic!("{error:?}") };
    assert_eq!(error.message(), Some(&*api.message()));
    assert_eq!(
        (error.code(), error.error_type()),
        (api.code(), api.error_type().map(str::to_owned))
    );
    assert_eq!(error.response().as_ref(), Some(&api.response));
    assert!(error.code().is_some() || error.error_type().is_some(), "{error}");
    assert_eq!(error.partial().and_then(ChatCompletion::text).as_deref(), Some("This"));
    // A gateway passes it on as it came.
    assert_eq!(error.to_clients().status, 502);
    let StreamError::Api(passed_on) = error.clone().into() else { panic!("{error:?}") };
    assert_eq!(passed_on.response, api.response);
}

#[tokio::test]
async fn the_completion_of_a_stream_that_was_read() {
    async fn twice(client: &Client) -> Result<ChatCompletion, Error> {
        let mut stream = client.stream(&request()).await?;
        stream.next().await.transpose()?;
        stream.completion().await
    }
    let (_server, client) = start(MockServer::builder()).await;
    let error = twice(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.partial()), (ErrorKind::Config, None));
}

/// A blocking reader has no status, but the same error.
#[test]
fn a_reader() {
    fn read(body: &[u8]) -> Result<ChatCompletion, Error> {
        for chunk in ChunkReader::new(body) {
            chunk?;
        }
        Ok(ChunkReader::new(body).completion()?)
    }
    let body =
        &b"data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n"[..];
    assert_eq!(read(body).unwrap().text().as_deref(), Some("Hi"));
    let error = read(&body[..40]).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, None));
    assert!(matches!(error.stream_error(), Some(StreamError::Truncated(_))));
}

#[cfg(feature = "schemars")]
mod typed {
    use std::error::Error as _;

    use chatwire::parse::{ArgumentsError, ParseStream};
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    struct City {
        name: String,
    }

    const TOWN: &str = r#"{"town":"Oslo"}"#;

    async fn parse(client: &Client) -> Result<String, Error> {
        Ok(client.parse::<City>(&request()).await?.into_inner().name)
    }

    async fn parse_stream(client: &Client) -> Result<String, Error> {
        let mut stream: ParseStream<City> = client.parse_stream(&request()).await?;
        while let Some(text) = stream.next().await {
            text?;
        }
        Ok(stream.finish().await?.into_inner().name)
    }

    async fn tools(client: &Client) -> Result<String, Error> {
        let tools = Tools::new().with("find", async |city: City| city.name);
        let conversation = client.chat_with_tools(request(), &tools).await?;
        let mut stream = client.stream_with_tools(conversation.request, &tools);
        while let Some(event) = stream.next().await {
            event?;
        }
        Ok(stream.finish().await?.text().unwrap_or_default().into_owned())
    }

    #[tokio::test]
    async fn an_answer_that_is_not_the_type() {
        let (_server, client) = start(MockServer::builder().answer(TOWN)).await;
        for error in [parse(&client).await, parse_stream(&client).await] {
            let error = error.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::UnusableAnswer, Some(200)));
            let Some(ParseError::WrongShape { completion, .. }) =
                error.source().unwrap().downcast_ref()
            else {
                panic!("{error:?}")
            };
            let completion = completion.as_ref().unwrap();
            assert!(error.request_id().is_some() && error.request_id() == completion.request_id());
            assert_eq!(completion.text().as_deref(), Some(TOWN));
        }
        assert_eq!(tools(&client).await.unwrap(), TOWN);
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off() {
        let (_server, client) =
            start(MockServer::builder().random_fault(1.0, Fault::CutAfterChunks(3))).await;
        let error = parse_stream(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, Some(200)));
        assert!(error.stream_error().is_some() && error.request_id().is_some());
    }

    #[tokio::test]
    async fn a_request_that_is_refused() {
        let (_server, client) = start(MockServer::builder().api_key("sk-other")).await;
        for error in [parse(&client).await, parse_stream(&client).await, tools(&client).await] {
            let error = error.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(401)));
            assert!(error.stream_error().is_none() && error.request_id().is_some());
        }
    }

    #[test]
    fn types_and_arguments() {
        fn schema() -> Result<(), Error> {
            Tool::function::<std::collections::HashMap<String, City>>("find")?;
            Ok(())
        }
        fn arguments() -> Result<City, Error> {
            let call = chatwire::FunctionCall::new("find", "{}");
            let call: chatwire::ToolCall = chatwire::FunctionToolCall::new("call_1", call).into();
            Ok(call.arguments()?)
        }
        assert_eq!(schema().unwrap_err().kind(), ErrorKind::Request);
        let error = arguments().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnusableAnswer);
        assert!(error.source().unwrap().is::<ArgumentsError>());
    }
}
