//! Sends requests, counts them, and keeps the answers that several cases share, because requests cost money. It also
//! decides how long a run waits for a server that is busy or silent. [`runner`](super::runner) judges the answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::judge::Seen;
use crate::wire::{Connector, Ending, Sent, Waits, exchange};

pub(super) struct Requests {
    connector: Connector,
    waits: Waits,
    budget: usize,
    count: usize,
    /// The answers that cases share.
    shared: HashMap<Sent, Arc<Seen>>,
    /// Whether any answer came.
    is_reached: bool,
    /// How long the run may still wait until a busy server is ready.
    patience: Duration,
    /// How long the run may still wait for answers that do not become whole.
    silence: Duration,
    over: Option<Over>,
}

/// Why no more requests are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The server takes no connections, and did before.
    Gone,
    /// Answers that did not become whole took too long together.
    Silent,
    /// The server asks to wait longer than the run does.
    Busy(String),
}

impl Requests {
    pub(super) fn new(connector: Connector, waits: Waits, budget: usize) -> Self {
        Self {
            connector,
            waits,
            budget,
            count: 0,
            shared: HashMap::new(),
            is_reached: false,
            patience: MOST_PATIENCE,
            silence: MOST_SILENCE,
            over: None,
        }
    }

    /// How many were sent.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn over(&self) -> Option<&Over> {
        self.over.as_ref()
    }

    pub(super) fn base_url(&self) -> String {
        self.connector.address.shown()
    }

    /// The answer to a request that other cases send, too. `None` if it is beyond the budget.
    pub(super) async fn shared(&mut self, sent: &Sent) -> Option<Arc<Seen>> {
        if let Some(seen) = self.shared.get(sent) {
            return Some(seen.clone());
        }
        let seen = self.one(sent).await?;
        self.shared.insert(sent.clone(), seen.clone());
        Some(seen)
    }

    /// The answer to one request. A busy server gets two more chances. `None` if it is beyond the budget.
    pub(super) async fn one(&mut self, sent: &Sent) -> Option<Arc<Seen>> {
        let mut seen = None;
        for chance in 1..=CHANCES {
            if self.count >= self.budget {
                break;
            }
            self.count += 1;
            let start = Instant::now();
            let answer = exchange(&self.connector, sent, self.waits).await;
            let answer = Arc::new(Seen::new(sent.clone(), answer));
            let wait = self.wait_for(&answer).filter(|_| chance < CHANCES);
            seen = Some(answer);
            let Some(wait) = wait else {
                self.note(seen.as_slice(), start.elapsed());
                break;
            };
            self.patience = self.patience.saturating_sub(wait);
            tokio::time::sleep(wait).await;
        }
        seen
    }

    /// The answers to the same request, sent several times at once. Empty if they are beyond the budget.
    pub(super) async fn at_once(&mut self, sent: &Sent, times: usize) -> Vec<Arc<Seen>> {
        if self.count + times > self.budget {
            return Vec::new();
        }
        self.count += times;
        let start = Instant::now();
        let mut running = JoinSet::new();
        for _ in 0..times {
            let (connector, sent, waits) = (self.connector.clone(), sent.clone(), self.waits);
            running.spawn(async move {
                let answer = exchange(&connector, &sent, waits).await;
                Arc::new(Seen::new(sent, answer))
            });
        }
        let seen = running.join_all().await;
        self.note(&seen, start.elapsed());
        seen
    }

    /// How long to wait before the request is sent again; `None` if its answer is final.
    fn wait_for(&mut self, seen: &Seen) -> Option<Duration> {
        match (&seen.exchange.ending, seen.status()) {
            // A server that was there may be starting again.
            (Ending::Unreachable(_), _) => self.is_reached.then_some(SHORT_WAIT),
            (_, Some(429 | 502..=504)) => {
                let wait = asked_wait(seen)?;
                if wait <= self.patience {
                    return Some(wait);
                }
                if seen.is_busy() {
                    let message = seen.message();
                    self.over = Some(Over::Busy(format!("{message}, and asks to wait {wait:?}")));
                }
                None
            }
            _ => None,
        }
    }

    /// Finds out from the last answers whether it makes sense to go on.
    fn note(&mut self, seen: &[Arc<Seen>], took: Duration) {
        let has = |is: fn(&Ending) -> bool| seen.iter().any(|seen| is(&seen.exchange.ending));
        if has(|ending| matches!(ending, Ending::Unreachable(_))) && self.is_reached {
            self.over = Some(Over::Gone);
        }
        if has(|ending| matches!(ending, Ending::Silent(_) | Ending::Slow(_))) {
            self.silence = self.silence.saturating_sub(took);
            if self.silence.is_zero() {
                self.over = Some(Over::Silent);
            }
        }
        self.is_reached |= seen.iter().any(|seen| seen.answer.is_some());
    }
}

impl Seen {
    /// Whether the server asks to come back later, which says nothing about what it was asked.
    pub(super) fn is_busy(&self) -> bool {
        match self.status() {
            Some(429) => true,
            Some(503) => self.header("retry-after").is_some(),
            _ => false,
        }
    }
}

/// The wait that a busy server asks for, or a short one.
fn asked_wait(seen: &Seen) -> Option<Duration> {
    let Some(seconds) = seen.header("retry-after") else { return Some(SHORT_WAIT) };
    Duration::try_from_secs_f64(seconds.trim().parse().ok()?).ok()
}

const SHORT_WAIT: Duration = Duration::from_millis(300);
const CHANCES: usize = 3;
const MOST_PATIENCE: Duration = Duration::from_secs(120);
pub(super) const MOST_SILENCE: Duration = Duration::from_secs(120);
