//! Answers `POST /embeddings` with vectors that depend on the text alone, so that a test can compare them.
//! [`chat`](crate::chat) answers chat requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::problem::Problem;

/// How many numbers a vector has if the request does not say it.
const DIMENSIONS: u64 = 8;
/// The most inputs of a request, as at the official service.
const MOST_INPUTS: usize = 2048;
/// The most numbers of an answer, which bounds its memory.
const MOST_NUMBERS: u64 = 262_144;

/// The answer to a request.
pub(crate) fn answer(request: &Value) -> Result<String, Problem> {
    let Some(request) = request.as_object() else {
        return Err(Problem::new(400, "The body is not a JSON object."));
    };
    let model = request.get("model").and_then(Value::as_str).ok_or_else(|| missing("model"))?;
    let inputs = inputs(request.get("input").ok_or_else(|| missing("input"))?)?;
    let dimensions = dimensions(request, inputs.len())?;
    let as_base64 = request.get("encoding_format").and_then(Value::as_str) == Some("base64");
    let data = inputs.iter().enumerate().map(|(index, input)| {
        let vector = vector(input, dimensions);
        let embedding = if as_base64 { base64(&vector) } else { json!(vector) };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    });
    let data: Vec<Value> = data.collect();
    let tokens: usize = inputs.iter().map(|input| input.len().div_ceil(4)).sum();
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    Ok(json!({"object": "list", "data": data, "model": model, "usage": usage}).to_string())
}

/// The inputs as texts. A list of numbers is one input, and a list of such lists several.
fn inputs(input: &Value) -> Result<Vec<String>, Problem> {
    let inputs = match input {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_number) => {
            vec![input.to_string()]
        }
        Value::Array(items) => items.iter().map(one_input).collect::<Result<_, _>>()?,
        _ => return Err(Problem::named("input", "'input' is neither a text nor a list.")),
    };
    let is_empty = |input: &String| input.is_empty() || input == "[]";
    match inputs.len() {
        0 => Err(Problem::named("input", "'input' is empty: send a text.")),
        _ if inputs.iter().any(is_empty) => {
            Err(Problem::named("input", "'input' has an empty text: remove it."))
        }
        length if length > MOST_INPUTS => {
            let text = format!("'input' has {length} items: send at most {MOST_INPUTS}.");
            Err(Problem::named("input", text))
        }
        _ => Ok(inputs),
    }
}

fn one_input(item: &Value) -> Result<String, Problem> {
    match item {
        Value::String(text) => Ok(text.clone()),
        Value::Array(tokens) if tokens.iter().all(Value::is_number) => Ok(item.to_string()),
        _ => Err(Problem::named(
            "input",
            "An item of 'input' is neither a text nor a list of tokens.",
        )),
    }
}

fn dimensions(request: &Map<String, Value>, inputs: usize) -> Result<u64, Problem> {
    let dimensions = match request.get("dimensions") {
        None | Some(Value::Null) => Some(DIMENSIONS),
        Some(given) => given.as_u64().filter(|given| *given > 0),
    };
    let dimensions = dimensions.ok_or_else(|| {
        Problem::named("dimensions", "'dimensions' is not a whole number of 1 or more.")
    })?;
    match dimensions.saturating_mul(inputs as u64) <= MOST_NUMBERS {
        true => Ok(dimensions),
        false => Err(Problem::named(
            "dimensions",
            format!(
                "The mock answers with at most {MOST_NUMBERS} numbers: ask for fewer dimensions."
            ),
        )),
    }
}

/// A vector of length 1 from the hash of a text (FNV-1a) and a generator of Marsaglia.
fn vector(input: &str, dimensions: u64) -> Vec<f32> {
    let mut state = input.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // The 16 highest bits, around 0.
        (state >> 48) as f32 - 32_767.5
    };
    let numbers: Vec<f32> = (0..dimensions).map(next).collect();
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    numbers.into_iter().map(|number| number / length).collect()
}

fn base64(vector: &[f32]) -> Value {
    let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
    STANDARD.encode(bytes).into()
}

fn missing(key: &str) -> Problem {
    Problem::named(key, format!("'{key}' is missing."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(request: &Value) -> Value {
        match answer(request) {
            Ok(answer) => serde_json::from_str(&answer).unwrap(),
            Err(problem) => problem.message().into(),
        }
    }

    #[test]
    fn a_vector_depends_on_its_text_alone() {
        let both = ask(&json!({"model": "m", "input": ["a", "b"]}));
        let one = ask(&json!({"model": "m", "input": "b"}));
        assert_eq!(both["data"][1]["embedding"], one["data"][0]["embedding"]);
        assert_ne!(both["data"][0]["embedding"], one["data"][0]["embedding"]);
        let numbers = one["data"][0]["embedding"].as_array().unwrap();
        let length: f64 = numbers.iter().map(|number| number.as_f64().unwrap().powi(2)).sum();
        assert!(numbers.len() == 8 && (length - 1.0).abs() < 1e-6, "{length}");
    }

    #[test]
    fn base64_has_the_same_numbers() {
        let of = |format: &str| {
            let request =
                json!({"model": "m", "input": [1, 2], "dimensions": 2, "encoding_format": format});
            ask(&request)["data"][0]["embedding"].clone()
        };
        let bytes = STANDARD.decode(of("base64").as_str().unwrap()).unwrap();
        let first = f32::from_le_bytes(bytes[..4].try_into().unwrap());
        assert_eq!((bytes.len(), json!(first)), (8, of("float")[0].clone()));
    }

    #[test]
    fn wrong_requests_are_refused() {
        let refused = |key: &str, value: Value, expected: &str| {
            let mut request = json!({"model": "m", "input": "a"});
            request[key] = value;
            let said = ask(&request);
            assert!(said.as_str().is_some_and(|said| said.contains(expected)), "{said}");
        };
        refused("model", Value::Null, "'model' is missing");
        refused("input", json!([]), "'input' is empty");
        refused("input", json!(["a", ""]), "an empty text");
        refused("input", json!([{}]), "neither a text nor a list of tokens");
        refused("input", json!({}), "neither a text nor a list");
        refused("input", json!(vec!["a"; 2049]), "2049 items");
        refused("dimensions", json!(0), "1 or more");
        refused("dimensions", json!(u64::MAX), "at most 262144 numbers");
        assert_eq!(ask(&json!([])), "The body is not a JSON object.");
    }
}
