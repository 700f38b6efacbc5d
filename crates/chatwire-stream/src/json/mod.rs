//! Reads JSON where serde_json would do more than is needed: single strings and numbers for templates, large
//! texts in bounded memory, and a bound on the number of objects. Everything else is read by serde_json.

mod escapes;
mod large;
mod numbers;
mod object_limit;
mod strings;

pub(crate) use large::{LARGE, is_large_json, read, read_if};
pub(crate) use numbers::{count, float, index, integers, number};
pub(crate) use object_limit::check_objects;
pub(crate) use strings::{inside, read_string};
