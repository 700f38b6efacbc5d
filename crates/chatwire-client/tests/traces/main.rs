//! The spans of calls and streams, as an exporter of OpenTelemetry gets them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod server;
mod spans;

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use chatwire_client::{Client, ClientBuilder};
use chatwire_types::{
    ContentPart, CreateChatCompletionRequest, FunctionDefinition, FunctionTool, Message,
};
use futures_core::Stream as _;
use opentelemetry::Value;
use opentelemetry::trace::Status;
use server::{Answer, EVENTS, JSON};
use spans::Spans;
use tracing::Instrument as _;

const KEY: &str = "sk-secret-123";
const QUESTION: &str = "Is the safe in the cellar?";
const ANSWER: &str = "It is behind the wine.";

/// A client of a server that gives these answers.
async fn client(answers: Vec<Answer>) -> ClientBuilder {
    Client::builder().base_url(server::start(answers).await).api_key(KEY)
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user(QUESTION)])
}

const WHOLE: Answer = (
    "200 OK",
    JSON,
    r#"{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_1",
    "choices":[{"index":0,"message":{"role":"assistant","content":"It is behind the wine."},"finish_reason":"stop"},
               {"index":1,"message":{"role":"assistant","content":"No."},"finish_reason":"length"}],
    "usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,
             "prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},
             "completion_tokens_details":{"reasoning_tokens":3}}}"#,
);

const CHUNKS: &str = concat!(
    r#"data: {"id":"chatcmpl-2","model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":"It is "}}]}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-2","model":"m-1","choices":[{"index":0,"delta":{"content":"behind the wine."}}]}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-2","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-2","model":"m-1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":5}}"#,
    "\n\ndata: [DONE]\n\n",
);

const STREAM: Answer = ("200 OK", EVENTS, CHUNKS);

#[tokio::test]
async fn a_call_has_every_attribute_and_no_words() {
    let client = client(vec![WHOLE]).await.extra("temperature", 0.5).build().unwrap();
    let spans = Spans::collect();
    let request = request()
        .n(2_u64)
        .max_completion_tokens(100)
        .top_p(0.25)
        .stop(vec!["END".to_owned(), "STOP".to_owned()])
        .response_format(chatwire_types::ResponseFormat::JsonObject(Default::default()));
    client.chat(&request).await.unwrap();
    let span = spans.one();
    assert_eq!((&*span.name, &span.status), ("chat gpt-4o-mini", &Status::Unset));
    let port = client.base_url().rsplit([':', '/']).nth(1).unwrap().parse::<i64>().unwrap();
    let expected: [(&str, Value); 21] = [
        ("gen_ai.operation.name", "chat".into()),
        ("gen_ai.provider.name", "openai".into()),
        ("gen_ai.output.type", "json".into()),
        ("gen_ai.request.model", "gpt-4o-mini".into()),
        ("gen_ai.request.choice.count", 2.into()),
        ("gen_ai.request.max_tokens", 100.into()),
        ("gen_ai.request.temperature", 0.5.into()),
        ("gen_ai.request.top_p", 0.25.into()),
        ("gen_ai.request.stop_sequences", r#"["END","STOP"]"#.into()),
        ("gen_ai.response.id", "chatcmpl-1".into()),
        ("gen_ai.response.model", "gpt-4o-mini-2024-07-18".into()),
        ("gen_ai.response.finish_reasons", r#"["stop","length"]"#.into()),
        ("gen_ai.usage.input_tokens", 11.into()),
        ("gen_ai.usage.output_tokens", 7.into()),
        ("gen_ai.usage.cache_read.input_tokens", 4.into()),
        ("gen_ai.usage.reasoning.output_tokens", 3.into()),
        ("openai.api.type", "chat_completions".into()),
        ("openai.response.service_tier", "default".into()),
        ("openai.response.system_fingerprint", "fp_1".into()),
        ("server.address", "127.0.0.1".into()),
        ("server.port", port.into()),
    ];
    let expected: BTreeMap<String, Value> =
        expected.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    assert_eq!(span.attributes, expected);
    for secret in [KEY, QUESTION, ANSWER] {
        assert!(!span.mentions(secret), "{span:?}");
    }
}

#[tokio::test]
async fn a_stream_has_its_usage_and_its_first_chunk() {
    let client = client(vec![STREAM, STREAM]).await.build().unwrap();
    for reads_chunks in [true, false] {
        let spans = Spans::collect();
        let mut stream = client.stream(&request()).await.unwrap();
        assert!(spans.ended().is_empty(), "the stream has just begun");
        if reads_chunks {
            while let Some(chunk) = stream.next().await {
                chunk.unwrap();
                assert!(spans.ended().is_empty(), "the stream goes on");
            }
        } else {
            stream.completion().await.unwrap();
        }
        // The stream is still there, but it has ended.
        let span = spans.one();
        drop(stream);
        assert_eq!((&*span.name, &span.status), ("chat gpt-4o-mini", &Status::Unset));
        assert_eq!(span.attributes.get("gen_ai.request.stream"), Some(&Value::Bool(true)));
        assert_eq!(span.text("gen_ai.response.id").as_deref(), Some("chatcmpl-2"));
        assert_eq!(span.text("gen_ai.response.model").as_deref(), Some("m-1"));
        assert_eq!(span.text("gen_ai.response.finish_reasons").as_deref(), Some(r#"["stop"]"#));
        assert_eq!(span.integer("gen_ai.usage.input_tokens"), Some(11));
        assert_eq!(span.integer("gen_ai.usage.output_tokens"), Some(5));
        let first = &span.attributes["gen_ai.response.time_to_first_chunk"];
        assert!(matches!(first, Value::F64(seconds) if *seconds > 0.0), "{first:?}");
        assert!(!span.mentions("safe") && !span.mentions("wine"), "{span:?}");
    }
}

#[tokio::test]
async fn a_stream_ends_its_span_when_it_is_dropped_or_cut_off() {
    const CUT: &str =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"It\"}}]}\n\n";
    let client = client(vec![STREAM, ("200 OK", EVENTS, CUT)]).await.build().unwrap();

    let spans = Spans::collect();
    let mut stream = client.stream(&request()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    let span = spans.one();
    assert_eq!(span.status, Status::Unset);
    assert_eq!(span.text("gen_ai.response.finish_reasons").as_deref(), Some(r#"["error"]"#));

    let spans = Spans::collect();
    let mut stream = client.stream(&request()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    stream.next().await.unwrap().unwrap_err();
    let span = spans.one();
    assert_eq!(span.text("error.type").as_deref(), Some("truncated"));
    assert!(matches!(span.status, Status::Error { .. }));
    assert_eq!(span.text("gen_ai.response.finish_reasons").as_deref(), Some(r#"["error"]"#));
}

#[tokio::test]
async fn a_raw_stream_has_a_span_too() {
    let client = client(vec![STREAM]).await.build().unwrap();
    let spans = Spans::collect();
    let request = request();
    let mut body = client.create_chat_completion_stream(&request).await.unwrap();
    while poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await.is_some() {}
    let span = spans.one();
    assert!(span.attributes.contains_key("gen_ai.response.time_to_first_chunk"), "{span:?}");
    assert_eq!(span.status, Status::Unset);
}

#[tokio::test]
async fn each_retry_is_an_event() {
    const BUSY: Answer = (
        "429 Too Many Requests",
        JSON,
        r#"{"error":{"message":"you said: Is the safe in the cellar?","code":"rate_limit_exceeded"}}"#,
    );
    let client = client(vec![BUSY, ("503 Service Unavailable", JSON, "{}"), WHOLE]).await;
    let client = client.build().unwrap();
    let spans = Spans::collect();
    client.chat(&request()).await.unwrap();
    let span = spans.one();
    let [(name, first), (_, second)] = &span.events[..] else { panic!("{span:#?}") };
    assert_eq!((&**name, &span.status), ("retry", &Status::Unset));
    assert_eq!(first["error.type"], "rate_limit_exceeded".into());
    assert_eq!(first["http.response.status_code"], 429.into());
    assert_eq!(first["http.request.resend_count"], 1.into());
    assert_eq!(first["retry.delay"], 0.001.into());
    assert_eq!(second["error.type"], "503".into());
    assert_eq!(second["http.request.resend_count"], 2.into());
    assert!(!span.mentions("safe"), "{span:?}");
}

#[tokio::test]
async fn errors_have_a_type() {
    const REFUSED: Answer = (
        "401 Unauthorized",
        JSON,
        r#"{"error":{"message":"Incorrect API key provided: sk-secret-123","code":"invalid_api_key"}}"#,
    );
    let page = ("502 Bad Gateway", "text/html", "<html>It is behind the wine.</html>");
    let other = ("200 OK", JSON, r#"{"words":"It is behind the wine."}"#);
    for (answer, expected) in [(REFUSED, "invalid_api_key"), (page, "502"), (other, "invalid_body")]
    {
        let client = client(vec![answer]).await.max_retries(0).build().unwrap();
        let spans = Spans::collect();
        let error = client.chat(&request()).await.unwrap_err();
        let span = spans.one();
        assert_eq!(span.text("error.type").as_deref(), Some(expected), "{error}");
        assert!(matches!(span.status, Status::Error { .. }));
        assert!(!span.mentions(KEY) && !span.mentions("wine"), "{span:?}");
    }
    let nobody = Client::builder().base_url("http://127.0.0.1:9").max_retries(0).build().unwrap();
    let spans = Spans::collect();
    nobody.stream(&request()).await.unwrap_err();
    assert_eq!(spans.one().text("error.type").as_deref(), Some("connect"));
}

#[tokio::test]
async fn a_streamed_answer_to_a_call_is_one_good_span() {
    let client = client(vec![STREAM]).await.build().unwrap();
    let spans = Spans::collect();
    client.chat(&request()).await.unwrap();
    let span = spans.one();
    assert_eq!(span.status, Status::Unset);
    assert_eq!(span.integer("gen_ai.usage.output_tokens"), Some(5));
    assert_eq!(span.text("error.type"), None);
}

#[tokio::test]
async fn the_other_operations_have_spans() {
    let list = ("200 OK", JSON, r#"{"data":[],"has_more":false}"#);
    let client = client(vec![WHOLE, list]).await.build().unwrap();
    let spans = Spans::collect();
    client.get_chat_completion("chatcmpl-1").await.unwrap();
    let span = spans.one();
    assert_eq!(span.name, "fetch_response");
    assert_eq!(span.integer("gen_ai.usage.input_tokens"), None);
    let spans = Spans::collect();
    client.list_chat_completions().await.unwrap();
    let span = spans.one();
    assert_eq!(span.name, "list_chat_completions");
    assert_eq!(span.text("gen_ai.operation.name").as_deref(), Some("list_chat_completions"));
}

#[tokio::test]
async fn words_are_traced_if_they_are_switched_on() {
    let client = client(vec![WHOLE, STREAM, STREAM]).await.trace_content(true).build().unwrap();
    let picture = ContentPart::image_url("data:image/png;base64,iVBORw0KGgo=");
    let message = Message::user([ContentPart::text(QUESTION), picture]);
    let tool = FunctionTool::new(FunctionDefinition::new("open_safe"));
    let request = CreateChatCompletionRequest::new("m", [message]).tools([tool]);
    let output =
        r#"{"role":"assistant","parts":[{"type":"text","content":"It is behind the wine."}]}"#;
    for turn in 0..3 {
        let spans = Spans::collect();
        match turn {
            0 => drop(client.chat(&request).await.unwrap()),
            1 => drop(client.stream(&request).await.unwrap().completion().await.unwrap()),
            _ => {
                let mut stream = client.stream(&request).await.unwrap();
                while stream.next().await.is_some() {}
            }
        }
        let span = spans.one();
        assert_eq!(
            span.text("gen_ai.input.messages").unwrap(),
            r#"[{"role":"user","parts":[{"type":"text","content":"Is the safe in the cellar?"},{"type":"blob","modality":"image","mime_type":"image/png","content":""}]}]"#
        );
        let tools = span.text("gen_ai.tool.definitions").unwrap();
        assert_eq!(tools, r#"[{"type":"function","name":"open_safe"}]"#);
        assert!(span.text("gen_ai.output.messages").unwrap().contains(output), "{span:?}");
        assert!(!span.mentions(KEY));
    }
    let quiet = Spans::collect();
    let nobody = client.with_trace_content(false).with_max_retries(0);
    drop(nobody.chat(&request).await);
    assert!(quiet.one().text("gen_ai.input.messages").is_none());
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_span() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let client = Client::builder().base_url(base_url).build().unwrap();
    let spans = Spans::collect();
    let wait = Duration::from_millis(20);
    tokio::time::timeout(wait, client.chat(&request())).await.unwrap_err();
    assert_eq!(spans.one().name, "chat gpt-4o-mini");
}

#[tokio::test]
async fn a_span_is_below_that_of_the_caller() {
    let client = client(vec![WHOLE]).await.build().unwrap();
    let spans = Spans::collect();
    let outer = tracing::info_span!("handle");
    client.chat(&request()).instrument(outer.clone()).await.unwrap();
    drop(outer);
    let [call, outer] = &spans.ended()[..] else { panic!("{:?}", spans.ended()) };
    assert_eq!(call.parent_span_id, outer.span_context.span_id());
}
