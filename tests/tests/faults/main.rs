//! Tests that every fault of a server ends a call in time, with the outcome that its row in `tests/faults`
//! expects. `memory.rs` runs the rows with a bound on memory.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod call;
mod check;
mod probe;
mod request;
mod row;
mod server;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::row::{Call, Case, Outcome, all_cases, texts};

/// The number of rows, as JSON and as a stream. A row that is lost fails the test.
const JSON: usize = 634;
const STREAM: usize = 800;

/// Most rows wait, so many of them can run at the same time.
const AT_ONCE: usize = 32;

#[test]
fn no_row_is_lost() {
    let count = |call| all_cases().iter().filter(|case| case.call == call).count();
    assert_eq!((count(Call::Json), count(Call::Stream)), (JSON, STREAM));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_has_its_outcome() {
    let cases: Vec<_> =
        all_cases().into_iter().filter(|case| case.row.peak_kib.is_none()).collect();
    let count = cases.len();
    let failures = failures(cases, Arc::new(texts())).await;
    assert!(failures.is_empty(), "{}\n{} of {count} failed", failures.join("\n"), failures.len());
}

/// A matrix that accepts everything would also pass.
#[tokio::test]
async fn a_row_that_expects_something_else_fails() {
    let changes: [fn(&mut Case); 4] = [
        |case| case.expected = Outcome { text: Some("Hi".to_owned()), ..Outcome::default() },
        |case| case.expected.says.push("another word".to_owned()),
        |case| case.expected.hides.push("Api".to_owned()),
        |case| case.row.requests += 1,
    ];
    let texts = texts();
    let errors = all_cases().into_iter().filter(|case| case.theme == "envelopes");
    for (case, change) in
        errors.take(8).flat_map(|case| changes.map(|change| (case.clone(), change)))
    {
        let mut changed = case;
        change(&mut changed);
        assert!(failure(&changed, &texts).await.is_some(), "{}", changed.name());
    }
}

/// Describes the rows that fail. A row with a timeout of a fraction of a second may fail on a busy machine, so it is
/// tried again alone.
async fn failures(cases: Vec<Case>, texts: Arc<BTreeMap<String, String>>) -> Vec<String> {
    let mut failures = Vec::new();
    for (case, report) in failed_together(cases, texts.clone()).await {
        match case.row.client.has_timeout() {
            true => failures.extend(failure(&case, &texts).await),
            false => failures.push(report),
        }
    }
    failures.sort();
    failures
}

/// Runs the rows, many at a time, and returns those that fail.
async fn failed_together(
    cases: Vec<Case>,
    texts: Arc<BTreeMap<String, String>>,
) -> Vec<(Case, String)> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for case in cases {
        let (places, texts) = (places.clone(), texts.clone());
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let report = failure(&case, &texts).await?;
            Some((case, report))
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}

/// Runs one row. `None` if it passes.
async fn failure(case: &Case, texts: &BTreeMap<String, String>) -> Option<String> {
    let actual = call::run(case, texts).await;
    check::report(case, &check::problems(case, &actual, &texts["key"]))
}
