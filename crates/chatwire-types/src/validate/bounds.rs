//! The bounds on one value, and the check of each kind of value. [`super::report`] keeps what is wrong.

use serde_json::Value;

use super::Report;
use crate::OrderedMap;

/// The bounds that the document sets on a value. A bound of another kind of value does not count.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The smallest number.
    pub minimum: Option<f64>,
    /// The largest number.
    pub maximum: Option<f64>,
    /// The least characters of a text, items of a list, or keys of a map.
    pub least: Option<usize>,
    /// The most characters of a text, items of a list, or keys of a map.
    pub most: Option<usize>,
    /// The characters that a text may have.
    pub pattern: Option<Pattern>,
    /// The bounds on each item of a list, or on each value of a map.
    pub items: Option<&'static Self>,
}

/// A pattern of the document: characters of one class, and at least one.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The class, for messages.
    pub class: &'static str,
    /// Whether the class has a character.
    pub has: fn(char) -> bool,
}

impl Bounds {
    /// No bounds.
    pub const ANY: Self =
        Self { minimum: None, maximum: None, least: None, most: None, pattern: None, items: None };

    fn of_items(&self) -> &Self {
        self.items.unwrap_or(&Self::ANY)
    }
}

/// A value that the document says something about.
pub trait Validate {
    /// Reports everything in the value that the document does not allow.
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        let _ = (bounds, report);
    }
}

impl Validate for bool {}
impl Validate for Value {}

impl Validate for f64 {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        let codes = ("decimal_below_min_value", "decimal_above_max_value");
        number(*self, &self.to_string(), codes, bounds, report);
    }
}

impl Validate for i64 {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        number(*self as f64, &self.to_string(), INTEGER_CODES, bounds, report);
    }
}

impl Validate for u64 {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        number(*self as f64, &self.to_string(), INTEGER_CODES, bounds, report);
    }
}

const INTEGER_CODES: (&str, &str) = ("integer_below_min_value", "integer_above_max_value");

fn number(
    value: f64,
    shown: &str,
    (below, above): (&'static str, &'static str),
    bounds: &Bounds,
    report: &mut Report<'_>,
) {
    if let Some(minimum) = bounds.minimum.filter(|minimum| value < *minimum) {
        report.problem(below, &format!("expected at least {minimum}, found {shown}"));
    }
    // JSON does not have infinities and NaN.
    if let Some(maximum) = bounds.maximum.filter(|maximum| value > *maximum || value.is_nan()) {
        report.problem(above, &format!("expected at most {maximum}, found {shown}"));
    }
}

impl Validate for String {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        if bounds.least.is_some() || bounds.most.is_some() {
            size(&TEXT, self.chars().count(), bounds, report);
        }
        if let Some(pattern) = bounds.pattern {
            check_pattern(self, pattern, report);
        }
    }
}

fn check_pattern(text: &str, pattern: Pattern, report: &mut Report<'_>) {
    let class = pattern.class;
    let other = text.chars().find(|character| !(pattern.has)(*character));
    if let Some(other) = other {
        let message = format!("expected only characters of `{class}`, found {other:?}");
        report.problem("invalid_value", &message);
    } else if text.is_empty() {
        let message = format!("expected characters of `{class}`, found an empty string");
        report.problem("empty_string", &message);
    }
}

impl<T: Validate> Validate for Vec<T> {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        size(&LIST, self.len(), bounds, report);
        for (index, item) in self.iter().enumerate() {
            report.item(index, item, bounds.of_items());
        }
    }
}

impl<T: Validate> Validate for OrderedMap<T> {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        size(&MAP, self.len(), bounds, report);
        for (key, value) in self {
            report.field(key, value, bounds.of_items());
        }
    }
}

impl<T: Validate> Validate for Option<T> {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        if let Some(value) = self {
            value.validate(bounds, report);
        }
    }
}

impl<T: Validate> Validate for Box<T> {
    fn validate<'a>(&'a self, bounds: &Bounds, report: &mut Report<'a>) {
        (**self).validate(bounds, report);
    }
}

/// What is counted in a kind of value, and the codes of the official service.
struct Countable {
    unit: [&'static str; 2],
    none: &'static str,
    below: &'static str,
    above: &'static str,
}

const TEXT: Countable = Countable {
    unit: ["character", "characters"],
    none: "empty_string",
    below: "string_below_min_length",
    above: "string_above_max_length",
};
const LIST: Countable = Countable {
    unit: ["item", "items"],
    none: "empty_array",
    below: "array_below_min_length",
    above: "array_above_max_length",
};
const MAP: Countable = Countable {
    unit: ["key", "keys"],
    none: "object_below_min_properties",
    below: "object_below_min_properties",
    above: "object_above_max_properties",
};

impl Countable {
    fn count(&self, count: usize) -> String {
        let [one, many] = self.unit;
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

fn size(sized: &Countable, count: usize, bounds: &Bounds, report: &mut Report<'_>) {
    if let Some(least) = bounds.least.filter(|least| count < *least) {
        let code = if count == 0 { sized.none } else { sized.below };
        report.problem(code, &format!("expected at least {}, found {count}", sized.count(least)));
    }
    if let Some(most) = bounds.most.filter(|most| count > *most) {
        let message = format!("expected at most {}, found {count}", sized.count(most));
        report.problem(sized.above, &message);
    }
}
