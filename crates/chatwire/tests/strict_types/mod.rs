//! Schemas of many Rust types: each keeps the rules of strict mode, which the mock has on its own, or is refused with a
//! place and a reason.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod accepted;
mod examples;
mod refused;

use chatwire::prelude::*;
use chatwire::schema::{SchemaError, StrictSchema, strict_schema};
use chatwire::{ChatCompletion, ResponseFormat};
use chatwire_mock::{MockServer, strict};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// One type.
pub(crate) struct Case {
    schema: fn() -> Result<StrictSchema, SchemaError>,
    parse: fn(&ChatCompletion) -> Result<(), ParseError>,
}

impl Case {
    pub(crate) fn of<T: DeserializeOwned + JsonSchema>() -> Self {
        let parse = |completion: &ChatCompletion| completion.parse::<T>().map(drop);
        Self { schema: strict_schema::<T>, parse }
    }

    fn schema(&self) -> StrictSchema {
        (self.schema)().unwrap_or_else(|error| panic!("{error}"))
    }

    fn parse(&self, text: &str) {
        let choice = json!({"message": {"content": text}, "finish_reason": "stop"});
        let completion = serde_json::from_value(json!({"choices": [choice]})).unwrap();
        if let Err(error) = (self.parse)(&completion) {
            panic!("{}: {error}: {text}\n{:#}", self.schema().name(), self.schema().as_json());
        }
    }
}

#[test]
fn every_schema_keeps_the_rules() {
    let cases = accepted::cases();
    assert!(cases.len() >= 40, "{}", cases.len());
    for case in cases {
        let schema = case.schema();
        if let Err(problem) = strict::check(schema.as_json()) {
            panic!("{}: {problem}\n{:#}", schema.name(), schema.as_json());
        }
    }
}

/// Whatever the model writes by the schema is a value of the type.
#[test]
fn every_value_of_a_schema_is_a_value_of_its_type() {
    for case in accepted::cases() {
        let schema = case.schema();
        for seed in 0..200 {
            case.parse(&examples::example(schema.as_json(), seed).to_string());
        }
    }
}

#[tokio::test]
async fn the_service_takes_every_schema() {
    let server = MockServer::start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).build().unwrap();
    for case in accepted::cases() {
        let schema = case.schema();
        let name = schema.name().to_owned();
        let request = CreateChatCompletionRequest::new("m", [Message::user("Say x")])
            .response_format(ResponseFormat::from(schema));
        let answer = client.chat(&request).await;
        assert!(answer.is_ok(), "{name}: {}", answer.unwrap_err());
    }
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "the fields are there for their schema")]
struct Ordered {
    zebra: u8,
    apple: Option<String>,
    #[serde(default)]
    mango: bool,
    /// How it looks.
    look: Look,
    maybe: Option<Look>,
}

/// A look.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the fields are there for their schema")]
enum Look {
    Plain,
    /// It has a color.
    Colored {
        color: String,
    },
}

/// The exact form of what the rules leave open: order, nulls, descriptions.
#[test]
fn the_whole_of_one_schema() {
    let schema = strict_schema::<Ordered>().unwrap();
    let colored = json!({
        "description": "It has a color.",
        "type": "object",
        "properties": {"Colored": {
            "type": "object",
            "properties": {"color": {"type": "string"}},
            "additionalProperties": false,
            "required": ["color"],
        }},
        "required": ["Colored"],
        "additionalProperties": false,
    });
    let plain = json!({"type": "string", "enum": ["Plain"]});
    let expected = json!({
        "type": "object",
        "properties": {
            "zebra": {"type": "integer", "minimum": 0, "maximum": 255},
            "apple": {"type": ["string", "null"]},
            "mango": {"type": ["boolean", "null"]},
            "look": {"description": "How it looks.", "anyOf": [plain, colored]},
            "maybe": {"anyOf": [{"$ref": "#/$defs/Look"}, {"type": "null"}]},
        },
        "required": ["zebra", "apple", "mango", "look", "maybe"],
        "additionalProperties": false,
        "$defs": {"Look": {"description": "A look.", "anyOf": [plain, colored]}},
    });
    assert_eq!(schema.as_json(), &expected, "{:#}", schema.as_json());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let properties = keys(&schema.as_json()["properties"]);
    assert_eq!(properties, ["zebra", "apple", "mango", "look", "maybe"]);
    let dropped: Vec<_> = schema.dropped().iter().map(ToString::to_string).collect();
    assert_eq!(dropped, [r#"Ordered.zebra: `format: "uint8"`"#, "Ordered.mango: `default: false`"]);
}
