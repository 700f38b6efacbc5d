//! Puts the parts of one object together: a reference with other keys beside it, `allOf`, and a union beside
//! properties, which flattened enums make. [`super::rewrite`] then sees only schemas that are whole.

use serde_json::{Map, Value};

use super::definitions::Definitions;

/// The keys that say something about a value without constraining it.
const ANNOTATIONS: [&str; 8] = [
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
];

/// The types that may be written out in place of a reference. Beyond that, references stay, so that no schema
/// grows without end.
const MOST_WRITTEN_OUT: usize = 500;

/// How many references or lists of parts lead to one whole schema.
const DEEPEST: usize = 32;

/// Why parts cannot be put together.
pub(super) enum Unmergeable {
    /// The reference leads to no schema.
    UnknownReference,
    /// The schema contains itself in a way that has no end.
    Endless,
    /// There are two unions, and each answer has an arm of both.
    TwoUnions,
    /// An arm beside properties is not an object.
    OtherArm,
}

pub(super) struct Merger<'a> {
    definitions: &'a Definitions,
    written_out: usize,
}

impl<'a> Merger<'a> {
    pub(super) fn new(definitions: &'a Definitions) -> Self {
        Self { definitions, written_out: 0 }
    }

    /// Returns a schema that either is a reference and nothing else, or has no reference, no `allOf`, and no union
    /// beside properties.
    pub(super) fn whole(
        &mut self,
        mut schema: Map<String, Value>,
    ) -> Result<Map<String, Value>, Unmergeable> {
        for _ in 0..DEEPEST {
            if let Some(Value::String(reference)) = schema.get("$ref").cloned() {
                let Some((name, target)) = self.definitions.target(&reference) else {
                    return Err(Unmergeable::UnknownReference);
                };
                schema.insert("$ref".to_owned(), name.clone().into());
                if schema.len() == 1 || self.keeps_reference(&schema, &reference) {
                    return Ok(beside_reference(schema, name));
                }
                self.written_out += 1;
                schema.shift_remove("$ref");
                schema = merged(target_object(target), schema)?;
            } else if let Some(Value::Array(parts)) = schema.shift_remove("allOf") {
                for part in parts {
                    schema = merged(schema, target_object(&part))?;
                }
            } else {
                return self.without_union_beside_properties(schema);
            }
        }
        Err(Unmergeable::Endless)
    }

    /// A type that contains itself cannot be written out.
    fn keeps_reference(&self, schema: &Map<String, Value>, reference: &str) -> bool {
        let is_annotation = |key: &String| key == "$ref" || ANNOTATIONS.contains(&key.as_str());
        schema.keys().all(is_annotation)
            && (self.written_out >= MOST_WRITTEN_OUT || self.definitions.is_recursive(reference))
    }

    /// Adds the properties to each arm of the union.
    fn without_union_beside_properties(
        &mut self,
        mut schema: Map<String, Value>,
    ) -> Result<Map<String, Value>, Unmergeable> {
        if !schema.contains_key("properties") {
            return Ok(schema);
        }
        let unions = ["oneOf", "anyOf"].map(|key| schema.shift_remove(key));
        let arms = match unions {
            [None, None] => return Ok(schema),
            [Some(Value::Array(arms)), None] | [None, Some(Value::Array(arms))] => arms,
            _ => return Err(Unmergeable::TwoUnions),
        };
        let mut outer = Map::new();
        for key in ANNOTATIONS {
            outer.extend(schema.shift_remove_entry(key));
        }
        let whole = |arm: &Value| self.arm(schema.clone(), arm).map(Value::Object);
        let arms = arms.iter().map(whole).collect::<Result<_, _>>()?;
        outer.insert("anyOf".to_owned(), Value::Array(arms));
        Ok(outer)
    }

    fn arm(
        &mut self,
        base: Map<String, Value>,
        arm: &Value,
    ) -> Result<Map<String, Value>, Unmergeable> {
        let mut arm = target_object(arm);
        for _ in 0..DEEPEST {
            let Some(Value::String(reference)) = arm.shift_remove("$ref") else {
                let is_object = arm.get("type").is_none_or(|name| name == "object");
                return if is_object { merged(base, arm) } else { Err(Unmergeable::OtherArm) };
            };
            let Some((_, target)) = self.definitions.target(&reference) else {
                return Err(Unmergeable::UnknownReference);
            };
            arm = merged(target_object(target), arm)?;
        }
        Err(Unmergeable::Endless)
    }
}

/// A reference stands alone, so a description needs a schema around it.
fn beside_reference(mut schema: Map<String, Value>, name: String) -> Map<String, Value> {
    if schema.len() == 1 {
        return schema;
    }
    schema.shift_remove("$ref");
    let reference = Value::from_iter([("$ref", Value::String(name))]);
    schema.insert("anyOf".to_owned(), Value::Array(vec![reference]));
    schema
}

/// Anything that is not an object constrains nothing.
fn target_object(schema: &Value) -> Map<String, Value> {
    schema.as_object().cloned().unwrap_or_default()
}

/// Both schemas at once. If both have a key, the second value counts.
fn merged(
    mut first: Map<String, Value>,
    second: Map<String, Value>,
) -> Result<Map<String, Value>, Unmergeable> {
    let is_union = |key: &str| key == "oneOf" || key == "anyOf";
    if first.keys().any(|key| is_union(key)) && second.keys().any(|key| is_union(key)) {
        return Err(Unmergeable::TwoUnions);
    }
    for (key, value) in second {
        match (key.as_str(), first.get_mut(&key), value) {
            ("properties", Some(Value::Object(all)), Value::Object(more)) => all.extend(more),
            ("required" | "allOf", Some(Value::Array(all)), Value::Array(more)) => {
                all.extend(more);
            }
            (_, _, value) => drop(first.insert(key, value)),
        }
    }
    Ok(first)
}
