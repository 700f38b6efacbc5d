//! The span of a stream, as an exporter of OpenTelemetry gets it:
//! `OPENAI_API_KEY=… cargo run -p chatwire --example traces --features tracing`.
//!
//! The exporter here keeps spans in memory. To send them to a collector, put
//! `with_batch_exporter(opentelemetry_otlp::SpanExporter::builder().with_http().build()?)` in its place.

use chatwire::prelude::*;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("my-program"));
    tracing_subscriber::registry().with(layer.with_filter(LevelFilter::INFO)).init();

    let client = Client::from_env()?;
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say hello")])
        .stream_options(chatwire::StreamOptions::new().include_usage(true));
    println!("{}", client.stream(&request).await?.completion().await?.text().unwrap_or_default());

    for span in exporter.get_finished_spans()? {
        println!("\n{} {:?}", span.name, span.status);
        for attribute in span.attributes.iter().filter(|pair| pair.key.as_str().contains("gen_ai"))
        {
            println!("  {} = {}", attribute.key, attribute.value);
        }
    }
    Ok(())
}
