//! Probes the server of `chatwire-mock`: whole, it deviates in nothing that matters; damaged, each fault is found.
//! [`crate::servers`] changes it in one thing at a time.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use chatwire_mock::{Fault, MockServer, MockServerBuilder};
use chatwire_probe::{Level, Probe, Report, Verdict};

async fn report(builder: MockServerBuilder, settings: impl Fn(Probe) -> Probe) -> Report {
    let server = builder.start().await.unwrap();
    let probe = settings(Probe::new(&server.base_url()).unwrap());
    probe.run(&mut |_| {}).await.unwrap()
}

fn deviations(report: &Report) -> Vec<&str> {
    let deviates = report.results.iter().filter(|result| result.verdict == Verdict::Deviates);
    deviates.map(|result| result.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mock_deviates_in_nothing() {
    let start = Instant::now();
    let builder = MockServer::builder().api_key("sk-secret-key").cors(true);
    let all = |probe: Probe| probe.api_key("sk-secret-key").allow_store(true);
    let report = report(builder.chunk_delay(Duration::from_millis(5)), all).await;
    assert_eq!(deviations(&report), [""; 0]);
    assert!(!report.fails(Level::May));
    // A run that judges nothing would also have no deviations.
    assert!(report.count(Verdict::Pass) * 10 > report.results.len() * 9, "{report:?}");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_the_mock_is_found() {
    let faults = [
        "cut-after-bytes=100",
        "cut-after-chunks=1",
        "stall-after-bytes=10",
        "stall-after-chunks=1",
        "error-after-chunks=1",
        "slow-first-byte=2s",
        "garbage",
        "wrong-content-type",
        "missing-done",
        "huge-event=8388608",
        "html-error=502",
        "redirect=http://elsewhere.invalid/",
    ];
    for fault in faults {
        let parsed: Fault = fault.parse().unwrap();
        let builder = MockServer::builder().random_fault(1.0, parsed);
        let report = report(builder, |probe| {
            probe
                .model("m")
                .only(["answer-complete", "streaming"])
                .budget(2)
                .timeout(Duration::from_secs(1))
        });
        let report = report.await;
        assert!(report.fails(Level::Must), "{fault} is not found");
    }
}

/// The probe must not report these two, because every reader has to take pieces of any size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_of_any_size_are_no_deviation() {
    for fault in ["byte-by-byte", "split-utf8"] {
        let builder = MockServer::builder().random_fault(1.0, fault.parse().unwrap());
        let report =
            report(builder, |probe| probe.model("m").only(["messages", "streaming"])).await;
        assert_eq!(deviations(&report), [""; 0], "{fault}");
    }
}

#[tokio::test]
async fn no_report_shows_the_key() {
    let builder = MockServer::builder().answer("Your key is sk-secret-key.");
    let report = report(builder, |probe| {
        probe.api_key("sk-secret-key").header("x-team", "blue-secret").only(["messages", "errors"])
    });
    let json = serde_json::to_string(&report.await).unwrap();
    assert!(json.contains("***"));
    assert!(!json.contains("sk-secret-key") && !json.contains("blue-secret"), "{json}");
}

#[tokio::test]
async fn the_budget_holds() {
    let server = MockServer::start().await.unwrap();
    let probe = Probe::new(&server.base_url()).unwrap().model("m").budget(7);
    assert_eq!(probe.estimate().requests, 7);
    let report = probe.run(&mut |_| {}).await.unwrap();
    assert_eq!((report.requests, server.received().len()), (7, 7));
    assert!(report.count(Verdict::Skipped) > 50);
}

/// A good server gets exactly as many requests as the estimate says, whatever part of the cases runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_estimate_is_what_is_sent() {
    for only in [&["load", "models"][..], &["stored", "errors"], &["equivalence"], &["tools-loop"]]
    {
        for model in [None, Some("gpt-4o-mini")] {
            let builder = MockServer::builder().api_key("sk-secret-key");
            let server = builder.chunk_delay(Duration::ZERO).start().await.unwrap();
            let probe = Probe::new(&server.base_url()).unwrap().api_key("sk-secret-key");
            let mut probe = probe.allow_store(true).only(only);
            if let Some(model) = model {
                probe = probe.model(model);
            }
            let estimate = probe.estimate();
            let report = probe.run(&mut |_| {}).await.unwrap();
            assert_eq!(report.results.len(), estimate.cases, "{only:?}");
            let sent = (report.requests, server.received().len());
            assert_eq!(sent, (estimate.requests, estimate.requests), "{only:?} {model:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let error = Probe::new("http://127.0.0.1:9/v1").unwrap().run(&mut |_| {}).await.unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("no connection to http://127.0.0.1:9/v1: "), "{error}");
    let server = MockServer::builder().api_key("sk-secret-key").start().await.unwrap();
    let error = Probe::new(&server.base_url()).unwrap().run(&mut |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("refuses the key"), "{error}");
}
