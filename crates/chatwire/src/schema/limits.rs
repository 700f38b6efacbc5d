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
}

impl Size {
    /// Adds a schema with all schemas inside of it, apart from the definitions.
    fn add(&mut self, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        self.properties += properties.map_or(0, Map::len);
        let names = properties.into_iter().flat_map(Map::keys);
        let values = schema.get("enum").and_then(Value::as_array);
        self.enum_values += values.map_or(0, Vec::len);
        let texts = values.into_iter().flatten().filter_map(Value::as_str);
        let texts = names.map(String::as_str).chain(texts);
        self.characters += texts.map(|text| text.chars().count()).sum::<usize>();
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
