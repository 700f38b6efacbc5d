//! The spans of a chat with tools, as an exporter of OpenTelemetry gets them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;

use chatwire::prelude::*;
use chatwire_mock::MockServer;
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

/// The weather in a city.
#[derive(Deserialize, JsonSchema)]
struct GetWeather {
    city: String,
}

/// Runs a chat and returns its spans, those that end first first.
async fn trace(is_streamed: bool, has_content: bool, fails: bool) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("test"))
        .with_filter(LevelFilter::INFO);
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let server = MockServer::start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).trace_content(has_content);
    let client = client.build().unwrap();
    let tools = Tools::new().with("get_weather", async move |args: GetWeather| match fails {
        true => Err("no thermometer"),
        false => Ok(format!("18 °C in {}", args.city)),
    });
    let request = CreateChatCompletionRequest::new("m", [Message::user("How is the weather?")]);
    if is_streamed {
        client.stream_with_tools(request, &tools).finish().await.unwrap();
    } else {
        client.chat_with_tools(request, &tools).await.unwrap();
    }
    exporter.get_finished_spans().unwrap()
}

fn attributes(span: &SpanData) -> BTreeMap<&str, String> {
    let pairs = span.attributes.iter();
    pairs.map(|pair| (pair.key.as_str(), pair.value.to_string())).collect()
}

fn check_tree(spans: &[SpanData]) {
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["chat m", "execute_tool get_weather", "chat m", "invoke_agent"]);
    let agent = spans.last().unwrap();
    for span in spans.iter().take(3) {
        assert_eq!(span.parent_span_id, agent.span_context.span_id(), "{}", span.name);
    }
    let kinds: Vec<_> = spans.iter().map(|span| span.span_kind.clone()).collect();
    let expected = [SpanKind::Client, SpanKind::Internal, SpanKind::Client, SpanKind::Internal];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_chat_is_one_tree() {
    for is_streamed in [false, true] {
        let spans = trace(is_streamed, false, false).await;
        check_tree(&spans);
        let [_, tool, _, agent] = &spans[..] else { panic!("{spans:?}") };
        let (tool, agent) = (attributes(tool), attributes(agent));
        assert_eq!(tool["gen_ai.operation.name"], "execute_tool");
        assert_eq!(tool["gen_ai.tool.name"], "get_weather");
        assert!(tool.contains_key("gen_ai.tool.call.id"), "{tool:?}");
        assert_eq!(agent["gen_ai.operation.name"], "invoke_agent");
        assert_eq!(agent["gen_ai.response.finish_reasons"], r#"["stop"]"#);
        let words = format!("{spans:?}");
        assert!(!words.contains("weather?") && !words.contains("Paris"), "{words}");
    }
}

#[tokio::test]
async fn a_tool_that_fails_is_an_error_and_the_chat_is_not() {
    let spans = trace(false, false, true).await;
    check_tree(&spans);
    let [_, tool, _, agent] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(attributes(tool)["error.type"], "tool_failed");
    assert!(matches!(tool.status, Status::Error { .. }));
    assert_eq!(agent.status, Status::Unset);
    assert!(!format!("{spans:?}").contains("thermometer"));
}

#[tokio::test]
async fn words_are_traced_if_they_are_switched_on() {
    let spans = trace(true, true, false).await;
    let tool = attributes(spans.get(1).unwrap());
    assert_eq!(tool["gen_ai.tool.call.arguments"], r#"{"city":"Paris"}"#);
    assert_eq!(tool["gen_ai.tool.call.result"], "18 °C in Paris");
}
