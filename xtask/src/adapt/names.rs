//! Gives every schema of a document a Rust name of its own. The same document gets the same names, and
//! `x-rust-name` in a schema replaces its name.

use std::collections::{HashMap, HashSet};

use heck::ToUpperCamelCase;

use crate::lint;
use crate::load::{Entry, Node};
use crate::names;

/// The names that are taken, and those of the components.
pub(super) struct Names {
    /// In small letters, because readers and some file systems confuse names that differ only in case.
    taken: HashSet<String>,
    components: HashMap<String, String>,
}

impl Names {
    /// Names the components, in the order of the document. One whose name is right keeps it.
    pub(super) fn new(components: &[Entry]) -> Self {
        let mut names = Self { taken: HashSet::new(), components: HashMap::new() };
        let given = |entry: &Entry| {
            let name = entry.value.get("x-rust-name").and_then(Node::as_str);
            type_name(name.unwrap_or(&entry.key))
        };
        // A right name is not given away to a component before it.
        let (right, others): (Vec<_>, Vec<_>) =
            components.iter().partition(|entry| given(entry) == entry.key);
        for entry in right.into_iter().chain(others) {
            let name = names.free(&given(entry));
            names.components.insert(entry.key.clone(), name);
        }
        names
    }

    /// The name of a component.
    pub(super) fn component(&self, key: &str) -> String {
        self.components.get(key).cloned().unwrap_or_else(|| type_name(key))
    }

    /// This name, or the first one with a number after it that is free.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let wanted = type_name(wanted);
        let mut name = wanted.clone();
        let mut number = 1;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        name
    }
}

/// A name in PascalCase that no other type has.
pub(super) fn type_name(text: &str) -> String {
    let ascii: String =
        text.chars().map(|each| if each.is_ascii_alphanumeric() { each } else { ' ' }).collect();
    let name = match ascii.trim().is_empty() {
        true => "Schema".to_owned(),
        false => stable(&names::variant(&ascii)),
    };
    if lint::is_taken(&name) || name.ends_with('_') {
        return format!("{}Type", name.trim_end_matches('_'));
    }
    name
}

/// The name as typify writes it, until it leaves it alone: `TTL` becomes `Ttl`.
fn stable(name: &str) -> String {
    let mut name = name.to_owned();
    loop {
        let next = name.to_upper_camel_case();
        if next == name {
            return name;
        }
        name = next;
    }
}

/// A Rust name for each text, all different and none of them `taken`. The second part says whether it is
/// another name than [`names::variant`] makes.
pub(super) fn variants<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    taken: &[&str],
) -> Vec<(String, bool)> {
    let mut seen: HashSet<String> = taken.iter().map(|name| (*name).to_owned()).collect();
    let mut variants = Vec::new();
    for text in texts {
        let plain = names::variant(text);
        let is_right = plain.starts_with(|first: char| first.is_ascii_uppercase())
            && plain.chars().all(|each| each.is_ascii_alphanumeric())
            && plain != "Self";
        let wanted = match is_right {
            true => plain.clone(),
            false => {
                let ascii: String = plain.chars().filter(char::is_ascii_alphanumeric).collect();
                format!("Value{ascii}")
            }
        };
        let mut name = wanted.clone();
        let mut number = 1;
        while !seen.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        let is_other = name != plain;
        variants.push((name, is_other));
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_of_its_own() {
        let names = ["chat_completion", "Vec", "日本", "24h", "Self", "a.b-c"];
        assert_eq!(
            names.map(type_name),
            ["ChatCompletion", "VecType", "SchemaType", "X24h", "SelfType", "Abc"]
                .map(str::to_owned)
        );
        let texts = ["a-b", "a_b", "+", "-", "unknown", "é"];
        let names = variants(texts, &["Unknown"]).into_iter().map(|(name, _)| name);
        let names: Vec<_> = names.collect();
        assert_eq!(names, ["AB", "AB2", "Empty", "Empty2", "Unknown2", "Value"]);
    }
}
