//! Decoding real chunks: our types, which keep unknown keys, against the same structs derived without
//! them. Rounds of both alternate in one run; the ratio of the medians is what counts.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chatwire_bench::derived;
use chatwire_types::ChatCompletionChunk;

const ROUNDS: usize = 41;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let chunks = chunks(&folder);
    if chunks.is_empty() {
        eprintln!("skipped: ../shared/corpus not found");
        return;
    }
    // For a profiler or a counter of instructions: one contender, nothing else.
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

/// Every chunk that both can read.
fn chunks(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    walk(folder, &mut files);
    let mut chunks = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        chunks.extend(data.filter(|data| data.starts_with('{')).map(str::to_owned));
    }
    chunks.retain(|text| {
        serde_json::from_str::<derived::ChatCompletionChunk>(text).is_ok()
            && serde_json::from_str::<ChatCompletionChunk>(text).is_ok()
    });
    chunks
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.to_string_lossy().ends_with(".stream.sse") {
            files.push(path);
        }
    }
    files.sort();
}
