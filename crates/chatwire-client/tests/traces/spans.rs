//! Collects the spans of a test with the exporter of OpenTelemetry that keeps them in memory.

use std::collections::BTreeMap;

use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

/// Collects the spans of this thread.
pub(crate) struct Spans {
    exporter: InMemorySpanExporter,
    _provider: SdkTracerProvider,
    _guard: DefaultGuard,
}

impl Spans {
    pub(crate) fn collect() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        // Without what the layer adds to every span.
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("test"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_level(false);
        // Without the events of hyper.
        let targets =
            Targets::new().with_targets([("chatwire", Level::INFO), ("traces", Level::INFO)]);
        let subscriber = tracing_subscriber::registry().with(layer.with_filter(targets));
        let guard = tracing::subscriber::set_default(subscriber);
        Self { exporter, _provider: provider, _guard: guard }
    }

    /// The spans that have ended.
    pub(crate) fn ended(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    /// The only span that has ended.
    pub(crate) fn one(&self) -> Span {
        let ended = self.ended();
        let [span] = &ended[..] else { panic!("{ended:#?}") };
        Span::new(span)
    }
}

/// A span in a form that is easy to compare.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) attributes: BTreeMap<String, Value>,
    pub(crate) events: Vec<(String, BTreeMap<String, Value>)>,
}

impl Span {
    fn new(span: &SpanData) -> Self {
        assert_eq!(span.span_kind, SpanKind::Client);
        let map = |pairs: &[opentelemetry::KeyValue]| {
            pairs.iter().map(|pair| (pair.key.to_string(), pair.value.clone())).collect()
        };
        let events = span.events.iter();
        Self {
            name: span.name.to_string(),
            status: span.status.clone(),
            attributes: map(&span.attributes),
            events: events.map(|event| (event.name.to_string(), map(&event.attributes))).collect(),
        }
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.attributes.get(key).map(|value| value.as_str().into_owned())
    }

    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        match self.attributes.get(key)? {
            Value::I64(number) => Some(*number),
            other => panic!("{key} is {other:?}"),
        }
    }

    /// Whether a word occurs anywhere in the span.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        format!("{self:?}").contains(word)
    }
}
