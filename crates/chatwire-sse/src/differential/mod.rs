//! What equals the chunk before is not parsed again: consecutive chunks of one stream differ almost
//! only in some strings, numbers and lists of numbers. A chunk that is unlike all templates is
//! [`crate::meaning`]'s to parse.
//!
//! Why this is exact: a template is the text of a chunk that was parsed in full, with a hole for each
//! value that goes, whatever it is, into one field of the chunk. As long
//! as a new text equals the template, a parser of JSON is in the same state in both. Inside a hole
//! the new value is read by the rules of JSON, and after it the text must go on as the template does.
//! Anything else, wrong UTF-8 included, is no match, and the text is parsed in full.
//!
//! A template is made when a text comes that seems to be like the one before it: most streams begin
//! and end with chunks of which there is only one, and those would be learned in vain. Which fields
//! have holes in all streams, and which only once they differ, is said in [`open`].

mod escapes;
mod numbers;
mod open;
mod place;
mod scan;
mod template;
mod text;

use std::mem;

use chatwire_types::ChatCompletionChunk;

use open::Open;
pub(crate) use place::{Field, Key, Place};
pub(crate) use template::{Shape, Texts};
use template::{Template, may_fit, new_number};
use text::are_alike;
pub(crate) use text::{inside, read_string};

use crate::accumulate::Accumulator;
use crate::finished_choices::is_finished;

/// The most shapes that are kept: a few kinds of chunk, as of reasoning, text and tool calls.
const MAX_TEMPLATES: usize = 4;

/// Longer texts are parsed in full: their cost is in their strings, which a template does not save,
/// and a copy of them would not be small any more.
const MAX_TEXT: usize = 16 * 1024;

/// After so many chunks of one shape in a row, the others are forgotten. It keeps idle streams small.
/// After so many of no known shape, all are, and a new one is looked for only now and then: to look
/// costs more than to parse.
const STREAK: u32 = 8;

/// How many more chunks are parsed before the next two are compared. Together it is less than another
/// [`STREAK`] until a stream that goes on with chunks of one shape is read fast again.
const PAUSE: u32 = 6;

/// The shapes of the chunks of one stream.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    known: Vec<Template>,
    /// The template that the last chunk is in.
    current: usize,
    /// Which template the next new one replaces.
    oldest: usize,
    /// How many chunks in a row were like the current template.
    hits: u32,
    /// How many chunks were like none, less those before them that were like one.
    misses: u32,
    open: Open,
    texts: Texts,
    /// The text of the chunk before, if it was parsed in full.
    noted: Vec<u8>,
    /// The number of the shape of that chunk.
    noted_number: u64,
}

impl Templates {
    /// Reads a text that is like a template; false when it is like none.
    #[inline]
    pub(crate) fn read(&mut self, data: &[u8]) -> bool {
        self.find(data, |template, _| template.read_into_chunk(data))
    }

    /// As [`read`](Self::read), without changing the chunk that is lent: the values are there for
    /// [`shared`](Self::shared).
    #[inline]
    pub(crate) fn read_values(&mut self, data: &[u8]) -> bool {
        self.find(data, |template, texts| template.read(data, texts))
    }

    /// What the chunk whose values were read last shares with others, and what is its own.
    #[inline]
    pub(crate) fn shared(&mut self) -> Option<(&Shape, &Texts)> {
        let template = self.known.get_mut(self.current)?;
        Some((template.shape(), &self.texts))
    }

    /// As [`read`](Self::read), for [`add_values`](Self::add_values).
    #[inline]
    pub(crate) fn read_to_add(&mut self, data: &[u8]) -> bool {
        self.find(data, |template, texts| template.read_to_add(data, texts))
    }

    /// Adds the chunk whose values were read last.
    #[inline]
    pub(crate) fn add_values(&mut self, accumulator: &mut Accumulator) {
        if let Some(template) = self.known.get_mut(self.current)
            && !template.add_values(&self.texts, accumulator)
        {
            self.add_lent(accumulator);
        }
    }

    /// Adds the chunk that is lent.
    pub(crate) fn add_lent(&self, accumulator: &mut Accumulator) {
        let Some(added) = self.known.get(self.current) else { return };
        let Some(chunk) = added.chunk() else { return };
        accumulator.push_turn(chunk, added.turn(None));
    }

    /// Whether choices take turns that have a chunk each.
    #[inline]
    pub(crate) const fn has_turns(&self) -> bool {
        self.open.has_turns()
    }

    /// Whether [`read_to_add`](Self::read_to_add) has read the last text into the chunk that is lent.
    pub(crate) fn is_added_whole(&self) -> bool {
        self.known.get(self.current).is_some_and(Template::is_added_whole)
    }

    /// The index of the choice that was read last, into the chunk that is lent or not, if it is one of
    /// those that take turns, and whether it has a finish reason.
    pub(crate) fn turn(&self, in_chunk: bool) -> Option<(i64, bool)> {
        let template = self.known.get(self.current)?;
        let turn = template.turn(Some(&self.texts).filter(|_| !in_chunk));
        Some((turn.index?, is_finished(template.choice()?)))
    }

    /// Whether the last chunk was the one after which only its template is kept.
    #[inline]
    pub(crate) const fn has_settled(&self) -> bool {
        self.hits == STREAK
    }

    /// Gives back the values apart from a chunk. Chunks that are lent have theirs inside, and these are
    /// then of the last template that was made.
    #[inline]
    pub(crate) fn forget_texts(&mut self) {
        if self.texts.ends.capacity() > 0 {
            self.texts = Texts::default();
        }
    }

    /// Gives back what long values needed; those of a chunk that is lent stay.
    #[cold]
    pub(crate) fn shrink(&mut self, is_lent: bool) {
        self.texts = Texts::default();
        for (position, template) in self.known.iter_mut().enumerate() {
            template.shrink(is_lent && position == self.current);
        }
    }

    /// Remembers the text of a chunk that was parsed in full, for the case that the next is like it;
    /// false when that would be in vain.
    pub(crate) fn note(&mut self, data: &[u8]) -> bool {
        let pauses = self.count_miss();
        self.noted.clear();
        if pauses || data.len() > MAX_TEXT {
            return false;
        }
        self.noted_number = new_number();
        self.noted.extend_from_slice(data);
        !self.noted.is_empty()
    }

    /// Says whether the search for shapes pauses. Without templates, it costs nothing then.
    fn count_miss(&mut self) -> bool {
        self.misses = if self.misses < STREAK + PAUSE { self.misses + 1 } else { STREAK };
        let pauses = self.misses > STREAK;
        if pauses {
            self.known = Vec::new();
            (self.current, self.oldest) = (0, 0);
        }
        pauses
    }

    /// Reads a text that is like a template but for values that have been the same so far; false when
    /// it is like none. The template is opened for them.
    pub(crate) fn reopen(&mut self, data: &[u8]) -> bool {
        let Self { known, open, texts, .. } = self;
        if data.len() > MAX_TEXT {
            return false;
        }
        let found = known.iter_mut().position(|template| template.reopen(data, open, texts));
        self.current = found.unwrap_or(self.current);
        found.is_some()
    }

    /// The number of the shape of the chunk that was noted last.
    pub(crate) const fn noted_number(&self) -> u64 {
        self.noted_number
    }

    /// Whether a text is like the one that was noted last, as far as can be told in short time.
    pub(crate) fn is_like_noted(&self, data: &[u8]) -> bool {
        !self.noted.is_empty() && data.len() <= MAX_TEXT && are_alike(&self.noted, data)
    }

    /// Takes the chunk of the text that was noted last as a template, if this text is like it.
    pub(crate) fn learn_noted(&mut self, chunk: Box<ChatCompletionChunk>, data: &[u8]) -> bool {
        let noted = mem::take(&mut self.noted);
        if self.misses >= STREAK && !may_fit(&noted, &chunk, data) {
            return false;
        }
        match Template::new(&noted, chunk, data, &mut self.open, &mut self.texts, self.noted_number)
        {
            Ok(template) => self.keep(template),
            Err(_) => return false,
        }
        true
    }

    /// Takes a chunk as a template: one that the text fits, too, that was noted last, or failing that
    /// one for chunks to come. Gives the chunk back when it makes none.
    pub(crate) fn learn(
        &mut self,
        data: &[u8],
        chunk: Box<ChatCompletionChunk>,
    ) -> Option<Box<ChatCompletionChunk>> {
        let noted = mem::take(&mut self.noted);
        // After many of no known shape, the next is hardly like this one.
        if self.misses >= STREAK && !may_fit(data, &chunk, &noted) {
            return Some(chunk);
        }
        let mut new = |chunk, other| {
            Template::new(data, chunk, other, &mut self.open, &mut self.texts, new_number())
        };
        match new(chunk, &noted).or_else(|chunk| new(chunk, data)) {
            Ok(template) => self.keep(template),
            Err(chunk) => return Some(chunk),
        }
        // The text was like no template that was there.
        self.misses += 1;
        None
    }

    /// The chunk that was read or learned last.
    pub(crate) fn chunk(&self) -> Option<&ChatCompletionChunk> {
        self.known.get(self.current).and_then(Template::chunk)
    }

    /// Looks for the template that a text is like, from the one that fits best on: the same again, or
    /// where choices take turns, the next.
    #[inline]
    fn find(
        &mut self,
        data: &[u8],
        read: impl Fn(&mut Template, &mut Texts) -> Option<()>,
    ) -> bool {
        if data.len() > MAX_TEXT {
            return false;
        }
        for _ in 0..self.known.len() {
            let Some(template) = self.known.get_mut(self.current) else { return false };
            if read(template, &mut self.texts).is_some() {
                self.count_hit();
                return true;
            }
            self.end_hits();
            self.current = (self.current + 1) % self.known.len();
        }
        false
    }

    /// To be like a template saves about as much as it costs to be like none.
    fn end_hits(&mut self) {
        self.misses = self.misses.saturating_sub(mem::take(&mut self.hits));
    }

    fn count_hit(&mut self) {
        self.hits = self.hits.saturating_add(1);
        if self.has_settled() {
            self.forget_others();
        }
    }

    /// Forgets what an idle stream does not need: the other templates, and the text that was noted.
    #[cold]
    fn forget_others(&mut self) {
        self.known.swap(0, self.current);
        self.known.truncate(1);
        self.known.shrink_to_fit();
        (self.current, self.oldest) = (0, 0);
        self.noted = Vec::new();
        self.texts.shrink();
    }

    fn keep(&mut self, template: Template) {
        self.hits = 0;
        if self.known.len() < MAX_TEMPLATES {
            self.known.reserve_exact(1);
            self.known.push(template);
            self.current = self.known.len() - 1;
        } else if let Some(slot) = self.known.get_mut(self.oldest) {
            *slot = template;
            self.current = self.oldest;
            self.oldest = (self.oldest + 1) % MAX_TEMPLATES;
        }
    }
}
