//! Adds up the usage of several completions. The generated types say what the counters mean.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde_core::de::Deserialize;
use serde_json::{Map, Number, Value};

use crate::Usage;

/// Adds every counter, also in the details and under unknown keys. A counter that only one side has
/// is kept, and of other values the right-hand side counts.
///
/// ```
/// use chatwire_types::Usage;
///
/// let turns = [Usage::new(9, 12, 21), Usage::new(30, 5, 35)];
/// let total: Usage = turns.into_iter().sum();
/// assert_eq!(total.total_tokens, Some(56));
/// ```
impl AddAssign for Usage {
    // Inlined, so that only programs that add usage compile the conversion through JSON.
    #[inline]
    fn add_assign(&mut self, other: Self) {
        // Adds through JSON, so that it includes every counter that the document gains later.
        let (Ok(mut sum), Ok(other)) = (serde_json::to_value(&*self), serde_json::to_value(other))
        else {
            return;
        };
        add(&mut sum, other);
        if let Ok(sum) = Self::deserialize(sum) {
            *self = sum;
        }
    }
}

impl Add for Usage {
    type Output = Self;

    #[inline]
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::default(), Add::add)
    }
}

fn add(sum: &mut Value, other: Value) {
    match (sum, other) {
        (Value::Object(sum), Value::Object(other)) => add_objects(sum, other),
        (Value::Number(sum), Value::Number(other)) => *sum = add_numbers(sum, &other),
        (sum, other) => *sum = other,
    }
}

fn add_objects(sum: &mut Map<String, Value>, other: Map<String, Value>) {
    for (key, value) in other {
        match sum.get_mut(&key) {
            Some(slot) => add(slot, value),
            None => drop(sum.insert(key, value)),
        }
    }
}

/// Counts stay counts. A sum that is too large for 64 bits becomes the largest count.
fn add_numbers(left: &Number, right: &Number) -> Number {
    if let (Some(left), Some(right)) = (left.as_u64(), right.as_u64()) {
        return left.saturating_add(right).into();
    }
    let sum = left.as_f64().unwrap_or_default() + right.as_f64().unwrap_or_default();
    Number::from_f64(sum).unwrap_or_else(|| left.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(left: &str, right: &str, expected: &str) {
        let usage = |text| serde_json::from_str::<Usage>(text).unwrap();
        assert_eq!(usage(left) + usage(right), usage(expected));
    }

    #[test]
    fn details_and_unknown_counters_are_added() {
        check(
            r#"{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":1,"vendor":2},"cost":0.5}"#,
            r#"{"prompt_tokens":2,"prompt_tokens_details":{"cached_tokens":3,"vendor":4},"tier":"x"}"#,
            r#"{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":4,"vendor":6},"cost":0.5,"tier":"x"}"#,
        );
    }

    #[test]
    fn nothing_overflows() {
        let most = format!(r#"{{"total_tokens":{}}}"#, u64::MAX);
        check(&most, &most, &most);
    }
}
