//! Limits how many JSON objects one value may consist of, because an object needs far more memory
//! as a value than as text. [`super`] counts each object that it reads, and other values whose
//! memory adds up.

use std::cell::Cell;

use super::Failed;

/// The number of JSON objects that one value may consist of, unless [`with_max_objects`] sets
/// another limit. The largest real answers, with log-probabilities, have some ten thousand.
pub const DEFAULT_MAX_OBJECTS: usize = 256 * 1024;

/// How many small values, of about [`UNIT`] bytes each, may come for each object of the limit.
const VALUES_PER_OBJECT: usize = 4;

/// The least number of small values.
const MIN_VALUES: usize = 1024;

/// The memory of one small value: that of a [`serde_json::Value`].
const UNIT: usize = 72;

/// Serde has no place for a state that all parts of a value share, so each thread has one.
#[derive(Clone, Copy)]
struct Limit {
    max: usize,
    /// How many more objects the value that is being read may have.
    objects: usize,
    /// How many more small values it may have.
    values: usize,
}

impl Limit {
    const fn new(max: usize, objects: usize, values: usize) -> Self {
        Self { max, objects, values }
    }
}

thread_local! {
    static LIMIT: Cell<Limit> =
        const { Cell::new(Limit::new(DEFAULT_MAX_OBJECTS, usize::MAX, usize::MAX)) };
}

/// Decodes with another limit on the number of JSON objects in one value, on this thread.
///
/// Every type of this crate refuses a value that consists of more than [`DEFAULT_MAX_OBJECTS`]
/// objects, because `{}` as an item of a list needs up to 170 times its size in memory. Small
/// values of undocumented keys, and wrong values in documented lists, may be four times as many. Raise the limit for a sender that you
/// trust, or lower it for many strangers at once. `usize::MAX` removes it. The previous limit is
/// back when `decode` returns or panics.
///
/// ```
/// use chatwire_types::{ChatCompletion, with_max_objects};
///
/// let json = r#"{"choices":[{},{},{}]}"#;
/// assert!(serde_json::from_str::<ChatCompletion>(json).is_ok());
///
/// let error = with_max_objects(3, || serde_json::from_str::<ChatCompletion>(json)).unwrap_err();
/// assert!(error.to_string().starts_with("it has more than 3 JSON objects"));
/// ```
pub fn with_max_objects<T>(max: usize, decode: impl FnOnce() -> T) -> T {
    let _restored = Restored::of(|limit| Limit { max, ..limit });
    decode()
}

/// Reads one value, and counts its objects from zero.
pub(super) fn counted<T>(read: impl FnOnce() -> T) -> T {
    let _restored = Restored::of(|Limit { max, .. }| Limit::new(max, max, max_values(max)));
    read()
}

/// Reads a value whose objects were counted when they were put into memory.
pub(super) fn counted_before<T>(read: impl FnOnce() -> T) -> T {
    let _restored = Restored::of(|limit| Limit::new(limit.max, usize::MAX, usize::MAX));
    read()
}

/// How many small values may come. A low limit on objects still has room for those of one answer.
const fn max_values(max_objects: usize) -> usize {
    max_objects.saturating_mul(VALUES_PER_OBJECT).saturating_add(MIN_VALUES)
}

/// Counts one object.
pub(super) fn count_object() -> Result<(), Failed> {
    let limit = LIMIT.get();
    match limit.objects.checked_sub(1) {
        Some(objects) => {
            LIMIT.set(Limit { objects, ..limit });
            Ok(())
        }
        None => Err(too_many("objects", limit.max)),
    }
}

/// Counts a value that takes this much memory in its list or object.
pub(super) fn count_memory(bytes: usize) -> Result<(), Failed> {
    let limit = LIMIT.get();
    match limit.values.checked_sub(bytes.div_ceil(UNIT)) {
        Some(values) => {
            LIMIT.set(Limit { values, ..limit });
            Ok(())
        }
        None => Err(too_many("values", max_values(limit.max))),
    }
}

/// How many objects were counted, to tell whether an item of a list was one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Objects(usize);

impl Objects {
    pub(super) fn now() -> Self {
        Self(LIMIT.get().objects)
    }

    /// Counts an item that was no object, such as a number where the document has objects. Texts and
    /// numbers in a list of their own take little more than in JSON.
    pub(super) fn count_other<T>(self) -> Result<(), Failed> {
        let is_small = size_of::<T>() <= size_of::<String>();
        if is_small || self != Self::now() { Ok(()) } else { count_memory(size_of::<T>()) }
    }
}

/// Takes an object out of the count, because it stands for a number.
pub(super) fn uncount_object() {
    let limit = LIMIT.get();
    LIMIT.set(Limit { objects: limit.objects.saturating_add(1), ..limit });
}

#[cold]
fn too_many(what: &str, max: usize) -> Failed {
    Failed::custom(format_args!(
        "it has more than {max} JSON {what}, and was not read because they could need hundreds of \
         times their size in memory; check who sent it, or raise `max_objects`"
    ))
}

/// Restores the limit when it is dropped, also by a panic.
struct Restored(Limit);

impl Restored {
    fn of(change: impl FnOnce(Limit) -> Limit) -> Self {
        let before = LIMIT.get();
        LIMIT.set(change(before));
        Self(before)
    }
}

impl Drop for Restored {
    fn drop(&mut self) {
        LIMIT.set(self.0);
    }
}
