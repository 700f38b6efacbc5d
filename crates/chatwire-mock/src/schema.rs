//! Makes a value that a JSON schema accepts, for structured answers and tool arguments. It knows
//! the keywords of structured output; [`answer`](crate::answer) decides when to use it.

use serde_json::{Map, Value, json};

/// Makes an example of `schema`. Strings are `text` if the schema allows any.
pub(crate) fn example(schema: &Value, text: &str) -> Value {
    Example { root: schema, text }.of(schema, 0)
}

struct Example<'a> {
    root: &'a Value,
    text: &'a str,
}

impl Example<'_> {
    fn of(&self, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(value) = given(schema) {
            return value;
        }
        if let Some(target) = self.target(schema) {
            return self.of(target, depth + 1);
        }
        match type_name(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "integer" => json!(number(schema).ceil() as i64),
            "number" => json!(number(schema)),
            "boolean" => json!(true),
            "null" => Value::Null,
            _ => json!(self.string(schema)),
        }
    }

    /// Follows `$ref`, or the first arm of a union.
    fn target<'s>(&'s self, schema: &'s Value) -> Option<&'s Value> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.root.pointer(reference.strip_prefix('#')?);
        }
        ["anyOf", "oneOf", "allOf"].into_iter().find_map(|key| schema.get(key)?.get(0))
    }

    /// Every required property, or every property if none is required.
    fn object(&self, schema: &Value, depth: usize) -> Value {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return json!({});
        };
        let required = schema.get("required").and_then(Value::as_array);
        let wanted = |name: &String| match required {
            Some(names) => names.iter().any(|required| required == name),
            None => depth == 0,
        };
        let filled = properties.iter().filter(|(name, _)| wanted(name));
        let pairs = filled.map(|(name, schema)| (name.clone(), self.of(schema, depth + 1)));
        Value::Object(pairs.collect::<Map<_, _>>())
    }

    fn array(&self, schema: &Value, depth: usize) -> Value {
        let asked = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1);
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(MOST_ITEMS);
        let Some(items) = schema.get("items") else { return json!([]) };
        let count = asked.min(most).min(MOST_ITEMS);
        (0..count).map(|_| self.of(items, depth + 1)).collect()
    }

    fn string(&self, schema: &Value) -> String {
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        let fixed = match format {
            "date" => "2026-01-31",
            "date-time" => "2026-01-31T12:00:00Z",
            "time" => "12:00:00Z",
            "email" => "ada@example.com",
            "uri" => "https://example.com/",
            "uuid" => "6f1c2d9e-0b3a-4c55-9a77-1de3a5f0c2b4",
            "ipv4" => "192.0.2.1",
            _ => self.text,
        };
        let most = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0).min(10_000);
        let mut value: String =
            fixed.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
        while (value.chars().count() as u64) < least {
            value.push('x');
        }
        value
    }
}

/// A value that the schema itself gives.
fn given(schema: &Value) -> Option<Value> {
    let first = |key: &str| schema.get(key)?.get(0).cloned();
    schema.get("const").cloned().or_else(|| first("enum")).or_else(|| first("examples"))
}

/// The first type that is not `null`.
fn type_name(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

/// A number within the bounds, and a multiple of `multipleOf`.
fn number(schema: &Value) -> f64 {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let step = bound("multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    let low = bound("minimum").or(bound("exclusiveMinimum").map(|low| low + step.min(1.0)));
    let high = bound("maximum").or(bound("exclusiveMaximum").map(|high| high - step.min(1.0)));
    let wish = 21.0_f64.max(low.unwrap_or(f64::MIN)).min(high.unwrap_or(f64::MAX));
    let rounded = (wish / step).floor() * step;
    if rounded < low.unwrap_or(f64::MIN) { rounded + step } else { rounded }
}

/// A schema that refers to itself ends here.
const DEEPEST: usize = 16;
const MOST_ITEMS: u64 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn check(schema: Value, expected: Value) {
        assert_eq!(example(&schema, "hi"), expected, "{schema}");
    }

    #[test]
    fn scalars() {
        check(json!({"type": "string"}), json!("hi"));
        check(json!({"type": "string", "maxLength": 1}), json!("h"));
        check(json!({"type": "string", "minLength": 4}), json!("hixx"));
        check(json!({"type": ["null", "boolean"]}), json!(true));
        check(json!({"type": "integer", "maximum": 10, "multipleOf": 4}), json!(8));
        check(json!({"type": "integer", "minimum": 30}), json!(30));
        check(json!({"type": "number", "exclusiveMaximum": 1}), json!(0.0));
        check(json!({"enum": ["a", "b"]}), json!("a"));
        check(json!({"const": 7}), json!(7));
        check(json!({}), json!("hi"));
    }

    #[test]
    fn objects_keep_the_order_of_the_schema() {
        let schema = json!({
            "type": "object",
            "properties": {"z": {"type": "string"}, "a": {"$ref": "#/$defs/n"}, "b": {}},
            "required": ["a", "z"],
            "$defs": {"n": {"anyOf": [{"type": "array", "items": {"type": "null"}}]}}
        });
        assert_eq!(example(&schema, "hi").to_string(), r#"{"z":"hi","a":[null]}"#);
    }

    #[test]
    fn a_schema_without_an_end_ends() {
        let schema = json!({"type": "array", "minItems": 1, "items": {"$ref": "#"}});
        assert!(example(&schema, "hi").is_array());
    }
}
