//! What all connections of one server share. [`server`](crate::server) makes it, and
//! [`routes`](crate::routes) hands it to what answers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::budget::Budget;
use crate::fault::RandomFaults;
use crate::kept::Kept;
use crate::limits::{ALL_ANSWERS, ALL_BODIES, Limits};
use crate::queue::Queue;

/// The state that all connections of one server share.
pub(crate) struct State {
    pub(crate) api_key: Option<String>,
    answers: Mutex<VecDeque<String>>,
    pub(crate) chunk_delay: Duration,
    pub(crate) limits: Limits,
    count: AtomicU64,
    pub(crate) kept: Kept,
    pub(crate) bodies: Budget,
    pub(crate) large_answers: Budget,
    pub(crate) queue: Queue,
    pub(crate) random_faults: RandomFaults,
}

impl State {
    pub(crate) fn new(
        api_key: Option<String>,
        answers: Vec<String>,
        chunk_delay: Duration,
        limits: Limits,
        random_faults: RandomFaults,
    ) -> Self {
        Self {
            api_key,
            answers: Mutex::new(answers.into()),
            chunk_delay,
            limits,
            count: AtomicU64::new(0),
            kept: Kept::new(limits.kept_requests),
            bodies: Budget::new(ALL_BODIES),
            large_answers: Budget::new(ALL_ANSWERS),
            queue: Queue::new(),
            random_faults,
        }
    }

    /// The next text that the user has set. The last one is repeated.
    pub(crate) fn next_text(&self) -> Option<String> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }
}
