//! Turns the arguments into a request, and a prompt into a message. [`tools`](super::tools) reads the files
//! with tools.

use std::path::Path;

use chatwire::{
    ContentPart, CreateChatCompletionRequest, JsonSchemaDefinition, JsonSchemaFormat, Message,
    StreamOptions,
};
use serde_json::Value;

use super::{image, tools};
use crate::args::ChatArgs;
use crate::failure::Failure;

/// The request without a prompt. Reads the files of the arguments.
pub(super) fn from_args(args: &ChatArgs) -> Result<CreateChatCompletionRequest, Failure> {
    let answer = &args.answer;
    let system: Vec<Message> = args.system.iter().map(Message::system).collect();
    let mut request = CreateChatCompletionRequest::new(&answer.model, system);
    request.n = answer.n;
    request.temperature = answer.temperature;
    if let Some(max_tokens) = answer.max_tokens {
        request = with_max_tokens(request, max_tokens);
    }
    if let Some(file) = &answer.schema {
        request = request.response_format(schema(file)?);
    }
    for file in &args.tools.tool_file {
        tools::read(file)?.into_iter().for_each(|tool| request.push_tool(tool));
    }
    if !args.output.no_stream {
        request = request.stream_options(StreamOptions::new().include_usage(true));
    }
    with_extra(request, &answer.extra)
}

fn with_max_tokens(
    request: CreateChatCompletionRequest,
    max_tokens: u32,
) -> CreateChatCompletionRequest {
    request.max_tokens(i64::from(max_tokens))
}

/// Replaces keys of the request. Documented keys must not be there twice, so this goes through JSON.
fn with_extra(
    request: CreateChatCompletionRequest,
    extra: &[(String, Value)],
) -> Result<CreateChatCompletionRequest, Failure> {
    if extra.is_empty() {
        return Ok(request);
    }
    let changed = serde_json::to_value(&request).and_then(|mut json| {
        if let Some(keys) = json.as_object_mut() {
            keys.extend(extra.iter().cloned());
        }
        serde_json::from_value(json)
    });
    changed.map_err(|error| Failure::new(format!("the request cannot be built: {error}")))
}

/// A JSON Schema, or what the key `json_schema` of a request holds: a schema with a name.
fn schema(file: &Path) -> Result<JsonSchemaFormat, Failure> {
    let json = read_json(file, "the schema")?;
    let named = json.get("schema").filter(|schema| schema.is_object()).is_some();
    let mut definition = if named {
        serde_json::from_value(json).map_err(|error| {
            Failure::new(format!("the schema {} cannot be used: {error}", file.display()))
        })?
    } else {
        JsonSchemaDefinition::new(name(&json, file)).schema(json)
    };
    definition.strict = Some(true);
    Ok(JsonSchemaFormat::new(definition))
}

/// The title of the schema or the name of the file, in the characters that services take.
fn name(schema: &Value, file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = schema.get("title").and_then(Value::as_str).unwrap_or(&stem);
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().take(LONGEST_NAME).map(plain).collect()
}

const LONGEST_NAME: usize = 64;

/// Reads a JSON object or list from a file.
pub(super) fn read_json(file: &Path, what: &str) -> Result<Value, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{what} {} cannot be read: {error}", file.display()))
    };
    let text = std::fs::read(file).map_err(|error| failed(&error))?;
    match serde_json::from_slice(&text) {
        Ok(json @ (Value::Object(_) | Value::Array(_))) => Ok(json),
        Ok(_) => Err(failed(&"it is neither a JSON object nor a list")),
        Err(error) => Err(failed(&format!("it is not JSON: {error}"))),
    }
}

pub(super) fn user_message(prompt: &str, images: &[String]) -> Result<Message, Failure> {
    if images.is_empty() {
        return Ok(Message::user(prompt));
    }
    let mut parts = vec![ContentPart::text(prompt)];
    for image in images {
        parts.push(image::part(image)?);
    }
    Ok(Message::user(parts))
}
