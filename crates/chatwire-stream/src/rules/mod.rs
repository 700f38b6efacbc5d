//! Implements the rules by which the pieces of a stream add up, one function for each rule. The document
//! gives each key a rule (`x-stream`), and [`crate::generated`] calls the functions.

mod fields;
mod unknown;

use chatwire_types::OrderedMap;
use serde::Serialize;
use serde_json::Value;

pub(crate) use fields::{Field, Fields, add_json, fill, fill_extra, place};
pub(crate) use unknown::{Mode, fitting, has_content, index_in_json, index_or_extra, unknown};

use crate::split_text::SplitText;

/// The number of parts that are searched, from the end, for the part that a piece continues. Services stream
/// one or two parts at a time. The limit keeps hostile lists in linear time.
const LOOK_BACK: usize = 64;

/// A piece to which the next piece can be added.
pub(crate) trait Merge {
    /// Adds the next piece.
    fn merge(&mut self, new: &Self);

    /// Whether the piece has a value besides labels and unknown keys.
    fn brings_something(&self) -> bool {
        true
    }

    /// How the values of a key in `extra` add up.
    fn mode(_: &str) -> Mode {
        Mode::Resent
    }
}

/// A piece that comes in lists.
pub(crate) trait Part: Merge {
    /// Whether the piece has an index in the list.
    fn has_index(&self) -> bool;

    /// Whether the two pieces have the same index, or both have none.
    fn has_place_of(&self, next: &Self) -> bool;

    /// Whether a piece with the same index continues this part, and does not begin a new part.
    fn is_continued_by(&self, next: &Self) -> bool;
}

/// A piece that becomes a part of the completion.
pub(crate) trait IntoWhole<W> {
    fn into_whole(self) -> W;
}

/// A part of a completion that is cut into pieces.
pub(crate) trait Streamed<P> {
    /// Returns a piece with all values that are not cut. Texts that are cut are absent or empty.
    fn frame(&self, with_empty_texts: bool) -> P;

    /// Returns the pieces of the texts and lists that are cut, lazily.
    fn pieces(&self, split: SplitText) -> impl Iterator<Item = P>;
}

/// A value that may be empty. An empty value never replaces another value.
pub(crate) trait SaysNothing {
    fn says_nothing(&self) -> bool;
}

/// A value to which the next value is appended.
pub(crate) trait Join {
    fn join(&mut self, next: &Self);
}

/// `join`: texts are concatenated.
#[inline]
pub(crate) fn join<T: Join + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    match (slot.as_mut(), new) {
        (_, None) => {}
        (Some(known), Some(new)) => known.join(new),
        (None, Some(new)) => *slot = Some(new.clone()),
    }
}

/// `first`: keeps the first value that is not empty.
#[inline]
pub(crate) fn first<T: SaysNothing + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    if !says(slot) && new.is_some() {
        slot.clone_from(new);
    }
}

/// `last`: keeps the last value that is not empty.
#[inline]
pub(crate) fn last<T: SaysNothing + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    if slot.is_none() || says(new) {
        slot.clone_from(new);
    }
}

/// `append`: lists are concatenated.
#[inline]
pub(crate) fn append<T: Clone>(slot: &mut Option<Vec<T>>, new: &Option<Vec<T>>) {
    if let Some(new) = new {
        slot.get_or_insert_default().extend_from_slice(new);
    }
}

/// `by-index`: a piece continues the last part with its index, or becomes a new part. Two pieces of one list
/// without an index are never the same part.
#[inline]
pub(crate) fn by_index<T: Part + Clone>(slot: &mut Option<Vec<T>>, new: &Option<Vec<T>>) {
    let Some(new) = new else { return };
    let known = slot.get_or_insert_default();
    let before = known.len();
    for part in new {
        let mut recent = known.iter_mut().enumerate().rev().take(LOOK_BACK);
        let last = recent.find(|(_, known)| known.has_place_of(part));
        match last {
            Some((place, known))
                if known.is_continued_by(part) && (part.has_index() || place < before) =>
            {
                known.merge(part);
            }
            _ => known.push(part.clone()),
        }
    }
}

/// `merge`: objects are merged key by key.
#[inline]
pub(crate) fn merge<T: Merge + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    match (slot.as_mut(), new) {
        (_, None) => {}
        (Some(known), Some(new)) => known.merge(new),
        (None, Some(new)) => *slot = Some(new.clone()),
    }
}

/// Whether two labels are equal, or one of them is empty.
pub(crate) fn agree<T: SaysNothing + PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    !says(one) || !says(other) || one == other
}

/// Whether there is a value that is not empty.
pub(crate) fn says<T: SaysNothing>(value: &Option<T>) -> bool {
    value.as_ref().is_some_and(|value| !value.says_nothing())
}

/// Whether a value is an empty text, list or object as JSON.
pub(crate) fn is_empty_json<T: Serialize>(value: &T) -> bool {
    serde_json::to_value(value).is_ok_and(|json| json.says_nothing())
}

/// Whether one of the values has more than labels and unknown keys.
pub(crate) fn brings_something<'a, T: Merge + 'a>(values: impl IntoIterator<Item = &'a T>) -> bool {
    values.into_iter().any(T::brings_something)
}

/// Whether the text of an enum is empty, or the word `null`, which some servers send instead of a null.
pub(crate) fn is_no_label(text: &str) -> bool {
    matches!(text, "" | "null")
}

/// Returns an empty list for an empty list, because its parts, one by one, would lose it.
pub(crate) fn if_empty<T>(list: &Option<Vec<T>>) -> Option<Vec<T>> {
    list.as_ref().filter(|list| list.is_empty()).map(|_| Vec::new())
}

/// The pieces of a text. An empty text is one empty piece.
pub(crate) fn cut(text: &Option<String>, split: SplitText) -> impl Iterator<Item = String> {
    let empty = text.as_deref().filter(|text| text.is_empty());
    let cut = split.cut(text.as_deref().unwrap_or_default());
    cut.chain(empty).map(str::to_owned)
}

/// Cuts a list into lists of one part. Neighbours without an index stay in one list, because they would be
/// joined otherwise.
pub(crate) fn one_by_one<T: Part + Clone>(list: &Option<Vec<T>>) -> impl Iterator<Item = Vec<T>> {
    let parts = list.as_deref().unwrap_or_default();
    parts.chunk_by(|one, next| !one.has_index() && !next.has_index()).map(<[T]>::to_vec)
}

/// The pieces of an object inside another object.
pub(crate) fn nested<W: Streamed<P>, P>(
    whole: &Option<W>,
    split: SplitText,
) -> impl Iterator<Item = P> {
    whole.iter().flat_map(move |whole| whole.pieces(split))
}

impl<T: Merge> Merge for Box<T> {
    fn merge(&mut self, new: &Self) {
        (**self).merge(new);
    }

    fn brings_something(&self) -> bool {
        (**self).brings_something()
    }
}

impl<P: IntoWhole<W>, W> IntoWhole<Option<W>> for Option<P> {
    fn into_whole(self) -> Option<W> {
        self.map(P::into_whole)
    }
}

impl<P: IntoWhole<W>, W> IntoWhole<Vec<W>> for Vec<P> {
    fn into_whole(self) -> Vec<W> {
        self.into_iter().map(P::into_whole).collect()
    }
}

impl<P: IntoWhole<W>, W> IntoWhole<Box<W>> for Box<P> {
    fn into_whole(self) -> Box<W> {
        Box::new((*self).into_whole())
    }
}

impl<W: Streamed<P>, P> Streamed<P> for Box<W> {
    fn frame(&self, with_empty_texts: bool) -> P {
        (**self).frame(with_empty_texts)
    }

    fn pieces(&self, split: SplitText) -> impl Iterator<Item = P> {
        (**self).pieces(split)
    }
}

impl Join for String {
    fn join(&mut self, next: &Self) {
        self.push_str(next);
    }
}

impl SaysNothing for String {
    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl<T> SaysNothing for Vec<T> {
    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl<T> SaysNothing for OrderedMap<T> {
    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl<T: SaysNothing> SaysNothing for Box<T> {
    fn says_nothing(&self) -> bool {
        (**self).says_nothing()
    }
}

impl SaysNothing for Value {
    fn says_nothing(&self) -> bool {
        match self {
            Self::Null => true,
            Self::String(text) => text.is_empty(),
            Self::Array(list) => list.is_empty(),
            Self::Object(object) => object.is_empty(),
            Self::Bool(_) | Self::Number(_) => false,
        }
    }
}

macro_rules! always_says_something {
    ($($name:ty),*) => { $(
        impl SaysNothing for $name {
            fn says_nothing(&self) -> bool {
                false
            }
        }
    )* };
}

always_says_something!(bool, f64, i64, u64);
