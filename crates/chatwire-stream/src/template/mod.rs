//! A fast path behind [`crate::chunks`]: decodes a chunk that differs from an earlier one of the same
//! stream only in values, without parsing it again. `chunks` parses every other text and hands its chunk in.
//!
//! A template is the text of a parsed chunk with holes, one for each value that goes unchanged into one
//! field of the chunk. Decoding with it is exact: up to a hole, the new text equals the old one, so a JSON
//! parser is in the same state in both. Inside the hole, the value is read by the rules of JSON, and after
//! the hole the texts must be equal again. Anything else does not match, and the caller parses the text.
//!
//! The one rule for learning: when two texts of a stream are alike, the values that differ between them
//! become holes. A value that differs later becomes one then.

mod alike;
mod place;
mod scan;
mod shape;

use std::mem;

use chatwire_types::ChatCompletionChunk;

use alike::are_alike;
use shape::Template;

/// The most templates that are kept, because a stream has a few kinds of chunk: reasoning, text, tool calls.
const MAX_TEMPLATES: usize = 4;

/// The longest text that becomes a template. The cost of a longer one is in its strings, which a template
/// does not save.
const MAX_TEXT: usize = 16 * 1024;

/// After so many chunks in a row that match one template, the others are dropped, because an idle stream
/// should be small.
const SETTLED: u32 = 8;

/// The templates of one stream, and the chunk that was decoded last.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    known: Vec<Template>,
    /// The template that matched last. `current < known.len()` unless `known` is empty.
    current: usize,
    /// How many chunks in a row matched `current`.
    matches: u32,
    /// Which template the next one replaces when all places are taken.
    oldest: usize,
    /// The last text that was parsed, if it may become a template; empty otherwise.
    text: Vec<u8>,
    /// The chunk of that text, or of another text that was parsed. Boxed, because an idle stream has none.
    parsed: Option<Box<ChatCompletionChunk>>,
    last: Last,
}

/// Where the chunk that was decoded last is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    None,
    Parsed,
    Template,
}

impl Templates {
    /// Decodes a text that matches a template; false if it matches none.
    #[inline]
    pub(crate) fn decode(&mut self, data: &[u8]) -> bool {
        if let Some(template) = self.known.get_mut(self.current)
            && template.read(data).is_some()
        {
            self.count_match();
            return true;
        }
        self.decode_with_others(data)
    }

    /// Takes the chunk of a text that matched no template and was parsed. Without a text, it never becomes
    /// a template.
    pub(crate) fn learn(&mut self, chunk: Box<ChatCompletionChunk>, text: Option<&[u8]>) {
        let text = text.filter(|text| text.len() <= MAX_TEXT).unwrap_or_default();
        let mut chunk = chunk;
        // The chunk before was taken away, so this one is the first from which the two can be learned.
        if are_alike(&self.text, text) {
            match Template::new(text, chunk, &self.text) {
                Ok(template) => return self.keep(template),
                Err(given_back) => chunk = given_back,
            }
        }
        text.clone_into(&mut self.text);
        self.parsed = Some(chunk);
        self.last = Last::Parsed;
    }

    /// The chunk that was decoded last; `None` after [`forget_chunk`](Self::forget_chunk) and
    /// [`take`](Self::take).
    pub(crate) fn chunk(&self) -> Option<&ChatCompletionChunk> {
        match self.last {
            Last::None => None,
            Last::Parsed => self.parsed.as_deref(),
            Last::Template => self.known.get(self.current).map(Template::chunk),
        }
    }

    /// The chunk that was decoded last, to keep.
    pub(crate) fn take(&mut self) -> Option<ChatCompletionChunk> {
        match mem::take(&mut self.last) {
            Last::None => None,
            Last::Parsed => self.parsed.take().map(|chunk| *chunk),
            Last::Template => self.known.get(self.current).map(|template| template.chunk().clone()),
        }
    }

    /// Lends out the last chunk no longer.
    pub(crate) fn forget_chunk(&mut self) {
        self.last = Last::None;
    }

    /// Frees the chunk that was parsed last, because a large one follows.
    pub(crate) fn free_parsed(&mut self) {
        if self.last == Last::Parsed {
            self.last = Last::None;
        }
        self.parsed = None;
        self.text.clear();
    }

    /// Shrinks the buffers after long values, except those of the chunk that the caller is borrowing.
    #[cold]
    pub(crate) fn shrink(&mut self) {
        for (position, template) in self.known.iter_mut().enumerate() {
            template.shrink(self.last == Last::Template && position == self.current);
        }
    }

    fn decode_with_others(&mut self, data: &[u8]) -> bool {
        self.matches = 0;
        self.last = Last::None;
        if data.len() > MAX_TEXT {
            return false;
        }
        for position in (0..self.known.len()).filter(|position| *position != self.current) {
            if self.known.get_mut(position).is_some_and(|template| template.read(data).is_some()) {
                self.current = position;
                self.count_match();
                return true;
            }
        }
        self.decode_with_new_hole(data) || self.decode_with_new_template(data)
    }

    /// Decodes a text that matches a template except in values that were the same until now.
    fn decode_with_new_hole(&mut self, data: &[u8]) -> bool {
        let found = self.known.iter_mut().position(|template| template.open_for(data));
        let Some(position) = found else { return false };
        self.current = position;
        self.last = Last::Template;
        true
    }

    /// Decodes a text that is like the one before it, from whose chunk the template is made.
    fn decode_with_new_template(&mut self, data: &[u8]) -> bool {
        if self.parsed.is_none() || !are_alike(&self.text, data) {
            return false;
        }
        let Some(chunk) = self.parsed.take() else { return false };
        match Template::new(&self.text, chunk, data) {
            Ok(mut template) => {
                let matches = template.read(data).is_some();
                self.keep(template);
                if !matches {
                    self.last = Last::None;
                }
                matches
            }
            Err(chunk) => {
                self.parsed = Some(chunk);
                false
            }
        }
    }

    fn keep(&mut self, template: Template) {
        self.text = Vec::new();
        self.last = Last::Template;
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

    #[inline]
    fn count_match(&mut self) {
        self.last = Last::Template;
        self.matches = self.matches.saturating_add(1);
        if self.matches == SETTLED {
            self.settle();
        }
    }

    /// Drops what a stream of one kind of chunk does not need.
    #[cold]
    fn settle(&mut self) {
        self.known.swap(0, self.current);
        self.known.truncate(1);
        self.known.shrink_to_fit();
        (self.current, self.oldest) = (0, 0);
        self.text = Vec::new();
        self.parsed = None;
    }
}
