//! `cargo run --release --manifest-path tests/bench/Cargo.toml --bin stream -- [OPTIONS]`: measures
//! streams of bytes to events, to chunks and to a completion. `BENCHMARKS.md` says what the figures
//! mean.

use std::path::PathBuf;
use std::process::ExitCode;

use chatwire_bench::alloc::Counting;
use chatwire_bench::contenders::Bench;
use chatwire_bench::loads::{self, Load, Read};
use chatwire_bench::{measure, report};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const HELP: &str = "\
--json FILE          write the figures as rows, too
--bench NAME         framing, typed or completion; all if not given
--load NAME          plain, tools, logprobs, big4k, crlf, typed, turns, huge, recorded;
                     all if not given
--read SIZE          event, 1460, 16384, 65536 or 1; all if not given
--rounds N           how often everything is run; 15 if not given
--no-instructions    do not count instructions with valgrind";

#[derive(Default)]
struct Options {
    json: Option<PathBuf>,
    bench: Option<String>,
    load: Option<String>,
    read: Option<String>,
    rounds: usize,
    no_instructions: bool,
    once: Option<String>,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{HELP}");
        return ExitCode::FAILURE;
    };
    let loads = loads::all();
    if let Some(contender) = &options.once {
        once(&options, &loads, contender);
        return ExitCode::SUCCESS;
    }
    let callgrind = !options.no_instructions && has_valgrind();
    let (mut rows, mut skipped) = (Vec::new(), false);
    for bench in Bench::ALL.into_iter().filter(|one| wanted(&options.bench, one.name())) {
        for load in loads.iter().filter(|one| wanted(&options.load, one.name)) {
            if load.bodies.is_empty() {
                eprintln!("skipped: ../shared/corpus not found");
                skipped = true;
                continue;
            }
            if bench != Bench::Framing && !load.chunks {
                continue;
            }
            for read in Read::ALL.into_iter().filter(|one| wanted(&options.read, &one.name())) {
                let counted = callgrind && read == Read::Size(16 << 10) && load.name != "huge";
                let new =
                    measure::compare(bench, load, read, rounds(&options, load, read), counted);
                print!("{}", report::table(&new));
                rows.extend(new);
            }
        }
    }
    if rows.is_empty() && !skipped {
        eprintln!("nothing was measured: no bench, load and read has these names\n{HELP}");
        return ExitCode::FAILURE;
    }
    match options.json.map(|path| report::write_json(&path, &rows)) {
        Some(Err(error)) => {
            eprintln!("the rows could not be written: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// A few rounds are enough for the largest event.
fn rounds(options: &Options, load: &Load, read: Read) -> usize {
    if load.name == "huge" || read == Read::Size(1) {
        options.rounds.min(5)
    } else {
        options.rounds
    }
}

fn wanted(choice: &Option<String>, name: &str) -> bool {
    choice.as_ref().is_none_or(|choice| choice == name)
}

fn options() -> Option<Options> {
    let mut options = Options { rounds: 15, ..Options::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => options.json = Some(arguments.next()?.into()),
            "--bench" => options.bench = Some(arguments.next()?),
            "--load" => options.load = Some(arguments.next()?),
            "--read" => options.read = Some(arguments.next()?),
            "--rounds" => options.rounds = arguments.next()?.parse().ok()?,
            "--no-instructions" => options.no_instructions = true,
            // How this program calls itself under valgrind: bench, load, read, contender.
            "--once" => {
                options.bench = arguments.next();
                options.load = arguments.next();
                options.read = arguments.next();
                options.once = Some(arguments.next()?);
            }
            _ => return None,
        }
    }
    Some(options)
}

fn once(options: &Options, loads: &[Load], contender: &str) {
    let bench = Bench::ALL.into_iter().find(|one| wanted(&options.bench, one.name()));
    let load = loads.iter().find(|one| wanted(&options.load, one.name));
    let read = Read::ALL.into_iter().find(|one| wanted(&options.read, &one.name()));
    if let (Some(bench), Some(load), Some(read)) = (bench, load, read) {
        measure::once(bench, load, read, contender);
    }
}

fn has_valgrind() -> bool {
    std::process::Command::new("valgrind").arg("--version").output().is_ok()
}
