//! Makes values that a strict schema admits, a different one for each seed.

use serde_json::{Map, Value, json};

/// Below this level, a value takes the shortest way to its end.
const DEEP: usize = 8;

pub(crate) fn example(root: &Value, seed: usize) -> Value {
    Example { root, seed }.of(root, 0)
}

struct Example<'a> {
    root: &'a Value,
    seed: usize,
}

impl Example<'_> {
    fn of(&mut self, schema: &Value, depth: usize) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.root.pointer(reference.trim_start_matches('#')).unwrap();
            return self.of(target, depth + 1);
        }
        if let Some(arms) = schema["anyOf"].as_array() {
            let arm = self.pick(arms, depth).clone();
            return self.of(&arm, depth + 1);
        }
        let all = [schema["type"].clone()];
        let types = schema["type"].as_array().map_or(&all[..], Vec::as_slice);
        let picked = self.pick(types, depth).clone();
        match schema["enum"].as_array() {
            Some(values) if picked != "null" => self.pick(values, 0).clone(),
            _ => self.of_type(picked.as_str().unwrap(), schema, depth),
        }
    }

    fn of_type(&mut self, name: &str, schema: &Value, depth: usize) -> Value {
        match name {
            "object" => {
                let properties = schema["properties"].as_object().unwrap();
                let each =
                    |(key, value): (&String, &Value)| (key.clone(), self.of(value, depth + 1));
                Value::Object(properties.iter().map(each).collect::<Map<_, _>>())
            }
            "array" => {
                let least = schema["minItems"].as_u64().unwrap_or(0);
                let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
                let wanted = if depth > DEEP { 0 } else { self.next(3) as u64 };
                (0..wanted.clamp(least, most))
                    .map(|_| self.of(&schema["items"], depth + 1))
                    .collect()
            }
            "integer" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
            "number" => json!(schema["minimum"].as_f64().unwrap_or(0.5).max(0.5)),
            "boolean" => json!(self.next(2) == 0),
            "string" => json!("x"),
            "null" => Value::Null,
            other => panic!("{other}"),
        }
    }

    /// One of several; deep inside, the one that ends soonest.
    fn pick<'v>(&mut self, values: &'v [Value], depth: usize) -> &'v Value {
        let is_null = |value: &&Value| *value == "null" || value["type"] == "null";
        let is_scalar =
            |value: &&Value| value.get("$ref").is_none() && value.get("properties").is_none();
        if depth > DEEP
            && let Some(end) =
                values.iter().find(is_null).or(values.iter().find(is_scalar)).or(values.first())
        {
            return end;
        }
        &values[self.next(values.len())]
    }

    fn next(&mut self, count: usize) -> usize {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % count
    }
}
