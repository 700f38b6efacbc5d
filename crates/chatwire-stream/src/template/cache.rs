//! Keeps the templates of one stream and the chunk that was decoded last.
//! [`super`] makes one template and reads a text with it.

use std::mem;

use chatwire_types::ChatCompletionChunk;

use super::Template;
use super::similarity::are_alike;

/// The maximum number of templates. A stream has a few kinds of chunk: reasoning, text, tool calls.
const MAX_TEMPLATES: usize = 4;

/// The maximum length of a text that becomes a template. Most of the cost of a longer text is in its strings,
/// which a template does not avoid.
const MAX_TEXT: usize = 16 * 1024;

/// After this many chunks in a row that match one template, the others are dropped to save memory.
const SETTLED: u32 = 8;

/// The templates of one stream, and the chunk that was decoded last.
#[derive(Debug, Default)]
pub(crate) struct TemplateCache {
    /// The template that matched last is the last one here. `known.len() <= MAX_TEMPLATES`
    known: Vec<Template>,
    /// The number of chunks in a row that matched the last template.
    matches: u32,
    /// The last text that was parsed, if it may become a template; empty otherwise.
    text: Vec<u8>,
    /// The last chunk that was parsed; if `text` is not empty, the chunk of that text. Boxed, because an idle
    /// stream has none.
    parsed: Option<Box<ChatCompletionChunk>>,
    last: Last,
}

/// The place of the chunk that was decoded last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    None,
    Parsed,
    Template,
}

impl TemplateCache {
    /// Decodes a text with a template. Returns false if it matches none.
    #[inline]
    pub(crate) fn decode(&mut self, data: &[u8]) -> bool {
        if let Some(template) = self.known.last_mut()
            && template.read(data).is_some()
        {
            self.count_match();
            return true;
        }
        self.decode_with_others(data)
    }

    /// Stores a chunk that was parsed. With its `text`, it may become a template.
    pub(crate) fn learn(&mut self, mut chunk: Box<ChatCompletionChunk>, text: Option<&[u8]>) {
        let text = text.filter(|text| text.len() <= MAX_TEXT).unwrap_or_default();
        // `decode` makes a template from the previous chunk, but the caller may have taken that one.
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
            Last::Template => self.known.last().map(|template| &*template.chunk),
        }
    }

    /// Takes the chunk that was decoded last. Returns `None` the second time.
    pub(crate) fn take(&mut self) -> Option<ChatCompletionChunk> {
        match mem::take(&mut self.last) {
            Last::None => None,
            Last::Parsed => self.parsed.take().map(|chunk| *chunk),
            Last::Template => self.known.last().map(|template| (*template.chunk).clone()),
        }
    }

    /// Makes [`chunk`](Self::chunk) return `None`, after an event that is not a chunk.
    pub(crate) fn forget_chunk(&mut self) {
        self.last = Last::None;
    }

    /// Frees the chunk that was parsed last, before a large one is parsed.
    pub(crate) fn free_parsed(&mut self) {
        if self.last == Last::Parsed {
            self.last = Last::None;
        }
        self.parsed = None;
        self.text.clear();
    }

    /// Shrinks the buffers after long values, except those that the caller is still borrowing.
    #[cold]
    pub(crate) fn shrink(&mut self) {
        let borrowed = self.known.len().checked_sub(1).filter(|_| self.last == Last::Template);
        for (position, template) in self.known.iter_mut().enumerate() {
            template.shrink(borrowed == Some(position));
        }
    }

    fn decode_with_others(&mut self, data: &[u8]) -> bool {
        self.matches = 0;
        self.last = Last::None;
        if data.len() > MAX_TEXT {
            return false;
        }
        // `decode` has tried the last template.
        let found =
            self.known.iter_mut().rev().skip(1).position(|template| template.read(data).is_some());
        if let Some(steps) = found {
            self.move_to_end(steps + 1);
            self.count_match();
            return true;
        }
        self.decode_with_new_holes(data) || self.decode_with_new_template(data)
    }

    /// Decodes a text that matches a template except in values that were the same until now.
    fn decode_with_new_holes(&mut self, data: &[u8]) -> bool {
        let found =
            self.known.iter_mut().rev().position(|template| template.read_with_new_holes(data));
        let Some(steps) = found else { return false };
        self.move_to_end(steps);
        self.last = Last::Template;
        true
    }

    /// Decodes a text that is like the previous one, and makes a template from the previous chunk.
    fn decode_with_new_template(&mut self, data: &[u8]) -> bool {
        let Some(chunk) = self.parsed.take_if(|_| are_alike(&self.text, data)) else {
            return false;
        };
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
        if self.known.len() == MAX_TEMPLATES {
            self.known.remove(0);
        }
        self.known.reserve_exact(1);
        self.known.push(template);
    }

    /// Makes the template that is this many steps before the last one the last one.
    fn move_to_end(&mut self, steps: usize) {
        if let Some(later) =
            self.known.len().checked_sub(steps + 1).and_then(|from| self.known.get_mut(from..))
        {
            later.rotate_left(1);
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

    /// Drops everything except the last template.
    #[cold]
    fn settle(&mut self) {
        self.known.drain(..self.known.len().saturating_sub(1));
        self.known.shrink_to_fit();
        self.text = Vec::new();
        self.parsed = None;
    }
}
