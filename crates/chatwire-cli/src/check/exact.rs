//! JSON as it is written. Numbers keep their digits, so that [`compare`](super::compare) sees changes
//! that 64-bit numbers would hide.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// The digits as written.
    Number(String),
    Text(String),
    List(Vec<Self>),
    /// In the order written. A key that comes twice has two entries.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads JSON text.
    ///
    /// # Errors
    ///
    /// Returns an error with line and column if the text is not well-formed JSON in UTF-8.
    pub(super) fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        match serde_json::from_slice(text) {
            Ok(raw) => read(raw, MAX_DEPTH),
            // An error of the full parser says more.
            Err(error) => Err(serde_json::from_slice::<Value>(text).err().unwrap_or(error)),
        }
    }

    /// The value of a key of an object. If the key comes twice, its last value counts.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// More than the types read, and little enough for the stack.
const MAX_DEPTH: usize = 200;

fn read(raw: &RawValue, depth: usize) -> Result<Json, serde_json::Error> {
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'n') => Json::Null,
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'"') => Json::Text(serde_json::from_str(text)?),
        Some(b'[' | b'{') if depth == 0 => Json::Text(text.to_owned()),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::List(
                items.into_iter().map(|item| read(item, depth - 1)).collect::<Result<_, _>>()?,
            )
        }
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str(text)?;
            let read = |(key, value)| Ok((key, read(value, depth - 1)?));
            Json::Object(entries.into_iter().map(read).collect::<Result<_, serde_json::Error>>()?)
        }
        _ => Json::Number(text.to_owned()),
    })
}

/// The entries of an object, each value unread.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => write!(f, "{}", Value::from(text.as_str())),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(entries) => {
                f.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{value}", Value::from(key.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Whether two numbers are equal.
///
/// The digits are compared, so `1`, `1.0` and `10e-1` are equal, and two integers that differ in the
/// twentieth digit are not. Two fractions are also equal if they are the same 64-bit float, because
/// JSON libraries read them as one.
pub(super) fn same_number(before: &str, after: &str) -> bool {
    before == after
        || Decimal::parse(before).is_some_and(|decimal| Some(decimal) == Decimal::parse(after))
        || (before.contains(['.', 'e', 'E']) && same_float(before, after))
}

fn same_float(before: &str, after: &str) -> bool {
    let float = |text: &str| text.parse::<f64>().ok().filter(|float| float.is_finite());
    float(before).is_some_and(|before| Some(before) == float(after))
}

/// A number in one form: its digits without zeros at either end, and the power of ten of the last
/// digit.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let kept = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
        let exponent = exponent.parse::<i64>().ok()?.checked_add(dropped)?;
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        Some(match kept.trim_start_matches('0') {
            "" => Self { negative: false, digits: String::new(), exponent: 0 },
            digits => Self { negative, digits: digits.to_owned(), exponent },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let check = |before: &str, after: &str, same| {
            assert_eq!(same_number(before, after), same, "{before} {after}");
        };
        check("1", "1.0", true);
        check("1e2", "100", true);
        check("0.50", "0.5", true);
        check("-0", "0", true);
        check("-1", "1", false);
        check("10", "1", false);
        check("0.1", "0.10000000000000001", true);
        check("0.10000000000000001", "0.1", true);
        check("0.1", "0.2", false);
        check("9007199254740993", "9007199254740992", false);
        check("9007199254740993", "9007199254740993.0", true);
        check("18446744073709551617", "1.8446744073709552e19", false);
        check("18446744073709552000", "1.8446744073709552e19", true);
        check("1e400", "1e401", false);
    }

    #[test]
    fn text_comes_back() {
        let check =
            |text: &str| assert_eq!(Json::parse(text.as_bytes()).unwrap().to_string(), text);
        check(r#"{"b":[1,2.50,1e400,-0],"a":{"b":null,"b":true},"c":"\"\n"}"#);
        check("[]");
        let error = Json::parse(b"{\n  \"id\": 1,\n}").unwrap_err().to_string();
        assert_eq!(error, "trailing comma at line 3 column 1");
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Json::parse(deep.as_bytes()).is_ok());
    }
}
