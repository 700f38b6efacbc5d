//! Reads JSON in the cases that serde_json does not cover: one string or number in the middle of a text, large
//! texts in little memory, and a limit on the number of objects. serde_json reads everything else.

mod escapes;
mod large;
mod numbers;
mod object_limit;
mod strings;

pub(crate) use large::{LARGE, read, read_if};
pub(crate) use numbers::{float, integers, number_length, signed, unsigned};
pub(crate) use object_limit::check_objects;
pub(crate) use strings::{read_string, string_length};
