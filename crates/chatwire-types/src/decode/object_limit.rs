//! Limits how many JSON objects one value may consist of, because an object needs far more memory
//! as a value than as text. [`super`] counts each object that it reads.

use std::cell::Cell;

use serde_core::de::Error;

/// The number of JSON objects that one value may consist of, unless [`with_max_objects`] sets
/// another limit. The largest real answers, with log-probabilities, have some ten thousand.
pub const DEFAULT_MAX_OBJECTS: usize = 256 * 1024;

/// Serde has no place for a state that all parts of a value share, so each thread has one.
#[derive(Clone, Copy)]
struct Limit {
    max: usize,
    /// How many more objects the value that is being read may have.
    left: usize,
}

thread_local! {
    static LIMIT: Cell<Limit> =
        const { Cell::new(Limit { max: DEFAULT_MAX_OBJECTS, left: usize::MAX }) };
}

/// Decodes with another limit on the number of JSON objects in one value, on this thread.
///
/// Every type of this crate refuses a value that consists of more than [`DEFAULT_MAX_OBJECTS`]
/// objects, because `{}` as an item of a list needs up to 170 times its size in memory. Raise the
/// limit for a sender that you trust, or lower it for many strangers at once. `usize::MAX` removes
/// it. The previous limit is back when `decode` returns or panics.
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
    let _restored = Restored::of(|limit| Limit { left: limit.max, ..limit });
    read()
}

/// Reads a value whose objects were counted when they were put into memory.
pub(super) fn counted_before<T>(read: impl FnOnce() -> T) -> T {
    let _restored = Restored::of(|limit| Limit { left: usize::MAX, ..limit });
    read()
}

/// Counts one object.
pub(super) fn count_object<E: Error>() -> Result<(), E> {
    let limit = LIMIT.get();
    match limit.left.checked_sub(1) {
        Some(left) => {
            LIMIT.set(Limit { left, ..limit });
            Ok(())
        }
        None => Err(too_many_objects(limit.max)),
    }
}

/// Takes an object out of the count, because it stands for a number.
pub(super) fn uncount_object() {
    let limit = LIMIT.get();
    LIMIT.set(Limit { left: limit.left.saturating_add(1), ..limit });
}

#[cold]
fn too_many_objects<E: Error>(max: usize) -> E {
    E::custom(format_args!(
        "it has more than {max} JSON objects, and was not read because they could need hundreds of \
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
