//! One shape of chunk: the text around its holes, the fields that the holes fill, and a chunk to fill
//! them in. Which shapes are kept, and in which order they are tried, is [`super`]'s work.

use std::mem;
use std::sync::Arc;

use chatwire_types::ChatCompletionChunk;

use super::open::Open;
use super::place::{Kind, Place};
use super::scan::{Found, scan};
use super::text::{length, unescape};

/// The most holes of one template; a text with more is parsed in full.
const MAX_HOLES: usize = 128;

#[derive(Debug)]
pub(super) struct Template {
    /// The text without the values, and before which of its bytes they stand.
    around: Box<[u8]>,
    holes: Box<[Hole]>,
    /// The chunk to lend; not needed while all chunks are shared.
    chunk: Option<Box<ChatCompletionChunk>>,
    shape: Option<Shape>,
}

#[derive(Clone, Copy, Debug)]
struct Hole {
    at: usize,
    place: Place,
}

/// What chunks of one shape share.
#[derive(Clone, Debug)]
pub(crate) struct Shape(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The fields of the places are empty or 0.
    chunk: ChatCompletionChunk,
    places: Box<[Place]>,
}

impl Shape {
    /// A shape of which there is one chunk only.
    pub(crate) fn whole(chunk: ChatCompletionChunk) -> Self {
        Self(Arc::new(Shared { chunk, places: Box::default() }))
    }

    pub(crate) fn chunk(&self) -> &ChatCompletionChunk {
        &self.0.chunk
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.0.places
    }

    /// The chunk itself, copied only if other chunks share it.
    pub(crate) fn into_chunk(self) -> ChatCompletionChunk {
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

    /// The values in order.
    #[inline]
    fn iter(&self) -> impl Iterator<Item = &str> {
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
        let (length, escaped) = length(kind, data)?;
        let value = data.get(..length)?;
        if !escaped {
            self.joined.extend_from_slice(value);
        } else if !unescape(value, self.joined) {
            return None;
        }
        self.ends.push(u32::try_from(self.joined.len()).ok()?);
        Some(length)
    }
}

impl Template {
    /// Makes a template of a chunk and the text that it was parsed from, which another text is like,
    /// too; gives the chunk back when that is not so, or nothing is sure.
    ///
    /// Of the fields that are the same all through most streams, only those are holes that are known
    /// to differ in this one.
    pub(super) fn new(
        data: &[u8],
        mut chunk: ChatCompletionChunk,
        other: &[u8],
        open: &mut Open,
    ) -> Result<Self, Box<ChatCompletionChunk>> {
        if other.is_empty() {
            return Err(Box::new(chunk));
        }
        let Some(mut found) = scan(data, &chunk) else { return Err(Box::new(chunk)) };
        found.retain(|found| fills_its_field(found, data, &mut chunk));
        if found.len() > MAX_HOLES {
            return Err(Box::new(chunk));
        }
        let (around, holes) = cut(data, &found);
        let mut template = Self { around, holes, chunk: None, shape: None };
        let mut texts = Texts::default();
        if template.read(other, &mut texts).is_none() {
            return Err(Box::new(chunk));
        }
        for (hole, value) in template.holes.iter().zip(texts.iter()) {
            let is_same = hole.place.slot(&mut chunk).is_some_and(|slot| slot.holds(value));
            open.note(hole.place, is_same);
        }
        found.retain(|found| open.has(found.place));
        (template.around, template.holes) = cut(data, &found);
        template.chunk = Some(Box::new(chunk));
        Ok(template)
    }

    /// The chunk that was read last, if it was read to be lent.
    pub(super) fn chunk(&self) -> Option<&ChatCompletionChunk> {
        self.chunk.as_deref()
    }

    /// What is equal in all chunks of this template.
    pub(super) fn frame(&self) -> Option<&ChatCompletionChunk> {
        self.chunk().or(self.shape.as_ref().map(Shape::chunk))
    }

    /// Reads the values of a text that is like this one; `None` when it is not.
    #[inline]
    pub(super) fn read(&self, data: &[u8], texts: &mut Texts) -> Option<()> {
        texts.read(|values| {
            let mut rest = data;
            let mut start = 0;
            for hole in &self.holes {
                rest = rest.strip_prefix(self.around.get(start..hole.at)?)?;
                rest = rest.get(values.value(hole.place.kind(), rest)?..)?;
                start = hole.at;
            }
            (rest == self.around.get(start..)?).then_some(())
        })
    }

    /// Reads a text that is like this one into the chunk that is lent; `None` when it is not, and then
    /// the chunk is good for nothing until the next text is read.
    #[inline]
    pub(super) fn read_into_chunk(&mut self, data: &[u8]) -> Option<()> {
        let shape = self.shape.as_ref();
        let chunk = self.chunk.get_or_insert_with(|| {
            Box::new(shape.map(|shape| shape.chunk().clone()).unwrap_or_default())
        });
        let mut rest = data;
        let mut start = 0;
        for hole in &self.holes {
            rest = rest.strip_prefix(self.around.get(start..hole.at)?)?;
            let (length, escaped) = length(hole.place.kind(), rest)?;
            let (value, after) = rest.split_at_checked(length)?;
            hole.place.slot(chunk)?.read(value, escaped)?;
            rest = after;
            start = hole.at;
        }
        (rest == self.around.get(start..)?).then_some(())
    }

    /// What the chunks of this template share. The chunk that is lent is gone if nobody needs it.
    pub(super) fn shape(&mut self) -> &Shape {
        let lent = &mut self.chunk;
        self.shape.get_or_insert_with(|| {
            let mut chunk = lent.take().map(|chunk| *chunk).unwrap_or_default();
            let places = self.holes.iter().map(|hole| hole.place).collect();
            self.holes.iter().for_each(|hole| hole.place.clear(&mut chunk));
            Shape(Arc::new(Shared { chunk, places }))
        })
    }
}

/// Whether a value that was found is what its field holds: a field may be of another type here, or
/// have gone into `extra`.
fn fills_its_field(found: &Found, data: &[u8], chunk: &mut ChatCompletionChunk) -> bool {
    let Some(raw) = data.get(found.start..found.end) else { return false };
    let Some(slot) = found.place.slot(chunk) else { return false };
    let mut value = Vec::new();
    let is_value = found.place.kind() != Kind::Text || unescape(raw, &mut value);
    let value = if found.place.kind() == Kind::Text { &value } else { raw };
    is_value && core::str::from_utf8(value).is_ok_and(|value| slot.holds(value))
}

/// The text without the values that were found.
fn cut(data: &[u8], found: &[Found]) -> (Box<[u8]>, Box<[Hole]>) {
    let values: usize = found.iter().map(|found| found.end - found.start).sum();
    let mut around = Vec::with_capacity(data.len() - values);
    let mut start = 0;
    let mut holes = Vec::with_capacity(found.len());
    for found in found {
        around.extend_from_slice(data.get(start..found.start).unwrap_or_default());
        holes.push(Hole { at: around.len(), place: found.place });
        start = found.end;
    }
    around.extend_from_slice(data.get(start..).unwrap_or_default());
    (around.into(), holes.into())
}
