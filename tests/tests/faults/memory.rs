//! Tests the peak memory of the rows that have a bound on it, one after the other. `main.rs` runs the
//! other rows.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod call;
mod check;
mod request;
mod row;
mod server;
mod settings;

use std::alloc::System;
use std::collections::BTreeMap;

use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait as _};

use crate::row::{Case, all_cases, texts};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<System> = PeakMemAlloc::system();

#[tokio::test]
async fn every_row_keeps_to_its_memory() {
    let texts = texts();
    let mut failures = Vec::new();
    for case in all_cases() {
        let Some(bound) = case.row.peak_kib else { continue };
        let mut problems = problems(&case, bound, &texts).await;
        // A busy machine may be slower than a timeout.
        if !problems.is_empty() && case.row.client.has_timeout() {
            problems = self::problems(&case, bound, &texts).await;
        }
        failures.extend(check::report(&case, &problems));
    }
    assert!(failures.is_empty(), "{}\n{} failed", failures.join("\n"), failures.len());
}

/// Runs one row, and compares its outcome and its peak memory in KiB.
async fn problems(case: &Case, bound: usize, texts: &BTreeMap<String, String>) -> Vec<String> {
    ALLOCATOR.reset_peak_memory();
    let actual = call::run(case, texts).await;
    let peak = ALLOCATOR.get_peak_memory() >> 10;
    println!("{}: {peak} KiB, of at most {bound} KiB", case.name());
    let mut problems = check::problems(case, &actual, &texts["key"]);
    if peak > bound {
        problems.push(format!("the peak is {peak} KiB, and the bound is {bound} KiB"));
    }
    problems
}
