//! Makes a value that a JSON schema accepts, for structured answers and tool arguments. It knows
//! the keywords of structured output; [`answer`](crate::answer) decides when to use it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::problem::Problem;

/// Makes the examples for one request, which share the bounds on their values and text.
pub(crate) struct Examples {
    values: usize,
    text: usize,
}

impl Examples {
    pub(crate) fn new() -> Self {
        Self { values: MOST_VALUES, text: MOST_TEXT }
    }

    /// Makes an example of `schema`, which is at `param` of the request. Strings are `text` if the
    /// schema allows any.
    pub(crate) fn make(
        &mut self,
        param: &str,
        schema: &Value,
        text: &str,
    ) -> Result<Value, Problem> {
        let mut example = Example { root: schema, text, left: self };
        example.of(schema, 0).map_err(|excess| excess.problem(param))
    }

    fn spend(&mut self, values: usize, text: usize) -> Result<(), Excess> {
        self.values = self.values.checked_sub(values).ok_or(Excess::Values)?;
        self.text = self.text.checked_sub(text).ok_or(Excess::Text)?;
        Ok(())
    }
}

/// The bound that the smallest example would exceed.
enum Excess {
    Values,
    Text,
    Depth,
}

impl Excess {
    fn problem(&self, param: &str) -> Problem {
        let (what, fix) = match self {
            Self::Values => (
                format!("more than {MOST_VALUES} JSON values"),
                "lower `minItems`, or require fewer properties",
            ),
            Self::Text => (
                format!("more than {MOST_TEXT} bytes of text"),
                "lower `minItems` or `minLength`, or shorten the prompt",
            ),
            Self::Depth => (
                format!("more than {DEEPEST} levels"),
                "give the recursion an end: an optional property, an array without `minItems`, or \
                 `null` as the other arm of the union",
            ),
        };
        let text = format!(
            "The mock cannot answer with the schema in '{param}': the smallest answer would have \
             {what}. To fix it, {fix}."
        );
        Problem::param(param, "schema_too_large", text)
    }
}

struct Example<'a> {
    root: &'a Value,
    text: &'a str,
    left: &'a mut Examples,
}

impl<'a> Example<'a> {
    fn of(&mut self, schema: &'a Value, depth: usize) -> Result<Value, Excess> {
        if depth > DEEPEST {
            return Err(Excess::Depth);
        }
        self.left.spend(1, 0)?;
        if let Some(value) = given(schema) {
            self.spend_copy(value)?;
            return Ok(value.clone());
        }
        if let Some(target) = self.target(schema, depth) {
            return self.of(target, depth + 1);
        }
        match type_name(schema, depth) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "integer" => Ok(json!(number(schema).ceil() as i64)),
            "number" => Ok(json!(number(schema))),
            "boolean" => Ok(json!(true)),
            "null" => Ok(Value::Null),
            _ => self.string(schema).map(Value::String),
        }
    }

    /// Pays for the copy of a value of the schema.
    fn spend_copy(&mut self, value: &Value) -> Result<(), Excess> {
        match value {
            Value::String(text) => self.left.spend(1, text.len()),
            Value::Array(items) => {
                self.left.spend(1, 0)?;
                items.iter().try_for_each(|item| self.spend_copy(item))
            }
            Value::Object(fields) => {
                self.left.spend(1, 0)?;
                fields.iter().try_for_each(|(key, value)| {
                    self.left.spend(0, key.len())?;
                    self.spend_copy(value)
                })
            }
            _ => self.left.spend(1, 0),
        }
    }

    /// Follows `$ref`, or an arm of a union.
    fn target(&self, schema: &'a Value, depth: usize) -> Option<&'a Value> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.root.pointer(reference.strip_prefix('#')?);
        }
        ["anyOf", "oneOf", "allOf"].into_iter().find_map(|key| {
            let arms = schema.get(key)?.as_array()?;
            // Deep inside, a union is most often part of a recursion, which ends in another arm.
            let ends = |arm: &&Value| arm.get("$ref").is_none();
            let is_choice = key != "allOf" && depth > DEEP;
            let looked_at = if is_choice { MOST_ARMS } else { 0 };
            arms.iter().take(looked_at).find(ends).or(arms.first())
        })
    }

    /// Every required property, or every property if none is required.
    fn object(&mut self, schema: &'a Value, depth: usize) -> Result<Value, Excess> {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return Ok(json!({}));
        };
        let required = schema.get("required").and_then(Value::as_array);
        // A schema that is used often must not be searched often for free.
        let searched = properties.len() + required.map_or(0, Vec::len);
        self.left.spend(searched / SEARCHED_FOR_ONE_VALUE, 0)?;
        let required: Option<HashSet<&str>> =
            required.map(|names| names.iter().filter_map(Value::as_str).collect());
        let mut fields = Map::new();
        for (name, schema) in properties {
            if required.as_ref().map_or(depth == 0, |names| names.contains(name.as_str())) {
                self.left.spend(0, name.len())?;
                fields.insert(name.clone(), self.of(schema, depth + 1)?);
            }
        }
        Ok(Value::Object(fields))
    }

    fn array(&mut self, schema: &'a Value, depth: usize) -> Result<Value, Excess> {
        let Some(items) = schema.get("items") else { return Ok(json!([])) };
        let usual = u64::from(depth <= DEEP);
        let asked = schema.get("minItems").and_then(Value::as_u64).unwrap_or(usual);
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        (0..asked.min(most)).map(|_| self.of(items, depth + 1)).collect()
    }

    fn string(&mut self, schema: &Value) -> Result<String, Excess> {
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
        let length = |key: &str| schema.get(key)?.as_u64()?.try_into().ok();
        let fixed = length("maxLength").map_or(fixed, |most| start(fixed, most));
        self.left.spend(0, fixed.len())?;
        let least = length("minLength").unwrap_or(0);
        let missing = least.saturating_sub(fixed.chars().take(least).count());
        self.left.spend(0, missing)?;
        Ok(format!("{fixed}{}", "x".repeat(missing)))
    }
}

/// The first characters of a text.
fn start(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters).map_or(text.len(), |(place, _)| place);
    text.get(..end).unwrap_or(text)
}

/// A value that the schema itself gives.
fn given(schema: &Value) -> Option<&Value> {
    let first = |key: &str| schema.get(key)?.get(0);
    schema.get("const").or_else(|| first("enum")).or_else(|| first("examples"))
}

/// The first type that is not `null`. Deep inside, `null` ends a recursion.
fn type_name(schema: &Value, depth: usize) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            let is_wanted = |name: &&str| (*name == "null") == (depth > DEEP);
            let mut known = names.iter().take(MOST_ARMS).filter_map(Value::as_str);
            known.clone().find(is_wanted).or_else(|| known.next()).unwrap_or("null")
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

/// The bounds on the examples for one request. Real answers have some dozens of values. The bound on
/// the values keeps a request that exceeds it cheap.
const MOST_VALUES: usize = 1000;
const MOST_TEXT: usize = 1 << 20;
/// The levels of one example; `$ref` and a union count as one.
const DEEPEST: usize = 32;
/// Below this level, an example takes the short way where it has a choice.
const DEEP: usize = 12;
/// The arms or types that are looked at for a short way.
const MOST_ARMS: usize = 16;
/// The properties that cost as much to search as one value to make.
const SEARCHED_FOR_ONE_VALUE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn check(schema: Value, expected: Value) {
        assert_eq!(example(&schema), expected, "{schema}");
    }

    fn example(schema: &Value) -> Value {
        Examples::new().make("param", schema, "hi").unwrap()
    }

    /// `expected` is a part of the message.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn refused(schema: Value, expected: &str) {
        let problem = Examples::new().make("param", &schema, "hi").unwrap_err();
        let text = problem.envelope().to_string();
        assert!(text.contains(expected) && text.contains("schema_too_large"), "{text}");
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
        assert_eq!(example(&schema).to_string(), r#"{"z":"hi","a":[null]}"#);
    }

    #[test]
    fn a_recursion_ends_where_it_can() {
        let node = json!({
            "type": "object",
            "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
            "required": ["next"]
        });
        assert!(example(&node).to_string().contains(r#"{"next":null}"#));
        let list = json!({
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
            "required": ["children"]
        });
        assert!(example(&list).to_string().contains(r#"{"children":[]}"#));
        let next = json!({"$ref": "#/$defs/n"});
        let inner =
            json!({"type": ["object", "null"], "properties": {"n": next}, "required": ["n"]});
        let nullable = json!({"$ref": "#/$defs/n", "$defs": {"n": inner}});
        assert!(example(&nullable).to_string().contains(r#"{"n":null}"#));
    }

    #[test]
    fn a_recursion_without_an_end_is_refused() {
        let items = json!({"type": "array", "minItems": 1, "items": {"$ref": "#"}});
        refused(items, "32 levels");
        refused(json!({"$ref": "#"}), "32 levels");
        refused(json!({"anyOf": [{"$ref": "#"}]}), "32 levels");
        let node = json!({"properties": {"a": {"$ref": "#"}}, "required": ["a"]});
        refused(node, "32 levels");
    }

    #[test]
    fn large_examples_are_refused() {
        let long =
            |count: u64, items: Value| json!({"type": "array", "minItems": count, "items": items});
        check(
            long(9, json!({"type": "null"})),
            json!([null, null, null, null, null, null, null, null, null]),
        );
        refused(long(u64::MAX, json!({})), "1000 JSON values");
        let nested = (0..11).fold(json!({}), |items, _| long(8, items));
        refused(nested, "1000 JSON values");
        refused(json!({"type": "string", "minLength": u64::MAX}), "bytes of text");
        refused(long(100, json!({"type": "string", "minLength": 100_000})), "bytes of text");
        refused(long(100, json!({"const": "x".repeat(100_000)})), "bytes of text");
        refused(long(100, json!({"enum": [vec![0; 100]]})), "1000 JSON values");
        let names: Vec<_> = (0..1000).map(|i| format!("p{i}")).collect();
        let all: Map<_, _> = names.iter().map(|name| (name.clone(), json!({}))).collect();
        let wide = json!({"type": "object", "properties": all, "required": names});
        refused(long(3, wide), "1000 JSON values");
        let unused = json!({"type": "object", "properties": all, "required": []});
        refused(long(1000, unused), "1000 JSON values");
        let a = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/b"}}, "required": ["a", "b"]});
        let defs = json!({"b": a});
        refused(json!({"$ref": "#/$defs/b", "$defs": defs}), "32 levels");
    }

    #[test]
    fn all_examples_of_a_request_share_the_bounds() {
        let schema = json!({"type": "array", "minItems": 600, "items": {}});
        let mut examples = Examples::new();
        assert!(examples.make("param", &schema, "").is_ok());
        assert!(examples.make("param", &schema, "").is_err());
    }
}
