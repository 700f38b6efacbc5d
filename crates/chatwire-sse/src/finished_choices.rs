//! Which choices of a stream are finished, by which its end is judged. The judging is
//! [`crate::meaning`]'s work.

use chatwire_types::{ChatCompletionChunk, ChunkChoice};

use crate::rest::{choice_index, choices};

/// The most choices that are watched for a finish reason; the API allows 128.
const MAX_CHOICES: usize = 1024;

/// Which choices a stream has begun, and which of them have a finish reason.
#[derive(Debug, Default)]
pub(crate) struct FinishedChoices {
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
        if let Some((_, known)) = self.seen.iter_mut().find(|(known, _)| *known == index) {
            *known |= finished;
        } else if self.seen.len() < MAX_CHOICES {
            self.seen.push((index, finished));
        } else {
            self.too_many = true;
        }
    }

    pub(crate) fn all_finished(&self) -> bool {
        let finished = self.seen.iter().all(|(_, finished)| *finished);
        finished && !self.seen.is_empty() && !self.too_many
    }

    pub(crate) fn unfinished(&self) -> Vec<i64> {
        let unfinished = self.seen.iter().filter(|(_, finished)| !finished);
        let mut indexes: Vec<i64> = unfinished.map(|(index, _)| *index).collect();
        indexes.sort_unstable();
        indexes
    }
}

/// Whether a choice has a finish reason.
pub(crate) fn is_finished(choice: &ChunkChoice) -> bool {
    choice.finish_reason.as_ref().is_some_and(|reason| !reason.as_str().is_empty())
}
