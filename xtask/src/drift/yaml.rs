//! Writes a tree as YAML in the style of our document, to be pasted. [`super::dialect`] makes the
//! tree.

use serde_json::{Map, Value};

/// Words that YAML takes for something other than text.
const TAKEN: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A longer key needs a question mark before it (YAML 1.2.2, section 7.4.2).
const LONGEST_KEY: usize = 1000;

/// Writes the entries of an object, each line indented by `depth` times two spaces.
pub(super) fn entries(entries: &Map<String, Value>, depth: usize) -> String {
    let mut text = String::new();
    let indent = "  ".repeat(depth);
    for (key, value) in entries {
        let key = scalar(key);
        text += &match key.chars().count() > LONGEST_KEY {
            true => format!("{indent}? {key}\n{indent}:"),
            false => format!("{indent}{key}:"),
        };
        below(value, depth, &mut text);
    }
    text
}

/// Writes what follows the colon of a key.
fn below(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            *text += &entries(map, depth + 1);
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            text.push('\n');
            list.iter().for_each(|item| text.push_str(&self::item(item, depth)));
        }
        other => {
            *text += &format!(" {}\n", flow(other));
        }
    }
}

/// Writes an item of a list: the dash takes the place of the first two spaces.
fn item(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            let lines = entries(map, depth + 1);
            format!("{indent}- {}", lines.get(indent.len() + 2..).unwrap_or_default())
        }
        other => format!("{indent}- {}\n", flow(other)),
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// Writes text, with quotes if YAML would take it for something else.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_taken = TAKEN.contains(&text.to_lowercase().as_str());
    if text.is_ascii() && starts && text.chars().all(is_word) && !is_taken {
        return text.to_owned();
    }
    if text == "$ref" {
        return text.to_owned();
    }
    // A sentence needs no quotes, unless a colon or a comment is in it.
    let is_sentence = |c: char| is_word(c) || " ,;`'".contains(c);
    if starts && text.ends_with('.') && text.chars().all(is_sentence) {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        return Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Document;

    #[test]
    fn every_tree_comes_back() {
        let long = "é: ".repeat(1000);
        let tree = serde_json::json!({
            (&long): {(&long): [{(&long): 1}]},
            "a": "", "24h": "24h", "yes": "No", "b c": "it's: so", "$ref": "#/a/b",
            "list": ["x", "1", "a, b", 2], "empty": {}, "none": [],
            "objects": [{"k": "v", "deep": {"er": [{"x": true}]}}, {}, "word"],
            "text": "A sentence, as `this`.", "odd": "a\nb\u{7}", "null": null, "n": -1.5,
        });
        let text = entries(tree.as_object().unwrap(), 0);
        assert_eq!(Document::parse("a.yaml", &text).unwrap().to_json(), tree, "{text}");
    }

    #[test]
    fn lists_of_objects_are_indented_as_in_our_document() {
        let tree = serde_json::json!({"p": {"allOf": [{"$ref": "#/a"}], "nullable": true}});
        let text = entries(tree.as_object().unwrap(), 1);
        assert_eq!(text, "  p:\n    allOf:\n    - $ref: '#/a'\n    nullable: true\n");
    }
}
