//! Runs large pieces of work one after the other, outside the runtime, so that neither their time nor
//! their memory adds up. [`routes`](crate::routes) decides which work is large.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::problem::Problem;

/// The queue of the large pieces of work.
pub(crate) struct Queue {
    turn: Arc<Semaphore>,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }

    /// Runs small work at once, and large work after what is before it in the queue.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        is_large: bool,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if !is_large {
            return work();
        }
        let turn = self.turn.clone().acquire_owned().await;
        // The turn ends with the work, because the work goes on when its client leaves.
        let done = spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.unwrap_or_else(|error| Err(Problem::new(500, format!("The mock {error}."))))
    }
}
