//! Records which choices of a stream have begun and which have a finish reason. [`super::event_reader`]
//! decides from that whether the stream is complete.

use std::borrow::Cow;

use chatwire_types::{ChatCompletionChunk, ChunkChoice};

use crate::rules::{fitting, index_or_extra, says};

/// The maximum number of choices that are recorded. The API allows 128.
const MAX_CHOICES: usize = 1024;

/// Which choices a stream has begun, and which of them have a finish reason.
#[derive(Debug, Default)]
pub(crate) struct FinishedChoices {
    /// The index of each choice, and whether it has a finish reason. Sorted by index, without duplicates;
    /// `seen.len() <= MAX_CHOICES`.
    seen: Vec<(i64, bool)>,
    /// Whether there were more choices. Then [`all_finished`](Self::all_finished) is false.
    too_many: bool,
}

impl FinishedChoices {
    pub(crate) fn note(&mut self, chunk: &ChatCompletionChunk) {
        for choice in choices(chunk).iter() {
            self.note_choice(choice_index(choice), is_finished(choice));
        }
    }

    fn note_choice(&mut self, index: i64, finished: bool) {
        match self.seen.binary_search_by_key(&index, |(known, _)| *known) {
            Ok(position) => {
                if let Some((_, known)) = self.seen.get_mut(position) {
                    *known |= finished;
                }
            }
            Err(position) if self.seen.len() < MAX_CHOICES => {
                self.seen.insert(position, (index, finished));
            }
            Err(_) => self.too_many = true,
        }
    }

    /// How many choices have begun.
    pub(crate) const fn count(&self) -> usize {
        self.seen.len()
    }

    pub(crate) fn all_finished(&self) -> bool {
        let finished = self.seen.iter().all(|(_, finished)| *finished);
        finished && !self.seen.is_empty() && !self.too_many
    }

    pub(crate) fn unfinished(&self) -> Vec<i64> {
        let unfinished = self.seen.iter().filter(|(_, finished)| !finished);
        unfinished.map(|(index, _)| *index).collect()
    }
}

/// Whether a choice has a finish reason.
pub(crate) fn is_finished(choice: &ChunkChoice) -> bool {
    says(&choice.finish_reason)
}

/// The choices of a chunk. If the list also holds other values, those are left out.
pub(crate) fn choices(chunk: &ChatCompletionChunk) -> Cow<'_, [ChunkChoice]> {
    match &chunk.choices {
        Some(choices) => Cow::Borrowed(choices),
        None => Cow::Owned(fitting(&chunk.extra, "choices")),
    }
}

/// The index of a choice, or 0 if it has none.
pub(crate) fn choice_index(choice: &ChunkChoice) -> i64 {
    index_or_extra(choice.index, &choice.extra).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_in_any_order() {
        let mut choices = FinishedChoices::default();
        assert!(!choices.all_finished());
        for (index, finished) in [(7, false), (-1, false), (3, true), (7, false)] {
            choices.note_choice(index, finished);
        }
        assert_eq!(choices.unfinished(), [-1, 7]);
        choices.note_choice(7, true);
        choices.note_choice(-1, true);
        // A finished choice stays finished.
        choices.note_choice(3, false);
        assert!(choices.all_finished());
        assert_eq!(choices.seen.len(), 3);
    }

    #[test]
    fn with_too_many_choices_the_stream_is_not_complete() {
        let mut choices = FinishedChoices::default();
        (0..MAX_CHOICES as i64).rev().for_each(|index| choices.note_choice(index, true));
        assert!(choices.all_finished());
        choices.note_choice(-1, true);
        assert!(!choices.all_finished());
        assert_eq!(choices.unfinished(), [0; 0]);
    }
}
