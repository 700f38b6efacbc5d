//! The rules of strict mode, as the official service applies them to a JSON Schema. The private module
//! `validate` finds the schemas of a request, and `limits` counts what a schema may have at most.
//!
//! The rules are public, so that other tests can check a schema without sending it.

mod keywords;
mod limits;

use std::fmt;

use serde_json::{Map, Value};

/// The first thing in a schema that strict mode refuses. `Display` writes it in the words of the official
/// service: the place, then the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StrictProblem {
    /// The keys from the root of the schema to the place of the problem.
    pub place: Vec<String>,
    /// The reason.
    pub reason: String,
}

impl fmt::Display for StrictProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("In context=(")?;
        for (position, key) in self.place.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}'{key}'")?;
        }
        write!(f, "), {}", self.reason)
    }
}

impl std::error::Error for StrictProblem {}

/// Checks a JSON Schema against the rules of strict mode:
///
/// - The root is an object, and not a union.
/// - Every object has `additionalProperties: false`, and names every property in `required`.
/// - Every schema has a `type`, an `anyOf`, or nothing but a `$ref`.
/// - No keyword is outside of the ones that strict mode knows.
/// - There are at most 10 objects inside each other, 5,000 properties, 1,000 enum values, and 120,000 characters in
///   names and values.
///
/// # Errors
///
/// Returns the first problem.
///
/// ```
/// use serde_json::json;
///
/// let open = json!({"type": "object", "properties": {}, "required": []});
/// let problem = chatwire_mock::strict::check(&open).unwrap_err();
/// assert_eq!(
///     problem.to_string(),
///     "In context=(), 'additionalProperties' is required to be supplied and to be false.",
/// );
/// ```
pub fn check(schema: &Value) -> Result<(), StrictProblem> {
    let mut place = Vec::new();
    check_root(schema, &place)?;
    let walk = Walk { root: schema };
    walk.schema(schema, &mut place)?;
    for table in keywords::DEFINITIONS {
        let definitions = schema.get(table).and_then(Value::as_object);
        for (name, definition) in definitions.into_iter().flatten() {
            walk.at(&[table, name], definition, &mut place)?;
        }
    }
    limits::check(schema)
}

fn check_root(schema: &Value, place: &[String]) -> Result<(), StrictProblem> {
    let unions = ["oneOf", "anyOf", "allOf", "enum", "not"];
    if unions.into_iter().any(|key| schema.get(key).is_some()) {
        let reason = "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/\
                      'not' at the top level.";
        return Err(problem(place, reason));
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "object" => Ok(()),
        other => {
            let got = other.map_or_else(|| "None".to_owned(), Value::to_string);
            let reason =
                format!("schema must be a JSON Schema of 'type: \"object\"', got 'type: {got}'.");
            Err(problem(place, reason))
        }
    }
}

fn problem(place: &[String], reason: impl Into<String>) -> StrictProblem {
    StrictProblem { place: place.to_vec(), reason: reason.into() }
}

/// Checks each schema inside of a root.
struct Walk<'a> {
    root: &'a Value,
}

impl Walk<'_> {
    /// Checks a schema that is under these keys.
    fn at(
        &self,
        keys: &[&str],
        schema: &Value,
        place: &mut Vec<String>,
    ) -> Result<(), StrictProblem> {
        let length = place.len();
        place.extend(keys.iter().map(|key| (*key).to_owned()));
        self.schema(schema, place)?;
        place.truncate(length);
        Ok(())
    }

    fn schema(&self, schema: &Value, place: &mut Vec<String>) -> Result<(), StrictProblem> {
        let Some(object) = schema.as_object() else {
            return Err(problem(place, "schema must be an object."));
        };
        if let Some(reference) = object.get("$ref") {
            return self.reference(reference, object, place);
        }
        if let Some(key) = object.keys().find(|key| !keywords::is_permitted(key, place.is_empty()))
        {
            return Err(problem(place, format!("'{key}' is not permitted.")));
        }
        keywords::check_values(object).map_err(|reason| problem(place, reason))?;
        self.arms(object, place)?;
        for name in keywords::types(object) {
            match name {
                "object" => self.object(object, place)?,
                "array" => self.array(object, place)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A reference stands alone, and its target exists.
    fn reference(
        &self,
        reference: &Value,
        object: &Map<String, Value>,
        place: &[String],
    ) -> Result<(), StrictProblem> {
        let others: Vec<_> = object.keys().filter(|key| *key != "$ref").collect();
        if !others.is_empty() {
            let others = others.iter().map(|key| format!("'{key}'")).collect::<Vec<_>>().join(", ");
            return Err(problem(place, format!("$ref cannot have keywords {{{others}}}.")));
        }
        match keywords::target(self.root, reference) {
            Some(_) => Ok(()),
            None => {
                let reason = format!(
                    "reference to component {reference} which was not found in the schema."
                );
                Err(problem(place, reason))
            }
        }
    }

    fn arms(
        &self,
        object: &Map<String, Value>,
        place: &mut Vec<String>,
    ) -> Result<(), StrictProblem> {
        match object.get("anyOf") {
            Some(Value::Array(arms)) if !arms.is_empty() => {
                arms.iter().enumerate().try_for_each(|(position, arm)| {
                    self.at(&["anyOf", &position.to_string()], arm, place)
                })
            }
            Some(_) => Err(problem(place, "'anyOf' must be an array that is not empty.")),
            None if object.contains_key("type") => Ok(()),
            None => Err(problem(place, "schema must have a 'type' key.")),
        }
    }

    fn object(
        &self,
        object: &Map<String, Value>,
        place: &mut Vec<String>,
    ) -> Result<(), StrictProblem> {
        if object.get("additionalProperties") != Some(&Value::Bool(false)) {
            let reason = "'additionalProperties' is required to be supplied and to be false.";
            return Err(problem(place, reason));
        }
        let none = Map::new();
        let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&none);
        keywords::check_required(object, properties).map_err(|reason| problem(place, reason))?;
        properties
            .iter()
            .try_for_each(|(name, property)| self.at(&["properties", name], property, place))
    }

    fn array(
        &self,
        object: &Map<String, Value>,
        place: &mut Vec<String>,
    ) -> Result<(), StrictProblem> {
        match object.get("items") {
            Some(items) => self.at(&["items"], items, place),
            None => Err(problem(place, "array schema missing items.")),
        }
    }
}

#[cfg(test)]
mod tests;
