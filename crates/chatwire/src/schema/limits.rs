//! Counts a schema against the limits of strict mode. [`super::rewrite`] has made it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Refused;

/// How many objects may be inside each other. References are followed.
const MOST_LEVELS: usize = 10;
const MOST_PROPERTIES: usize = 5000;
const MOST_ENUM_VALUES: usize = 1000;
/// The characters of all names and of all values of enums.
const MOST_CHARACTERS: usize = 120_000;
/// An enum with more values than this has a limit of its own on their characters.
const LARGE_ENUM: usize = 250;
const MOST_CHARACTERS_OF_LARGE_ENUM: usize = 15_000;

/// Returns the first limit that the schema exceeds.
pub(super) fn check(root: &Value, place: &str) -> Option<Refused> {
    let definitions = root.get("$defs").and_then(Value::as_object);
    let mut size = Size::default();
    size.add(root);
    for (name, definition) in definitions.into_iter().flatten() {
        size.characters += name.chars().count();
        size.add(definition);
    }
    let counts = [
        (size.properties, MOST_PROPERTIES, "properties", "split it into several requests"),
        (
            size.enum_values,
            MOST_ENUM_VALUES,
            "enum values",
            "use a string in place of a large enum",
        ),
        (
            size.large_enum,
            MOST_CHARACTERS_OF_LARGE_ENUM,
            "characters in an enum of more than 250 values",
            "shorten its values",
        ),
        (size.characters, MOST_CHARACTERS, "characters in names and enum values", "shorten them"),
        (levels(root, definitions), MOST_LEVELS, "objects inside each other", "make it flatter"),
    ];
    let (count, most, what, fix) = counts.into_iter().find(|(count, most, ..)| count > most)?;
    let reason = format!("has {count} {what}, and strict mode allows {most}");
    Some(Refused { place: place.to_owned(), reason, fix })
}

#[derive(Default)]
struct Size {
    properties: usize,
    enum_values: usize,
    characters: usize,
    /// The characters of the largest enum, if it has many values.
    large_enum: usize,
}

impl Size {
    /// Adds a schema with all schemas inside of it, apart from the definitions.
    fn add(&mut self, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        self.properties += properties.map_or(0, Map::len);
        let count = |text: &str| text.chars().count();
        let names = properties.into_iter().flat_map(Map::keys);
        self.characters += names.map(|name| count(name)).sum::<usize>();
        let values = schema.get("enum").and_then(Value::as_array);
        let texts = values.into_iter().flatten().filter_map(Value::as_str);
        let characters = texts.map(count).sum();
        self.characters += characters;
        self.enum_values += values.map_or(0, Vec::len);
        if values.is_some_and(|values| values.len() > LARGE_ENUM) {
            self.large_enum = self.large_enum.max(characters);
        }
        inner(schema).for_each(|each| self.add(each));
    }
}

/// The schemas directly inside of one.
fn inner(schema: &Value) -> impl Iterator<Item = &Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let arms = schema.get("anyOf").and_then(Value::as_array);
    let properties = properties.into_iter().flat_map(Map::values);
    properties.chain(schema.get("items")).chain(arms.into_iter().flatten())
}

/// The most objects inside each other. A cycle of references counts once.
fn levels(root: &Value, definitions: Option<&Map<String, Value>>) -> usize {
    Levels { definitions, known: BTreeMap::new() }.of(root)
}

struct Levels<'a> {
    definitions: Option<&'a Map<String, Value>>,
    /// The levels of each definition; 0 while they are counted.
    known: BTreeMap<&'a str, usize>,
}

impl<'a> Levels<'a> {
    fn of(&mut self, schema: &'a Value) -> usize {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(name) = reference.and_then(|name| name.strip_prefix("#/$defs/")) {
            return self.of_definition(name);
        }
        let own = usize::from(schema.get("properties").is_some());
        own + inner(schema).map(|each| self.of(each)).max().unwrap_or(0)
    }

    fn of_definition(&mut self, name: &'a str) -> usize {
        if let Some(levels) = self.known.get(name) {
            return *levels;
        }
        self.known.insert(name, 0);
        let target = self.definitions.and_then(|all| all.get(name));
        let levels = target.map_or(0, |target| self.of(target));
        self.known.insert(name, levels);
        levels
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(schema: &Value, expected: &str) {
        let refused = check(schema, "T").map(|refused| refused.reason);
        assert!(refused.as_ref().is_some_and(|reason| reason.contains(expected)), "{refused:?}");
    }

    #[test]
    fn each_limit() {
        let wide: Value = (0..5001).map(|i| (format!("p{i}"), json!({"type": "null"}))).collect();
        refused(&json!({"properties": wide}), "5001 properties");
        let values = |count: usize, length: usize| {
            let values: Vec<_> = (0..count).map(|i| format!("{i:0length$}")).collect();
            json!({"$defs": {"T": {"enum": values}}})
        };
        refused(&values(1001, 4), "1001 enum values");
        refused(&values(251, 60), "15060 characters in an enum");
        refused(&values(240, 600), "144001 characters");
        assert_eq!(check(&values(250, 60), "T"), None);
    }
}
