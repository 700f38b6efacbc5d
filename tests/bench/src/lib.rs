//! What the benchmarks share.

pub mod alloc;
pub mod contenders;
pub mod derived;
pub mod loads;
pub mod measure;
pub mod process;
pub mod report;
mod theirs;
