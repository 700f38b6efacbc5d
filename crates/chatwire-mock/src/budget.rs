//! Counts the bytes that all clients together make the server hold, and refuses more than the bound.
//! [`limits`](crate::limits) has the bounds.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::SMALL;

/// A number of bytes that clients share.
pub(crate) struct Budget {
    free: Arc<Semaphore>,
}

/// A part of a budget, given back when it is dropped.
pub(crate) struct Lease {
    budget: Arc<Semaphore>,
    /// `None` while the small part that is free of charge is enough.
    held: Option<OwnedSemaphorePermit>,
}

/// Other clients hold the rest of the budget.
#[derive(Debug)]
pub(crate) struct Exhausted;

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(bytes)) }
    }

    pub(crate) fn lease(&self, bytes: usize) -> Result<Lease, Exhausted> {
        let mut lease = Lease { budget: self.free.clone(), held: None };
        lease.grow(bytes).map(|()| lease)
    }
}

impl Lease {
    /// Makes the lease large enough for this number of bytes. It does not wait, because the clients
    /// that hold the budget may be waiting too.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.saturating_sub(SMALL).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).map_err(|_| Exhausted)?;
        let more = self.budget.clone().try_acquire_many_owned(missing).map_err(|_| Exhausted)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_end_at_the_bound_and_come_back() {
        let budget = Budget::new(100);
        let mut first = budget.lease(SMALL).unwrap();
        first.grow(SMALL + 60).unwrap();
        first.grow(SMALL + 60).unwrap();
        assert!(budget.lease(SMALL + 41).is_err());
        assert!(budget.lease(SMALL + 40).is_ok());
        assert!(first.grow(SMALL + 101).is_err());
        drop(first);
        assert!(budget.lease(SMALL + 100).is_ok());
        assert!(budget.lease(usize::MAX).is_err());
    }
}
