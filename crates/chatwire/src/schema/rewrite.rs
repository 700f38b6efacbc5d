//! Rewrites every schema of a type by the rules of strict mode. [`super::merge`] puts together what is spread over
//! several schemas, and [`super::limits`] counts the result.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::definitions::{Definitions, used};
use super::merge::{Merger, Unmergeable};
use super::{Dropped, Refused};

/// The formats of strict mode.
const FORMATS: [&str; 9] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

const FREE_KEYS: (&str, &str) = (
    "is a map with free keys, and strict mode needs every key in the schema",
    "use a list of structs that have the key and the value as fields",
);
const ANY_JSON: (&str, &str) = (
    "can be any JSON, and strict mode needs a type",
    "name the type, or use a string that holds JSON",
);
const TUPLE: (&str, &str) = (
    "is a tuple, and strict mode has only lists whose items are of one type",
    "use a struct with named fields",
);
const CONDITION: (&str, &str) = (
    "has a condition, and strict mode has only unions",
    "use an enum with a variant for each case",
);
const NO_VALUE: (&str, &str) = ("fits no value", "use a type that has one");

/// Returns the schema for strict mode, what it drops, and what it cannot express.
pub(super) fn rewrite(root: Value, type_name: &str) -> (Value, Vec<Dropped>, Vec<Refused>) {
    let definitions = Definitions::new(root);
    let mut rewriter = Rewriter {
        definitions: &definitions,
        merger: Merger::new(&definitions),
        dropped: Vec::new(),
        refused: Vec::new(),
    };
    let mut root = rewriter.root(type_name);
    let named = definitions.named.iter().map(|(name, definition)| {
        let new = rewriter.schema(definition.clone(), name);
        (name.clone(), new)
    });
    let named = used(&root, named.collect());
    // The report must not name a definition that is written out everywhere.
    let is_used = |place: &str| {
        let owner = place.split(['.', '[', '(']).next().unwrap_or(place);
        owner == type_name || named.contains_key(owner)
    };
    rewriter.dropped.retain(|dropped| is_used(&dropped.place));
    let (dropped, refused) = (rewriter.dropped, rewriter.refused);
    if let Some(root) = root.as_object_mut().filter(|_| !named.is_empty()) {
        root.insert("$defs".to_owned(), Value::Object(named));
    }
    (root, dropped, refused)
}

struct Rewriter<'a> {
    definitions: &'a Definitions,
    merger: Merger<'a>,
    dropped: Vec<Dropped>,
    refused: Vec<Refused>,
}

impl Rewriter<'_> {
    /// The root must be an object, and not a union.
    fn root(&mut self, place: &str) -> Value {
        let mut root = self.definitions.root.clone();
        // A newtype refers to the type in it.
        if let Some(reference) = root.get("$ref").and_then(Value::as_str)
            && let Some((_, target)) = self.definitions.target(reference)
        {
            root = target.clone();
        }
        let root = self.schema(root, place);
        if root.get("type") != Some(&Value::from("object")) && self.refused.is_empty() {
            let is_union = root.get("anyOf").is_some();
            let reason = if is_union {
                "is a union at the root, and strict mode needs an object there"
            } else {
                "is not an object, and strict mode needs one at the root"
            };
            self.refuse(place, (reason, "wrap it in a struct that has it as its field"));
        }
        root
    }

    fn schema(&mut self, schema: Value, place: &str) -> Value {
        let schema = match schema {
            Value::Object(schema) => schema,
            Value::Bool(false) => return self.refuse(place, NO_VALUE),
            _ => return self.refuse(place, ANY_JSON),
        };
        let schema = match self.merger.whole(schema) {
            Ok(schema) => schema,
            Err(unmergeable) => return self.refuse(place, words(&unmergeable)),
        };
        if schema.len() == 1 && schema.contains_key("$ref") {
            return Value::Object(schema);
        }
        if schema.contains_key("prefixItems") {
            return self.refuse(place, TUPLE);
        }
        let mut new = self.keywords(schema, place);
        add_type(&mut new);
        if is_type(&new, "object") {
            close(&mut new);
        }
        if !new.contains_key("type") && !new.contains_key("anyOf") {
            return self.refuse(place, ANY_JSON);
        }
        if is_type(&new, "array") && !new.contains_key("items") {
            if new.get("maxItems").is_none_or(|most| *most != 0) {
                return self.refuse(&format!("{place}[]"), ANY_JSON);
            }
            new.insert("items".to_owned(), null());
        }
        Value::Object(new)
    }

    fn keywords(&mut self, schema: Map<String, Value>, place: &str) -> Map<String, Value> {
        let required = schema.get("required").cloned();
        let mut new = Map::new();
        for (key, value) in schema {
            match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    let properties = self.properties(properties, required.as_ref(), place);
                    new.insert(key, properties);
                }
                ("items", items) => {
                    let items = self.schema(items, &format!("{place}[]"));
                    new.insert(key, items);
                }
                ("oneOf" | "anyOf", Value::Array(arms)) => {
                    let arms = self.arms(arms, place);
                    new.insert("anyOf".to_owned(), arms);
                }
                ("const", value) => {
                    new.insert("enum".to_owned(), Value::Array(vec![value]));
                }
                (_, value) => self.simple(key, value, place, &mut new),
            }
        }
        new
    }

    /// The keywords that hold no schema that strict mode keeps.
    fn simple(&mut self, key: String, value: Value, place: &str, new: &mut Map<String, Value>) {
        match key.as_str() {
            "type" | "enum" | "description" | "title" | "pattern" | "multipleOf" | "maximum"
            | "exclusiveMaximum" | "minimum" | "exclusiveMinimum" | "minItems" | "maxItems" => {
                new.insert(key, value);
            }
            "format" if FORMATS.into_iter().any(|known| value == known) => {
                new.insert(key, value);
            }
            "additionalProperties" | "unevaluatedProperties" if value != false => {
                self.refuse(place, FREE_KEYS);
            }
            "patternProperties" => drop(self.refuse(place, FREE_KEYS)),
            "if" | "then" | "else" | "dependentSchemas" | "dependentRequired" => {
                self.refuse(place, CONDITION);
            }
            // They are written anew, or say nothing.
            "required" | "additionalProperties" | "unevaluatedProperties" | "$schema" => {}
            "default" if value.is_null() => {}
            _ => self.dropped.push(Dropped { place: place.to_owned(), keyword: key, value }),
        }
    }

    /// Every property is required. One that may be missing can be null instead.
    fn properties(
        &mut self,
        properties: Map<String, Value>,
        required: Option<&Value>,
        place: &str,
    ) -> Value {
        let required = required.and_then(Value::as_array).into_iter().flatten();
        let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
        let properties = properties.into_iter().map(|(name, property)| {
            let must_be_nullable =
                !required.contains(name.as_str()) && !self.definitions.admits_null(&property);
            let new = self.schema(property, &format!("{place}.{name}"));
            (name, if must_be_nullable { nullable(new) } else { new })
        });
        Value::Object(properties.collect())
    }

    /// The arms of a union, with those of a union inside of it.
    fn arms(&mut self, arms: Vec<Value>, place: &str) -> Value {
        let count = arms.len();
        let mut new = Vec::new();
        for (position, arm) in arms.into_iter().enumerate() {
            // A single arm, or the one beside null, needs no number.
            let place = match name_of_arm(&arm) {
                Some(name) => format!("{place}({name})"),
                None if count > 2 => format!("{place}({position})"),
                None => place.to_owned(),
            };
            match self.schema(arm, &place) {
                Value::Object(mut arm) if arm.len() == 1 && arm.contains_key("anyOf") => {
                    if let Some(Value::Array(inner)) = arm.shift_remove("anyOf") {
                        new.extend(
                            inner
                                .into_iter()
                                .filter(|each| !new.contains(each))
                                .collect::<Vec<_>>(),
                        );
                    }
                }
                arm if new.contains(&arm) => {}
                arm => new.push(arm),
            }
        }
        Value::Array(new)
    }

    /// Remembers what cannot be expressed, and returns a schema in its place.
    fn refuse(&mut self, place: &str, (reason, fix): (&str, &'static str)) -> Value {
        let refused = Refused { place: place.to_owned(), reason: reason.to_owned(), fix };
        if !self.refused.contains(&refused) {
            self.refused.push(refused);
        }
        null()
    }
}

/// The schema of null.
fn null() -> Value {
    Value::from_iter([("type", "null")])
}

fn words(unmergeable: &Unmergeable) -> (&'static str, &'static str) {
    match unmergeable {
        Unmergeable::UnknownReference => {
            ("refers to a schema that is not there", "derive `JsonSchema` for the type")
        }
        Unmergeable::Endless => {
            ("contains itself without an end", "put the inner value into an `Option` or a `Vec`")
        }
        Unmergeable::TwoUnions => (
            "has two flattened enums, and strict mode has no `allOf`",
            "flatten at most one of them",
        ),
        Unmergeable::OtherArm => (
            "has a flattened value that is not always an object",
            "make every variant of the flattened enum a struct",
        ),
    }
}

/// The name of an enum's variant, by its tag or its only key.
fn name_of_arm(arm: &Value) -> Option<&str> {
    let properties = arm.get("properties")?.as_object()?;
    let tag = properties.values().find_map(|property| property.get("const")?.as_str());
    tag.or_else(|| properties.keys().next().filter(|_| properties.len() == 1).map(String::as_str))
}

fn is_type(schema: &Map<String, Value>, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        Some(name) => name == wanted,
        None => false,
    }
}

/// Adds the type to a schema that says it only by its other keywords.
fn add_type(schema: &mut Map<String, Value>) {
    if schema.contains_key("type") || schema.contains_key("anyOf") {
        return;
    }
    let name = if schema.contains_key("properties") {
        Value::from("object")
    } else if schema.contains_key("items") {
        Value::from("array")
    } else if let Some(Value::Array(values)) = schema.get("enum") {
        let names: BTreeSet<&str> = values.iter().map(type_of).collect();
        let mut names: Vec<Value> = names.into_iter().map(Value::from).collect();
        match names.pop() {
            Some(name) if names.is_empty() => name,
            last => Value::Array(names.into_iter().chain(last).collect()),
        }
    } else {
        return;
    };
    schema.insert("type".to_owned(), name);
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Closes an object, and makes every property required.
fn close(schema: &mut Map<String, Value>) {
    let properties = schema.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    let names = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    schema.insert("required".to_owned(), names);
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
}

/// A union of a schema with null.
fn nullable(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    if let Some(Value::Array(arms)) = schema.get_mut("anyOf") {
        arms.push(null());
        return Value::Object(schema);
    }
    let type_name = schema.get("type").cloned();
    if let Some(Value::String(name)) = type_name {
        schema.insert("type".to_owned(), Value::Array(vec![name.into(), "null".into()]));
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
        return Value::Object(schema);
    }
    if let Some(Value::Array(names)) = schema.get_mut("type") {
        names.push("null".into());
        return Value::Object(schema);
    }
    let description = schema.shift_remove("description");
    let mut outer = Map::new();
    outer.extend(description.map(|text| ("description".to_owned(), text)));
    outer.insert("anyOf".to_owned(), Value::Array(vec![Value::Object(schema), null()]));
    Value::Object(outer)
}
