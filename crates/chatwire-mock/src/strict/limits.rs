//! Counts what a schema in strict mode may have at most. `keywords` checks what each schema consists of.

use std::collections::HashMap;

use serde_json::Value;

use super::keywords::{DEFINITIONS, target};
use super::{StrictProblem, problem};

const MOST_LEVELS: usize = 10;
const MOST_PROPERTIES: usize = 5000;
const MOST_ENUM_VALUES: usize = 1000;
const MOST_CHARACTERS: usize = 120_000;
/// An enum with more values than this has a limit of its own on their characters.
const LARGE_ENUM: usize = 250;
const MOST_CHARACTERS_OF_LARGE_ENUM: usize = 15_000;
/// The longest way down, so that a chain of references does not use up the stack.
const LONGEST_WAY: usize = 256;

/// Checks the limits of a schema that keeps all other rules.
pub(super) fn check(root: &Value) -> Result<(), StrictProblem> {
    let mut count = Count::default();
    count.schema(root)?;
    exceeds("object properties", count.properties, MOST_PROPERTIES)?;
    exceeds("enum values", count.enum_values, MOST_ENUM_VALUES)?;
    exceeds("characters in names and values", count.characters, MOST_CHARACTERS)?;
    let levels = Levels { root, known: HashMap::new() }.of(root, 0);
    exceeds("levels of nesting", levels.unwrap_or(MOST_LEVELS + 1), MOST_LEVELS)
}

fn exceeds(what: &str, count: usize, most: usize) -> Result<(), StrictProblem> {
    if count <= most {
        return Ok(());
    }
    Err(problem(&[], format!("{count} {what} exceeds limit of {most}.")))
}

#[derive(Default)]
struct Count {
    properties: usize,
    enum_values: usize,
    characters: usize,
}

impl Count {
    fn schema(&mut self, schema: &Value) -> Result<(), StrictProblem> {
        for table in DEFINITIONS.into_iter().chain(["properties"]) {
            let entries = schema.get(table).and_then(Value::as_object);
            for (name, entry) in entries.into_iter().flatten() {
                self.characters += name.chars().count();
                self.properties += usize::from(table == "properties");
                self.schema(entry)?;
            }
        }
        if let Some(items) = schema.get("items") {
            self.schema(items)?;
        }
        for arm in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
            self.schema(arm)?;
        }
        self.values(schema)
    }

    fn values(&mut self, schema: &Value) -> Result<(), StrictProblem> {
        let values = schema.get("enum").and_then(Value::as_array);
        let characters: usize = values.into_iter().flatten().map(characters).sum();
        let count = values.map_or(0, Vec::len);
        if count > LARGE_ENUM {
            let what = "characters in an enum of more than 250 values";
            exceeds(what, characters, MOST_CHARACTERS_OF_LARGE_ENUM)?;
        }
        self.enum_values += count;
        self.characters += characters + schema.get("const").map_or(0, self::characters);
        Ok(())
    }
}

fn characters(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

/// How many objects are inside each other. References are followed, but not around a cycle.
struct Levels<'a> {
    root: &'a Value,
    /// The levels below the target of a reference; 0 while they are counted.
    known: HashMap<&'a str, usize>,
}

impl<'a> Levels<'a> {
    /// `None` if the way down is too long.
    fn of(&mut self, schema: &'a Value, way: usize) -> Option<usize> {
        if way > LONGEST_WAY {
            return None;
        }
        if let Some(reference) = schema.get("$ref") {
            return self.of_reference(reference, way);
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let own = usize::from(properties.is_some());
        let items = schema.get("items").into_iter();
        let arms = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let inner = properties.into_iter().flat_map(|all| all.values()).chain(items).chain(arms);
        let mut deepest = 0;
        for each in inner {
            deepest = deepest.max(self.of(each, way + 1)?);
        }
        Some(own + deepest)
    }

    fn of_reference(&mut self, reference: &'a Value, way: usize) -> Option<usize> {
        let Some(name) = reference.as_str() else { return Some(0) };
        if let Some(levels) = self.known.get(name) {
            return Some(*levels);
        }
        let Some(target) = target(self.root, reference) else { return Some(0) };
        self.known.insert(name, 0);
        let levels = self.of(target, way + 1)?;
        self.known.insert(name, levels);
        Some(levels)
    }
}
