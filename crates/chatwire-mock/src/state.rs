//! What all connections of one server share. [`server`](crate::server) makes it, and
//! [`routes`](crate::routes) hands it to what answers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::budget::{Budget, Lease};
use crate::fault::RandomFaults;
use crate::journal::Journal;
use crate::limits::{ALL_ANSWERS, ALL_BODIES, Limits};
use crate::models::Models;
use crate::problem::Problem;
use crate::queue::Queue;
use crate::script::Rules;
use crate::stored::Store;

/// The state that all connections of one server share.
pub(crate) struct State {
    pub(crate) api_key: Option<String>,
    pub(crate) rules: Rules,
    answers: Mutex<VecDeque<String>>,
    pub(crate) chunk_delay: Duration,
    pub(crate) limits: Limits,
    count: AtomicU64,
    pub(crate) journal: Journal,
    pub(crate) stored: Store,
    pub(crate) models: Models,
    pub(crate) bodies: Budget,
    large_answers: Budget,
    pub(crate) queue: Queue,
    pub(crate) random_faults: RandomFaults,
}

/// What the user has set.
pub(crate) struct Settings {
    pub(crate) api_key: Option<String>,
    pub(crate) rules: Rules,
    pub(crate) answers: Vec<String>,
    pub(crate) chunk_delay: Duration,
    pub(crate) models: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) random_faults: RandomFaults,
}

impl State {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            api_key: settings.api_key,
            rules: settings.rules,
            answers: Mutex::new(settings.answers.into()),
            chunk_delay: settings.chunk_delay,
            limits: settings.limits,
            count: AtomicU64::new(0),
            journal: Journal::new(settings.limits.kept_requests),
            stored: Store::default(),
            models: Models::new(settings.models),
            bodies: Budget::new(ALL_BODIES),
            large_answers: Budget::new(ALL_ANSWERS),
            queue: Queue::new(),
            random_faults: settings.random_faults,
        }
    }

    /// The next text that the user has set. The last one is repeated.
    pub(crate) fn next_text(&self) -> Option<String> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }

    /// Counts an answer against the bound on all large ones, until the client has read it.
    pub(crate) fn lease_answer(&self, size: usize) -> Result<Lease, Problem> {
        self.large_answers.lease(size).map_err(|_| {
            let text = "The mock holds too many large answers that their clients have not read: \
                        read them, or ask for fewer or shorter ones at the same time.";
            Problem::new(503, text)
        })
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }
}
