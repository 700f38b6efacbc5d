//! What streams cost in memory, counted by the allocator: one large event, and many idle streams.
//! One test after the other, because the counts are of the whole program.

use chatwire_bench::alloc::{Counting, live, peak};
use chatwire_sse::{ChunkDecoder, ChunkStream, Decoder};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LARGE: usize = 8 << 20;
/// What is there beside the event: the decoder, one chunk, one read.
const BESIDE: u64 = 16 << 10;

#[test]
fn memory() {
    one_event_costs_no_more_than_twice_its_size();
    one_chunk_costs_no_more_than_twice_its_event();
    many_objects_in_one_event_cost_no_more_than_twice_it();
    idle_streams_are_small();
}

fn one_event_costs_no_more_than_twice_its_size() {
    let body = [&b"data: "[..], &vec![b'x'; LARGE], b"\n\n"].concat();
    for size in [1460, 16 << 10, 1 << 20] {
        let (length, peak) = peak(|| {
            let mut decoder = Decoder::new();
            let mut length = 0;
            for piece in body.chunks(size) {
                let mut input = piece;
                while let Some(event) = decoder.next(&mut input).unwrap() {
                    length = event.data.len();
                }
            }
            length
        });
        println!("an event of {length} bytes by {size}: {peak} bytes, {:.2} times its size", ratio(peak));
        assert_eq!(length, LARGE);
        assert!(peak <= 2 * LARGE as u64);
    }
}

fn one_chunk_costs_no_more_than_twice_its_event() {
    let text = "x".repeat(LARGE);
    let body = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    drop(text);
    let peak = peak_of_chunks(body.as_bytes());
    println!("a chunk of {LARGE} bytes: {peak} bytes, {:.2} times its size", ratio(peak));
    assert!(peak <= 2 * LARGE as u64 + BESIDE);
}

fn many_objects_in_one_event_cost_no_more_than_twice_it() {
    let line = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n", "x".repeat(1000));
    let body = line.repeat(LARGE / line.len()) + "\n";
    drop(line);
    let peak = peak_of_chunks(body.as_bytes());
    println!("an event of many chunks: {peak} bytes, {:.2} times its size", ratio(peak));
    assert!(peak <= 2 * LARGE as u64 + BESIDE);
}

fn ratio(peak: u64) -> f64 {
    peak as f64 / LARGE as f64
}

fn peak_of_chunks(body: &[u8]) -> u64 {
    let (chunks, peak) = peak(|| {
        let mut decoder = ChunkDecoder::new();
        let mut chunks = 0;
        for piece in body.chunks(16 << 10) {
            let mut input = piece;
            while let Some(chunk) = decoder.next(&mut input) {
                chunk.unwrap();
                chunks += 1;
            }
        }
        chunks
    });
    assert!(chunks > 0);
    peak
}

fn idle_streams_are_small() {
    const STREAMS: usize = 10_000;
    let loads = chatwire_bench::loads::all();
    for name in ["plain", "tools"] {
        let load = loads.iter().find(|load| load.name == name).unwrap();
        let body = &load.bodies[0][..10_000];
        let before = live();
        let streams: Vec<ChunkDecoder> = (0..STREAMS)
            .map(|_| {
                let mut decoder = ChunkDecoder::new();
                let mut input = body;
                while decoder.next(&mut input).is_some() {}
                decoder
            })
            .collect();
        let around = size_of::<ChunkStream<()>>() - size_of::<ChunkDecoder>();
        let each = (live() - before) as usize / streams.len() + around;
        println!("an idle stream of `{name}`: {each} bytes");
        assert!(each < 4096);
    }
}
