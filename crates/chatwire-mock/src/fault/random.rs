//! Decides by chance which answers are damaged. [`damage`](super::damage) plays the faults.

use std::sync::{Mutex, PoisonError};

use fastrand::Rng;

use super::kind::Fault;

/// Faults with their probabilities. The same seed and the same order of requests give the same faults.
pub(crate) struct RandomFaults {
    faults: Vec<(f64, Fault)>,
    random: Mutex<Rng>,
}

impl RandomFaults {
    pub(crate) fn new(faults: Vec<(f64, Fault)>, seed: u64) -> Self {
        Self { faults, random: Mutex::new(Rng::with_seed(seed)) }
    }

    /// The faults of the next answer. A number is drawn for each, so that none changes the others.
    pub(crate) fn next(&self) -> Vec<Fault> {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = self.faults.iter().filter(|(probability, _)| random.f64() < *probability);
        drawn.map(|(_, fault)| fault.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(probability: f64, seed: u64) -> Vec<bool> {
        let faults = RandomFaults::new(vec![(probability, Fault::Garbage)], seed);
        (0..1000).map(|_| !faults.next().is_empty()).collect()
    }

    #[test]
    fn the_seed_decides() {
        let hits = draw(0.2, 7).into_iter().filter(|hit| *hit).count();
        assert!((150..250).contains(&hits), "{hits}");
        assert_eq!(draw(0.2, 7), draw(0.2, 7));
        assert_ne!(draw(0.2, 7), draw(0.2, 8));
        assert!(!draw(0.0, 7).contains(&true) && !draw(1.0, 7).contains(&false));
        assert!(!draw(f64::NAN, 7).contains(&true));
    }
}
