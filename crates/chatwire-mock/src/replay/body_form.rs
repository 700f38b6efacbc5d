//! Brings the bodies of requests into a form that is equal for equal JSON values.
//! [`recordings`](super::recordings) compares it.

use serde_json::{Number, Value};

/// A body as JSON with sorted keys, or as text if it is not JSON.
pub(super) fn body_form(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut json) => {
            json.sort_all_objects();
            equal_numbers(&mut json);
            json.to_string()
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

/// Writes whole numbers without a fraction, because `1.0` and `1` are the same JSON number.
fn equal_numbers(json: &mut Value) {
    match json {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT);
            if let Some(float) = whole {
                *number = Number::from(float as i64);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(equal_numbers),
        Value::Object(object) => object.values_mut().for_each(equal_numbers),
        _ => {}
    }
}

/// Below it, every whole number has a float of its own: 2 to the power of 53.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_form() {
        let check = |one: &str, other: &str, equal: bool| {
            assert_eq!(
                body_form(one.as_bytes()) == body_form(other.as_bytes()),
                equal,
                "{one} {other}"
            );
        };
        check(r#"{"a":1,"b":{"c":2,"d":3}}"#, "{ \"b\": {\"d\":3,\"c\":2}, \"a\": 1.0 }", true);
        check(r#"["é"]"#, r#"["\u00e9"]"#, true);
        check("[1,2]", "[2,1]", false);
        check(r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false);
        check("0.5", "0.50", true);
        check("-0.0", "0", true);
        check("9007199254740993", "9007199254740992", false);
        check("not json", "not json", true);
        check("", "null", false);
    }
}
