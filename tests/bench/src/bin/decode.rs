//! Decodes real chunks with our types, which keep unknown keys, and with the same structs derived
//! without them. Rounds of both alternate in one run, and the ratio of the medians is the result.

use std::hint::black_box;
use std::time::Instant;

use chatwire_bench::{derived, loads};
use chatwire_types::ChatCompletionChunk;

const ROUNDS: usize = 41;

fn main() {
    let chunks = chunks(&loads::recorded());
    if chunks.is_empty() {
        eprintln!("skipped: ../shared/corpus not found");
        return;
    }
    // For a profiler or an instruction counter: one contender, nothing else.
    if let Some(only) = std::env::args().nth(1) {
        for _ in 0..ROUNDS {
            match only.as_str() {
                "derived" => time(&chunks, derived),
                _ => time(&chunks, ours),
            };
        }
        return;
    }
    let bytes: usize = chunks.iter().map(String::len).sum();
    println!("{} chunks, {} bytes on average", chunks.len(), bytes / chunks.len());
    let (mut our_times, mut derived_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        derived_times.push(time(&chunks, derived));
        our_times.push(time(&chunks, ours));
    }
    let (ours, theirs) = (median(our_times), median(derived_times));
    println!("derived, unknown keys dropped  {theirs:8.1} ns");
    println!("chatwire-types, all kept       {ours:8.1} ns  {:.2}x", ours / theirs);
}

fn ours(text: &str) {
    drop(black_box(serde_json::from_str::<ChatCompletionChunk>(text)));
}

fn derived(text: &str) {
    drop(black_box(serde_json::from_str::<derived::ChatCompletionChunk>(text)));
}

fn time(chunks: &[String], decode: impl Fn(&str)) -> f64 {
    let start = Instant::now();
    chunks.iter().for_each(|text| decode(text));
    start.elapsed().as_nanos() as f64 / chunks.len() as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Every chunk of these streams that both can read.
fn chunks(streams: &[Vec<u8>]) -> Vec<String> {
    let mut chunks = Vec::new();
    for stream in streams {
        let text = String::from_utf8_lossy(stream);
        let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        chunks.extend(data.filter(|data| data.starts_with('{')).map(str::to_owned));
    }
    chunks.retain(|text| {
        serde_json::from_str::<derived::ChatCompletionChunk>(text).is_ok()
            && serde_json::from_str::<ChatCompletionChunk>(text).is_ok()
    });
    chunks
}
