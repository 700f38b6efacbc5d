//! What the benchmarks share.

pub mod derived;
