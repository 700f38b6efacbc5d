//! Which choices of a stream are finished, by which its end is judged. [`super::event_reader`]
//! judges it.

use std::borrow::Cow;

use chatwire_types::{ChatCompletionChunk, ChunkChoice};

use crate::rules::{fitting, index, says};

/// The most choices that are watched for a finish reason; the API allows 128.
const MAX_CHOICES: usize = 1024;

/// Which choices a stream has begun, and which of them have a finish reason.
#[derive(Debug, Default)]
pub(crate) struct FinishedChoices {
    /// By their index, in order.
    seen: Vec<(i64, bool)>,
    /// More choices came than are watched, so that finish reasons prove nothing.
    too_many: bool,
}

impl FinishedChoices {
    pub(crate) fn note(&mut self, chunk: &ChatCompletionChunk) {
        for choice in choices(chunk).iter() {
            self.note_one(choice_index(choice), is_finished(choice));
        }
    }

    /// Notes the choice with this index.
    pub(crate) fn note_one(&mut self, index: i64, finished: bool) {
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

/// The choices of a chunk. Of a list that holds something else beside choices, the choices.
pub(crate) fn choices(chunk: &ChatCompletionChunk) -> Cow<'_, [ChunkChoice]> {
    match &chunk.choices {
        Some(choices) => Cow::Borrowed(choices),
        None => Cow::Owned(fitting(&chunk.extra, "choices")),
    }
}

/// The index of a choice, 0 if it has none.
pub(crate) fn choice_index(choice: &ChunkChoice) -> i64 {
    index(choice.index, &choice.extra).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_in_any_order() {
        let mut choices = FinishedChoices::default();
        assert!(!choices.all_finished());
        for (index, finished) in [(7, false), (-1, false), (3, true), (7, false)] {
            choices.note_one(index, finished);
        }
        assert_eq!(choices.unfinished(), [-1, 7]);
        choices.note_one(7, true);
        choices.note_one(-1, true);
        // What is finished stays so.
        choices.note_one(3, false);
        assert!(choices.all_finished());
        assert_eq!(choices.seen.len(), 3);
    }

    #[test]
    fn more_choices_than_are_watched_prove_nothing() {
        let mut choices = FinishedChoices::default();
        (0..MAX_CHOICES as i64).rev().for_each(|index| choices.note_one(index, true));
        assert!(choices.all_finished());
        choices.note_one(-1, true);
        assert!(!choices.all_finished());
        assert_eq!(choices.unfinished(), [0; 0]);
    }

    #[test]
    fn a_choice_is_found_at_once_among_many() {
        let time = |count: i64| {
            let mut choices = FinishedChoices::default();
            (0..count).for_each(|index| choices.note_one(index, false));
            let start = std::time::Instant::now();
            (0..1000).for_each(|position| choices.note_one(position % count, false));
            start.elapsed()
        };
        // The shortest of many: other tests run beside this one.
        let time = |count| (0..50).map(|_| time(count)).min().unwrap_or_default();
        let (few, many) = (time(8), time(MAX_CHOICES as i64));
        assert!(many < few * 8, "{few:?} among 8, {many:?} among {MAX_CHOICES}");
    }
}
