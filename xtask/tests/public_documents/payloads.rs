//! Makes payloads of a schema: most values as it says, and some null, of another kind or unknown.
//! The parent sends them through the generated types.

use serde_json::{Map, Value, json};

/// How deep a payload is at most.
const DEEPEST: usize = 7;

/// Makes payloads of the schemas of a document, the same ones in each run.
pub(crate) struct Payloads<'a> {
    document: &'a Value,
    state: u64,
}

impl<'a> Payloads<'a> {
    pub(crate) fn new(document: &'a Value) -> Self {
        Self { document, state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// A payload of a whole answer or request. Mandatory keys are as the schema says, because no place could
    /// keep the whole if one of them did not fit.
    pub(crate) fn payload(&mut self, schema: &Value) -> Value {
        self.as_described(schema, 0, true)
    }

    fn any(&mut self, schema: &Value, depth: usize) -> Value {
        match self.below(20) {
            0..=2 => Value::Null,
            3..=4 => self.odd(),
            _ => self.as_described(schema, depth, false),
        }
    }

    fn part(&mut self, schema: &Value, depth: usize, is_mandatory: bool) -> Value {
        match is_mandatory {
            true => self.as_described(schema, depth, true),
            false => self.any(schema, depth),
        }
    }

    fn as_described(&mut self, schema: &Value, depth: usize, is_mandatory: bool) -> Value {
        let schema = self.resolved(schema).clone();
        if let Some(forms) = schema["oneOf"].as_array().filter(|forms| !forms.is_empty()) {
            let form = forms[self.below(forms.len())].clone();
            return self.as_described(&form, depth, is_mandatory);
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.is_empty()) {
            return values[self.below(values.len())].clone();
        }
        match schema["type"].as_str() {
            Some("string") => json!("Text \u{e9}\n\"quoted\""),
            Some("integer") => {
                [json!(7), json!(0), json!(9_007_199_254_740_993_u64)][self.below(3)].clone()
            }
            Some("number") => [json!(0.5), json!(-2), json!(1e300)][self.below(3)].clone(),
            Some("boolean") => json!(self.below(2) == 0),
            Some("array") => {
                let length = if depth < DEEPEST { self.below(3) } else { 0 };
                (0..length).map(|_| self.part(&schema["items"], depth + 1, is_mandatory)).collect()
            }
            Some("object") => Value::Object(self.object(&schema, depth, is_mandatory)),
            _ => self.odd(),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize, is_mandatory: bool) -> Map<String, Value> {
        let mut object = Map::new();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.iter().any(|name| name == key) {
                object.insert(key.clone(), self.as_described(property, depth + 1, true));
            } else if depth < DEEPEST && self.below(4) > 0 {
                object.insert(key.clone(), self.any(property, depth + 1));
            }
        }
        if schema["additionalProperties"].is_object() && depth < DEEPEST {
            for key in ["one", "two"] {
                let value = self.part(&schema["additionalProperties"], depth + 1, is_mandatory);
                object.insert(key.to_owned(), value);
            }
        }
        if self.below(3) == 0 {
            object.insert("x_unknown".to_owned(), self.odd());
        }
        object
    }

    fn odd(&mut self) -> Value {
        let odd = json!([
            "text", "", 7, -1, 1.5, true, [], {}, [null, 1], {"type": "odd", "n": null},
            {"type": 5}, 18_446_744_073_709_551_615_u64
        ]);
        odd[self.below(12)].clone()
    }

    fn resolved<'s>(&self, schema: &'s Value) -> &'s Value
    where
        'a: 's,
    {
        let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
        match reference.and_then(|pointer| self.document.pointer(pointer.trim_start_matches('#'))) {
            Some(target) => self.resolved(target),
            None => schema,
        }
    }

    /// A number below `end`, from a generator of Marsaglia.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or_default() % end.max(1)
    }
}

/// The named objects and unions that requests and answers of a document are.
pub(crate) fn roots(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    references(&document["paths"], &mut found);
    found.sort();
    found.dedup();
    let schema = |name: &String| document["components"]["schemas"][name.as_str()].clone();
    let whole = |(_, schema): &(String, Value)| {
        schema["type"] == "object" && schema["properties"].is_object() || schema["oneOf"].is_array()
    };
    found.iter().map(|name| (name.clone(), schema(name))).filter(whole).collect()
}

fn references(node: &Value, found: &mut Vec<String>) {
    let inner = node.as_array().into_iter().flatten();
    inner
        .chain(node.as_object().into_iter().flat_map(Map::values))
        .for_each(|inner| references(inner, found));
    let pointer = node["$ref"].as_str().and_then(|pointer| pointer.rsplit('/').next());
    found.extend(pointer.map(str::to_owned));
}
