//! The rules by which the pieces of a stream add up, one function a rule. Which key follows which rule is
//! said in the document (`x-stream`), and [`crate::generated`] calls the functions.

mod fields;
mod unknown;

use chatwire_types::OrderedMap;
use serde_json::Value;

pub(crate) use fields::{Fields, add_json, fill, fill_extra, place};
pub(crate) use unknown::{Mode, fitting, index_or_extra, unknown};

use crate::split_text::SplitText;

/// How far back a list of parts is searched for the part that a piece continues. Services stream one or
/// two parts at a time; the bound keeps hostile lists in linear time.
const LOOK_BACK: usize = 64;

/// A piece that takes in the next one.
pub(crate) trait Merge {
    /// Adds the next piece.
    fn merge(&mut self, new: &Self);

    /// Whether there is more than labels and unknown keys.
    fn brings_something(&self) -> bool {
        true
    }

    /// What becomes of a value that is kept among the unknown keys.
    fn mode(_: &str) -> Mode {
        Mode::Resent
    }
}

/// A piece that comes in lists.
pub(crate) trait Part: Merge {
    /// Whether it says its place in the list.
    fn has_index(&self) -> bool;

    /// Whether the two have the same place in the list, as far as they say.
    fn has_place_of(&self, next: &Self) -> bool;

    /// Whether a piece in the same place belongs to this part, and does not open the next one.
    fn is_continued_by(&self, next: &Self) -> bool;
}

/// A merged piece, which becomes a part of the answer.
pub(crate) trait IntoWhole<W> {
    fn into_whole(self) -> W;
}

/// A part of an answer, which becomes pieces.
pub(crate) trait Streamed<P> {
    /// A piece with everything that is not cut. Texts that are cut are left out, or are empty.
    fn frame(&self, with_empty_texts: bool) -> P;

    /// Pieces with what is cut, each made when it is asked for.
    fn pieces(&self, split: SplitText) -> impl Iterator<Item = P>;
}

/// A value that may say nothing. Such a value replaces no other one.
pub(crate) trait SaysNothing {
    fn says_nothing(&self) -> bool;
}

/// A value that is continued by the next one.
pub(crate) trait Join {
    fn join(&mut self, next: &Self);
}

/// `join`: texts are put one after the other.
#[inline]
pub(crate) fn join<T: Join + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    match (slot.as_mut(), new) {
        (_, None) => {}
        (Some(known), Some(new)) => known.join(new),
        (None, Some(new)) => *slot = Some(new.clone()),
    }
}

/// `first`: the first value that says something stays.
#[inline]
pub(crate) fn first<T: SaysNothing + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    if slot.as_ref().is_none_or(SaysNothing::says_nothing) && new.is_some() {
        slot.clone_from(new);
    }
}

/// `last`: the last value that says something stays.
#[inline]
pub(crate) fn last<T: SaysNothing + Clone>(slot: &mut Option<T>, new: &Option<T>) {
    if slot.is_none() || new.as_ref().is_some_and(|new| !new.says_nothing()) {
        slot.clone_from(new);
    }
}

/// `append`: lists are put one after the other.
#[inline]
pub(crate) fn append<T: Clone>(slot: &mut Option<Vec<T>>, new: &Option<Vec<T>>) {
    if let Some(new) = new {
        slot.get_or_insert_default().extend_from_slice(new);
    }
}

/// `by-index`: a part joins the last one in its place, or is added to the list. Without an index, two parts
/// of one list are never the same part.
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

/// Whether two labels are the same, as far as both say something.
pub(crate) fn agree<T: SaysNothing + PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    !says(one) || !says(other) || one == other
}

pub(crate) fn says<T: SaysNothing>(value: &Option<T>) -> bool {
    value.as_ref().is_some_and(|value| !value.says_nothing())
}

/// Whether an object, or a part of a list, has more than labels and unknown keys.
pub(crate) fn brings_something<'a, T: Merge + 'a>(values: impl IntoIterator<Item = &'a T>) -> bool {
    values.into_iter().any(T::brings_something)
}

/// Whether the text of an enum names nothing. Some servers write the word `null` in place of a null.
pub(crate) fn is_no_label(text: &str) -> bool {
    matches!(text, "" | "null")
}

/// A list that is there and empty, which one part after the other would not tell.
pub(crate) fn if_empty<T>(list: &Option<Vec<T>>) -> Option<Vec<T>> {
    list.as_ref().filter(|list| list.is_empty()).map(|_| Vec::new())
}

/// The pieces of a text; an empty text is one empty piece.
pub(crate) fn cut(text: &Option<String>, split: SplitText) -> impl Iterator<Item = String> {
    let empty = text.as_deref().filter(|text| text.is_empty());
    let cut = split.cut(text.as_deref().unwrap_or_default());
    cut.chain(empty).map(str::to_owned)
}

/// Each part of a list in a list of its own. Parts without an index stay in one list, because they would be
/// joined otherwise.
pub(crate) fn one_by_one<T: Part + Clone>(list: &Option<Vec<T>>) -> impl Iterator<Item = Vec<T>> {
    let parts = list.as_deref().unwrap_or_default();
    parts.chunk_by(|one, next| !one.has_index() && !next.has_index()).map(<[T]>::to_vec)
}

/// The pieces of an object inside of another.
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
