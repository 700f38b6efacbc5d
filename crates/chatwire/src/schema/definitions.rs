//! The definitions that a schema refers to: finds their targets, gives them plain names, and removes those that
//! nothing refers to. [`super::rewrite`] changes what is in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The longest way from reference to reference.
const LONGEST_WAY: usize = 64;

/// The schemas of a type, as they came from its derive macro.
pub(super) struct Definitions {
    /// The root, without the definitions.
    pub(super) root: Value,
    /// The definitions by their plain names.
    pub(super) named: Map<String, Value>,
    /// The plain name of each definition by the reference to it.
    names: BTreeMap<String, String>,
}

impl Definitions {
    pub(super) fn new(mut root: Value) -> Self {
        let defs = root.as_object_mut().and_then(|root| root.shift_remove("$defs"));
        let Some(Value::Object(defs)) = defs else {
            return Self { root, named: Map::new(), names: BTreeMap::new() };
        };
        let (mut named, mut names) = (Map::new(), BTreeMap::new());
        for (name, definition) in defs {
            let plain = unused_name(&name, &named);
            names.insert(name, plain.clone());
            named.insert(plain, definition);
        }
        Self { root, named, names }
    }

    /// The reference to write, and the schema that it names. `#` is the root.
    pub(super) fn target(&self, reference: &str) -> Option<(String, &Value)> {
        if reference == "#" {
            return Some((reference.to_owned(), &self.root));
        }
        let name = decoded(reference.strip_prefix("#/$defs/")?);
        let plain = self.names.get(&name)?;
        Some((format!("#/$defs/{plain}"), self.named.get(plain)?))
    }

    /// Whether a definition contains itself.
    pub(super) fn is_recursive(&self, reference: &str) -> bool {
        let Some((name, target)) = self.target(reference) else { return false };
        let (mut seen, mut left) = (BTreeSet::new(), vec![target]);
        while let Some(schema) = left.pop() {
            for inner in references(schema) {
                let Some((inner, target)) = self.target(inner) else { continue };
                if inner == name {
                    return true;
                }
                if seen.insert(inner) {
                    left.push(target);
                }
            }
        }
        false
    }

    /// Whether null fits a schema.
    pub(super) fn admits_null(&self, schema: &Value) -> bool {
        self.admits_null_within(schema, LONGEST_WAY)
    }

    fn admits_null_within(&self, schema: &Value, way: usize) -> bool {
        let Some(way) = way.checked_sub(1) else { return false };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.target(reference);
            return target.is_some_and(|(_, target)| self.admits_null_within(target, way));
        }
        let arms = ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
        if arms.flatten().any(|arm| self.admits_null_within(arm, way)) {
            return true;
        }
        match schema.get("type") {
            Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
            Some(name) => name == "null",
            None => schema.get("enum").is_some_and(has_null),
        }
    }
}

fn has_null(values: &Value) -> bool {
    values.as_array().is_some_and(|values| values.iter().any(Value::is_null))
}

/// A name in the characters that a reference needs no escapes for.
fn unused_name(name: &str, taken: &Map<String, Value>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(plain).collect();
    let mut unused = plain.clone();
    let mut count = 1_usize;
    while taken.contains_key(&unused) {
        count += 1;
        unused = format!("{plain}_{count}");
    }
    unused
}

/// Undoes the escapes of a reference: percent signs, then `~1` and `~0`.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).replace("~1", "/").replace("~0", "~")
}

/// Every reference inside of a schema.
fn references(schema: &Value) -> Vec<&str> {
    let (mut found, mut left) = (Vec::new(), vec![schema]);
    while let Some(value) = left.pop() {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                left.extend(object.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

/// The definitions that the root needs, in their order.
pub(super) fn used(root: &Value, mut named: Map<String, Value>) -> Map<String, Value> {
    let mut used = BTreeSet::new();
    let mut left: Vec<String> = names_in(root).collect();
    while let Some(name) = left.pop() {
        if let Some(definition) = named.get(&name).filter(|_| !used.contains(&name)) {
            left.extend(names_in(definition));
            used.insert(name);
        }
    }
    named.retain(|name, _| used.contains(name));
    named
}

fn names_in(schema: &Value) -> impl Iterator<Item = String> {
    references(schema)
        .into_iter()
        .filter_map(|name| name.strip_prefix("#/$defs/"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_decoded() {
        let root = json!({"$defs": {"Größe/~": {"type": "null"}, "Gr__e__": {"type": "string"}}});
        let definitions = Definitions::new(root);
        let (reference, target) = definitions.target("#/$defs/Gr%C3%B6%C3%9Fe~1~0").unwrap();
        assert_eq!((&*reference, target), ("#/$defs/Gr__e__", &json!({"type": "null"})));
        let (reference, _) = definitions.target("#/$defs/Gr__e__").unwrap();
        assert_eq!(reference, "#/$defs/Gr__e___2");
        assert!(definitions.target("#/$defs/%").is_none());
    }

    #[test]
    fn recursion_is_found() {
        let definitions = Definitions::new(json!({
            "properties": {"a": {"$ref": "#/$defs/a"}, "next": {"$ref": "#"}},
            "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"anyOf": [{"$ref": "#/$defs/b"}]}},
        }));
        let recursive = |name| definitions.is_recursive(name);
        assert_eq!(["#", "#/$defs/a", "#/$defs/b"].map(recursive), [true, false, true]);
    }
}
