//! One shape of chunk: the text around its holes, the fields that the holes fill, and a chunk to fill
//! them in. Which shapes are kept, and in which order they are tried, is [`super`]'s work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{iter, mem};

use chatwire_types::{ChatCompletionChunk, ChunkChoice, Logprobs};

use super::open::Open;
use super::place::{Field, Kind, Place, Slot};
use super::scan::{Hole, scan};
use super::text::{are_alike, read_string};
use crate::accumulate::{Accumulator, Repeat, Turn};

/// The most holes of one template; a text with more is parsed in full.
pub(super) const MAX_HOLES: usize = 128;

#[derive(Debug)]
pub(super) struct Template {
    /// The text of the chunk that the template was made of.
    text: Box<[u8]>,
    /// The values that may differ, in the order of the text; and after them those that have always
    /// been the same, though other streams have them differ.
    holes: Box<[Hole]>,
    /// How many of them may differ.
    open: u8,
    /// Which of these is the index of the choice, where choices take turns.
    index: Option<u8>,
    /// The chunk to lend; not needed while all chunks are shared.
    chunk: Option<Box<ChatCompletionChunk>>,
    shape: Option<Shape>,
    /// How its chunks are added to one another, once somebody has asked; nothing where they can only
    /// be added whole.
    repeat: Option<Option<Repeat>>,
    /// Whether more than the values of its last chunk had to be added.
    is_added_whole: bool,
    /// No two templates have the same, and one that was opened has another.
    number: u64,
}

/// A number that no other template has, whichever stream it is of.
pub(super) fn new_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What chunks of one shape share.
#[derive(Clone, Debug)]
pub(crate) struct Shape(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The fields of the places are empty or 0. Boxed, as it was when it was parsed.
    chunk: Box<ChatCompletionChunk>,
    places: Box<[Place]>,
}

impl Shape {
    /// A shape of which there is one chunk only.
    pub(crate) fn whole(chunk: Box<ChatCompletionChunk>) -> Self {
        Self(Arc::new(Shared { chunk, places: Box::default() }))
    }

    pub(crate) fn chunk(&self) -> &ChatCompletionChunk {
        &self.0.chunk
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.0.places
    }

    /// The chunk itself, copied only if other chunks share it.
    pub(crate) fn into_chunk(self) -> Box<ChatCompletionChunk> {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.chunk.clone(), |shared| shared.chunk)
    }
}

/// The values of the holes, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) joined: String,
    pub(crate) ends: Vec<u32>,
}

impl Texts {
    /// Reads values; `None` if there is none of their kind where one should be. UTF-8 is checked once
    /// for all of them, and may not go from one into the next.
    #[inline]
    fn read(&mut self, values: impl FnOnce(&mut Reader<'_>) -> Option<()>) -> Option<()> {
        let mut joined = mem::take(&mut self.joined).into_bytes();
        joined.clear();
        self.ends.clear();
        let read = values(&mut Reader { joined: &mut joined, ends: &mut self.ends });
        self.joined = String::from_utf8(joined).ok()?;
        let is_whole = |end: &u32| self.joined.is_char_boundary(*end as usize);
        read.filter(|()| self.ends.iter().all(is_whole))
    }

    /// Gives back the room of longer values.
    pub(super) fn shrink(&mut self) {
        self.joined.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// The values in order.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = *end as usize;
            let value = self.joined.get(start..end).unwrap_or_default();
            start = end;
            value
        })
    }
}

/// Takes values one after the other.
struct Reader<'a> {
    joined: &'a mut Vec<u8>,
    ends: &'a mut Vec<u32>,
}

impl Reader<'_> {
    /// Reads the value at the front of `data`; returns its length.
    #[inline]
    fn value(&mut self, kind: Kind, data: &[u8]) -> Option<usize> {
        let length = if kind == Kind::Text {
            read_string(data, self.joined)?
        } else {
            let length = kind.length(data)?;
            self.joined.extend_from_slice(data.get(..length)?);
            length
        };
        self.ends.push(u32::try_from(self.joined.len()).ok()?);
        Some(length)
    }
}

impl Template {
    /// Makes a template of a chunk and the text that it was parsed from, which another text is like,
    /// too; gives the chunk back when that is not so, or nothing is sure.
    pub(super) fn new(
        text: &[u8],
        mut chunk: Box<ChatCompletionChunk>,
        other: &[u8],
        open: &mut Open,
        texts: &mut Texts,
        number: u64,
    ) -> Result<Self, Box<ChatCompletionChunk>> {
        let holes = if other.is_empty() { None } else { scan(text, &chunk) };
        let Some(mut holes) = holes else { return Err(chunk) };
        let (mut joined, mut ends) = (Vec::new(), Vec::new());
        holes.retain(|hole| {
            joined.clear();
            ends.clear();
            let reader = Reader { joined: &mut joined, ends: &mut ends };
            fills_its_field(hole, text, &mut chunk, reader)
        });
        if holes.len() > MAX_HOLES {
            return Err(chunk);
        }
        shrink_tokens(&mut chunk);
        let holes = holes.into_boxed_slice();
        let chunk = Some(chunk);
        let mut template = Self {
            text: text.into(),
            holes,
            open: 0,
            index: None,
            chunk,
            shape: None,
            repeat: None,
            is_added_whole: false,
            number: 0,
        };
        if template.open_for(other, open, texts) {
            // Which it has got while it was opened, nobody has seen.
            template.number = number;
            return Ok(template);
        }
        Err(template.chunk.unwrap_or_default())
    }

    /// As [`open_for`](Self::open_for), for a text of which it is not known whether it is alike.
    pub(super) fn reopen(&mut self, other: &[u8], open: &mut Open, texts: &mut Texts) -> bool {
        !self.closed_holes().is_empty()
            && are_alike(&self.text, other)
            && self.open_for(other, open, texts)
    }

    /// Whether a text is like this one if every value may differ. If so, those may from now on that
    /// do, and those that do in other chunks of the stream.
    fn open_for(&mut self, other: &[u8], open: &mut Open, texts: &mut Texts) -> bool {
        let holes = || in_order(self.open_holes(), self.closed_holes());
        let read = texts.read(|values| {
            read(&self.text, holes(), other, |hole, data| values.value(hole.kind, data))
        });
        if read.is_some() {
            for (hole, value) in holes().zip(texts.iter()) {
                let known = self.text.get(hole.range()).unwrap_or_default();
                open.note(hole.place, known == value.as_bytes());
            }
        }
        if self.closed_holes().iter().any(|hole| open.has(hole.place)) {
            self.close(*open);
        }
        read.is_some()
    }

    /// Puts those values last that are the same in all chunks of the stream.
    fn close(&mut self, open: Open) {
        self.holes.sort_unstable_by_key(|hole| (!open.has(hole.place), hole.range().start));
        // There are no more than `MAX_HOLES`.
        self.open = self.holes.partition_point(|hole| open.has(hole.place)) as u8;
        let is_index = |hole: &Hole| matches!(hole.place, Place::Choice(_, Field::Index));
        self.index = self.open_holes().iter().position(is_index).map(|position| position as u8);
        (self.repeat, self.number) = (None, new_number());
        // A chunk that is shared has no value of its own where there was no hole.
        if let Some(shape) = self.shape.take() {
            self.chunk.get_or_insert_with(|| Box::new(shape.chunk().clone()));
        }
    }

    /// The turn of the chunk that was read last. Its index is one of the values, or if there are none, in
    /// the chunk that is lent.
    #[inline]
    pub(super) fn turn(&self, values: Option<&Texts>) -> Turn {
        let index = self.index.and_then(|position| match values {
            Some(values) => values.iter().nth(usize::from(position))?.parse().ok(),
            None => self.choice()?.index,
        });
        Turn { shape: self.number, index }
    }

    /// The choice of whose values one may be its index.
    pub(super) fn choice(&self) -> Option<&ChunkChoice> {
        self.any_chunk()?.choices.as_ref()?.first()
    }

    pub(super) const fn is_added_whole(&self) -> bool {
        self.is_added_whole
    }

    /// The chunk that was read last, if it was read to be lent.
    pub(super) fn chunk(&self) -> Option<&ChatCompletionChunk> {
        self.chunk.as_deref()
    }

    /// Reads the values of a text that is like this one; `None` when it is not.
    #[inline]
    pub(super) fn read(&self, data: &[u8], texts: &mut Texts) -> Option<()> {
        texts.read(|values| {
            read(&self.text, self.open_holes(), data, |hole, data| values.value(hole.kind, data))
        })
    }

    /// Reads a text that is like this one in the way in which [`add_values`](Self::add_values) takes
    /// it next.
    #[inline]
    pub(super) fn read_to_add(&mut self, data: &[u8], texts: &mut Texts) -> Option<()> {
        if self.is_added_whole { self.read_into_chunk(data) } else { self.read(data, texts) }
    }

    /// Reads a text that is like this one into the chunk that is lent; `None` when it is not, and then
    /// the chunk is good for nothing until the next text is read.
    #[inline]
    pub(super) fn read_into_chunk(&mut self, data: &[u8]) -> Option<()> {
        if self.chunk.is_none() {
            self.make_chunk();
        }
        let chunk = self.chunk.as_deref_mut()?;
        let holes = open_of(&self.holes, self.open);
        read(&self.text, holes, data, |hole, data| hole.place.slot(chunk)?.read(data))
    }

    #[inline]
    fn open_holes(&self) -> &[Hole] {
        open_of(&self.holes, self.open)
    }

    fn closed_holes(&self) -> &[Hole] {
        self.holes.get(usize::from(self.open)..).unwrap_or_default()
    }

    /// The chunk to lend, made anew of what its chunks share.
    fn make_chunk(&mut self) {
        let shape = self.shape.as_ref();
        self.chunk = Some(Box::new(shape.map(|shape| shape.chunk().clone()).unwrap_or_default()));
    }

    /// Adds the values of the chunk that [`read_to_add`](Self::read_to_add) has read. False when it is
    /// to be added whole: then it is lent.
    #[inline]
    pub(super) fn add_values(&mut self, values: &Texts, accumulator: &mut Accumulator) -> bool {
        let was_read_whole = self.is_added_whole;
        let turn = self.turn(Some(values).filter(|_| !was_read_whole));
        self.is_added_whole = !accumulator.stands_at(turn) || !self.can_repeat();
        if was_read_whole {
            return false;
        }
        if !self.is_added_whole
            && let Some(Some(repeat)) = &self.repeat
        {
            accumulator.repeat(repeat, turn.index, values);
            return true;
        }
        self.fill(values);
        false
    }

    /// Whether of a chunk that follows one of its kind only the values are added.
    #[inline]
    fn can_repeat(&mut self) -> bool {
        if self.repeat.is_none() {
            let places = self.open_holes().iter().map(|hole| hole.place);
            let chunk = self.any_chunk();
            self.repeat = Some(chunk.and_then(|chunk| Repeat::new(chunk, places)));
        }
        matches!(self.repeat, Some(Some(_)))
    }

    /// A chunk of this shape, with whatever values.
    fn any_chunk(&self) -> Option<&ChatCompletionChunk> {
        self.chunk().or(self.shape.as_ref().map(Shape::chunk))
    }

    /// Makes the chunk that is lent the one with these values.
    fn fill(&mut self, values: &Texts) {
        if self.chunk.is_none() {
            self.make_chunk();
        }
        let Some(chunk) = self.chunk.as_deref_mut() else { return };
        for (hole, value) in self.holes.iter().zip(values.iter()) {
            hole.place.fill(chunk, value);
        }
    }

    /// Gives back what long values needed; those of a chunk that is lent stay.
    pub(super) fn shrink(&mut self, is_lent: bool) {
        let Some(chunk) = self.chunk.as_deref_mut() else { return };
        for hole in open_of(&self.holes, self.open) {
            match hole.place.slot(chunk) {
                _ if !is_lent => hole.place.clear(chunk),
                Some(Slot::Text(text)) => text.shrink_to_fit(),
                Some(Slot::Integers(list)) => list.shrink_to_fit(),
                _ => {}
            }
        }
    }

    /// What the chunks of this template share. The chunk that is lent is gone if nobody needs it.
    pub(super) fn shape(&mut self) -> &Shape {
        let lent = &mut self.chunk;
        self.shape.get_or_insert_with(|| {
            let mut chunk = lent.take().unwrap_or_default();
            let open = open_of(&self.holes, self.open);
            let places = open.iter().map(|hole| hole.place).collect();
            open.iter().for_each(|hole| hole.place.clear(&mut chunk));
            Shape(Arc::new(Shared { chunk, places }))
        })
    }
}

/// Whether a template of a chunk and its text may fit another text. It costs less than to make one in
/// vain: all holes are taken for good ones, and with fewer of them the texts would be no more alike.
pub(super) fn may_fit(text: &[u8], chunk: &ChatCompletionChunk, other: &[u8]) -> bool {
    let fits =
        |holes: Vec<Hole>| read(text, &holes, other, |hole, data| hole.kind.length(data)).is_some();
    !other.is_empty() && scan(text, chunk).is_some_and(fits)
}

/// Gives back the spare room of the lists of tokens, which are of large items.
fn shrink_tokens(chunk: &mut ChatCompletionChunk) {
    let choices = chunk.choices.iter_mut().flatten();
    for logprobs in choices.filter_map(|choice| choice.logprobs.as_mut()) {
        let Logprobs { content, refusal, reasoning_content, .. } = logprobs;
        for list in [content, refusal, reasoning_content].into_iter().flatten() {
            list.shrink_to_fit();
            list.iter_mut()
                .filter_map(|token| token.top_logprobs.as_mut())
                .for_each(Vec::shrink_to_fit);
        }
    }
}

/// The first of them: those whose values may differ.
#[inline]
fn open_of(holes: &[Hole], open: u8) -> &[Hole] {
    holes.get(..usize::from(open)).unwrap_or_default()
}

/// Two lists of holes as one, each in the order of the text.
fn in_order<'h>(mut one: &'h [Hole], mut other: &'h [Hole]) -> impl Iterator<Item = &'h Hole> {
    iter::from_fn(move || {
        let is_next = |hole: &Hole| other.first().is_none_or(|other| hole.is_before(other));
        let list = if one.first().is_some_and(is_next) { &mut one } else { &mut other };
        list.split_off_first()
    })
}

/// Compares a text with the one of a template, all but the holes; `value` reads the value of a hole at
/// the front of its bytes and says how long it is. `None` as soon as anything is otherwise.
#[inline]
fn read<'h>(
    text: &[u8],
    holes: impl IntoIterator<Item = &'h Hole>,
    data: &[u8],
    mut value: impl FnMut(&Hole, &[u8]) -> Option<usize>,
) -> Option<()> {
    let mut rest = data;
    let mut start = 0;
    for hole in holes {
        let range = hole.range();
        rest = rest.strip_prefix(text.get(start..range.start)?)?;
        rest = rest.get(value(hole, rest)?..)?;
        start = range.end;
    }
    (rest == text.get(start..)?).then_some(())
}

/// Whether a value that was found is what its field holds: a field may be of another type here, or
/// have gone into `extra`.
fn fills_its_field(
    hole: &Hole,
    text: &[u8],
    chunk: &mut ChatCompletionChunk,
    mut reader: Reader<'_>,
) -> bool {
    let Some(raw) = text.get(hole.range().start..) else { return false };
    let Some(slot) = hole.place.slot(chunk) else { return false };
    let read = reader.value(hole.kind, raw);
    read.is_some() && core::str::from_utf8(reader.joined).is_ok_and(|value| slot.holds(value))
}
