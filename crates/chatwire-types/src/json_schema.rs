//! Registers the schemas of the document with `schemars`, each with the types that it refers to.
//! The generated `json_schemas.rs` holds the schemas.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use crate::OrderedMap;

/// A type that a schema refers to: its name, and the function that registers it with the generator.
type Reference = (&'static str, fn(&mut SchemaGenerator) -> Schema);

/// Parses a schema, in which `{"$ref": "Name"}` stands for the type with that name.
pub fn from_document(
    text: &str,
    generator: &mut SchemaGenerator,
    references: &[Reference],
) -> Schema {
    // The generator wrote the text from parsed JSON, so it is always an object.
    let mut schema: Value = serde_json::from_str(text).unwrap_or_default();
    resolve(&mut schema, generator, references);
    Schema::try_from(schema).unwrap_or_default()
}

fn resolve(schema: &mut Value, generator: &mut SchemaGenerator, references: &[Reference]) {
    match schema {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str);
            let found = references.iter().find(|(known, _)| Some(*known) == name);
            if let Some((_, register)) = found {
                let registered = register(generator).to_value();
                object.remove("$ref");
                object.extend(registered.as_object().cloned().unwrap_or_default());
            } else {
                object.values_mut().for_each(|each| resolve(each, generator, references));
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|each| resolve(each, generator, references));
        }
        _ => {}
    }
}

impl<V: JsonSchema> JsonSchema for OrderedMap<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OrderedMap_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "object",
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_schema_refers_to_the_types_that_it_uses() {
        let schema = schemars::schema_for!(crate::FunctionCall).to_value();
        assert_eq!(schema.pointer("/title"), Some(&json!("FunctionCall")));
        assert_eq!(schema.pointer("/properties/arguments/type"), Some(&json!("string")));

        let schema = schemars::schema_for!(crate::CreateChatCompletionRequest).to_value();
        assert_eq!(
            schema.pointer("/properties/messages/items"),
            Some(&json!({ "$ref": "#/$defs/Message" }))
        );
        assert!(schema.pointer("/$defs/Message/anyOf").is_some());
    }
}
