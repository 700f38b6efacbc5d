//! Times contenders against each other. Each round runs all of them, so that other work of the
//! machine affects them equally. [`crate::report`] prints the figures.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use crate::alloc;
use crate::contenders::{ASYNC_OPENAI, Bench, Contender, FLOOR, Seen};
use crate::loads::{Load, Read, Reads};

/// What one contender needed for one load, for each event.
pub struct Row {
    pub bench: &'static str,
    pub load: &'static str,
    pub read: String,
    pub contender: &'static str,
    pub nanoseconds: f64,
    pub to_floor: f64,
    pub to_async_openai: Option<f64>,
    pub allocations: f64,
    pub bytes: f64,
    pub instructions: Option<f64>,
}

/// Measures all contenders of one benchmark, for one load and one size of reads.
pub fn compare(bench: Bench, load: &Load, read: Read, rounds: usize, callgrind: bool) -> Vec<Row> {
    let load = &sized(load, read);
    let reads = load.reads(read);
    let events = events(&reads);
    let contenders: Vec<_> =
        bench.contenders().into_iter().filter(|one| is_fair(one, load, read)).collect();
    let seen: Vec<Seen> = contenders.iter().map(|one| (one.run)(&reads)).collect();
    complain(bench, load, read, &contenders, &seen);
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        // The position of buffers in memory decides how fast they are copied, so it changes each
        // round.
        let shift = black_box(vec![0_u8; (round * SHIFT) % LARGEST_SHIFT]);
        for place in 0..contenders.len() {
            // Another contender begins each round, so that none always follows the slowest.
            let place = (place + round) % contenders.len();
            times[place].push(time(&contenders[place], &reads));
        }
        drop(shift);
    }
    let times: Vec<f64> = times.into_iter().map(|times| median(times) / events).collect();
    let of = |name| contenders.iter().position(|one| one.name == name).map(|place| times[place]);
    let (floor, theirs) = (of(FLOOR).unwrap_or(f64::NAN), of(ASYNC_OPENAI));
    let row = |(contender, nanoseconds): (&Contender, &f64)| {
        let (_, allocations, bytes) = alloc::count(|| (contender.run)(&reads));
        Row {
            bench: bench.name(),
            load: load.name,
            read: read.name(),
            contender: contender.name,
            nanoseconds: *nanoseconds,
            to_floor: nanoseconds / floor,
            to_async_openai: theirs.map(|theirs| nanoseconds / theirs),
            allocations: allocations as f64 / events,
            bytes: bytes as f64 / events,
            instructions: callgrind
                .then(|| instructions(bench, load, read, contender, events))
                .flatten(),
        }
    };
    contenders.iter().zip(&times).map(row).collect()
}

/// How far the start of the heap moves each round: not a multiple of a cache line or page.
const SHIFT: usize = 4_973;

const LARGEST_SHIFT: usize = 64 << 10;

/// Reads of one byte are slow, and fewer events are enough for them.
fn sized(load: &Load, read: Read) -> Load {
    let bodies = match read {
        Read::Size(1) => load.bodies.iter().take(1).map(|body| head(body, 64 << 10)).collect(),
        _ => load.bodies.clone(),
    };
    Load { name: load.name, bodies, chunks: load.chunks }
}

fn head(body: &[u8], size: usize) -> Vec<u8> {
    let end = memchr::memmem::rfind(&body[..size.min(body.len())], b"\n\n");
    body[..end.map_or(size.min(body.len()), |end| end + 2)].to_vec()
}

fn events(reads: &Reads) -> f64 {
    let contenders = Bench::Framing.contenders();
    let ours = contenders.iter().find(|one| one.name == "chatwire, borrowed").unwrap();
    (ours.run)(reads).events.max(1) as f64
}

/// The time of some contenders grows with the square of an event: minutes for the largest.
fn is_fair(contender: &Contender, load: &Load, read: Read) -> bool {
    let small = matches!(read, Read::Size(size) if size < 64 << 10);
    !(load.name == "huge" && contender.name == ASYNC_OPENAI && small)
}

/// Prints a note if contenders saw different things, because their figures cannot be compared then.
fn complain(bench: Bench, load: &Load, read: Read, contenders: &[Contender], seen: &[Seen]) {
    let Some(ours) = seen.get(1) else { return };
    for (contender, seen) in contenders.iter().zip(seen).skip(2) {
        let same = seen.errors == ours.errors && seen.bytes == ours.bytes;
        if !same {
            eprintln!(
                "note: {} {} {}: `{}` saw {} events, {} bytes, {} errors; ours {}, {}, {}",
                bench.name(),
                load.name,
                read.name(),
                contender.name,
                seen.events,
                seen.bytes,
                seen.errors,
                ours.events,
                ours.bytes,
                ours.errors
            );
        }
    }
}

fn time(contender: &Contender, reads: &Reads) -> f64 {
    let start = Instant::now();
    black_box((contender.run)(reads));
    start.elapsed().as_nanos() as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The work that callgrind counts: [`instructions`] names this function.
#[inline(never)]
pub fn counted(contender: &Contender, reads: &Reads) -> Seen {
    black_box((contender.run)(black_box(reads)))
}

/// The instructions for each event of one run, counted in a process of its own.
fn instructions(
    bench: Bench,
    load: &Load,
    read: Read,
    contender: &Contender,
    events: f64,
) -> Option<f64> {
    let own = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=*measure*counted*")
        .arg(own)
        .args(["--once", bench.name(), load.name, &read.name(), contender.name])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    let count: f64 = line.rsplit(' ').next()?.parse().ok()?;
    Some(count / events)
}

/// The one run that callgrind counts.
pub fn once(bench: Bench, load: &Load, read: Read, contender: &str) {
    let load = sized(load, read);
    let reads = load.reads(read);
    let contenders = bench.contenders();
    let contender = contenders.iter().find(|one| one.name == contender).expect("a contender");
    println!("{:?}", counted(contender, &reads));
}
