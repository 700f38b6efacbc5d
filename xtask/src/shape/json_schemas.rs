//! `json_schemas`: writes the impl of schemars' `JsonSchema`, behind the feature `schemars`. It
//! comes from the document instead of the Rust type, so that it says what the document says; the
//! types crate resolves the types that it refers to.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal};
use quote::format_ident;
use serde_json::{Map, Value, json};
use syn::{Item, parse_quote};

use super::Tree;
use crate::load::{Entry, Node};
use crate::model::{self, Component, Kind, Model};

/// The keywords of OpenAPI 3.0 with the same meaning in JSON Schema.
const KEYWORDS: [&str; 15] = [
    "type",
    "format",
    "enum",
    "description",
    "deprecated",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "pattern",
    "required",
];

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        if !matches!(component.kind, Kind::Alias) {
            each.json_schema.push(schema_impl(component, model));
        }
    }
}

fn schema_impl(component: &Component, model: &Model) -> Item {
    let schema = schema(component.schema, model);
    let mut names = BTreeSet::new();
    references(&schema, &mut names);
    let types: Vec<Ident> = names.iter().map(|name| format_ident!("{name}")).collect();
    let names = names.iter();
    let (name, text) = (format_ident!("{}", component.name), &component.name);
    let literal = Literal::string(&schema.to_string());
    parse_quote! {
        impl JsonSchema for #name {
            fn schema_name() -> Cow<'static, str> {
                #text.into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!(module_path!(), "::", #text).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                json_schema::from_document(
                    #literal,
                    generator,
                    &[#((#names, SchemaGenerator::subschema_for::<#types>)),*],
                )
            }
        }
    }
}

/// A schema of the document as JSON Schema. A generated type stays a `$ref` to its bare name.
fn schema(source: &Node, model: &Model) -> Value {
    let plain = plain(source, model);
    if model::flag(source, "nullable") {
        json!({ "anyOf": [plain, { "type": "null" }] })
    } else {
        plain
    }
}

fn plain(source: &Node, model: &Model) -> Value {
    if let Some(name) = model::reference(source) {
        return reference(name, source, model);
    }
    let kept = source.entries().iter().filter_map(|each| entry(each, model));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// Refers to a generated type by name, and writes out an alias.
fn reference(name: &str, source: &Node, model: &Model) -> Value {
    match model.component(name) {
        Some(component) if matches!(component.kind, Kind::Alias) => schema(component.schema, model),
        _ => match source.get("description") {
            Some(text) => json!({ "description": text.to_json(), "$ref": name }),
            None => json!({ "$ref": name }),
        },
    }
}

fn entry(entry: &Entry, model: &Model) -> Option<(String, Value)> {
    let (key, value) = (entry.key.as_str(), &entry.value);
    let lowered = match key {
        "properties" => {
            let all = value.entries().iter();
            Value::Object(all.map(|each| (each.key.clone(), schema(&each.value, model))).collect())
        }
        "items" | "additionalProperties" if value.is_object() => schema(value, model),
        "oneOf" => {
            let branches = value.items().iter().map(|branch| schema(branch, model));
            return Some(("anyOf".to_owned(), branches.collect()));
        }
        _ if KEYWORDS.contains(&key) => value.to_json(),
        _ => return None,
    };
    Some((key.to_owned(), lowered))
}

fn references(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            names.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|each| references(each, names));
        }
        Value::Array(items) => items.iter().for_each(|each| references(each, names)),
        _ => {}
    }
}
