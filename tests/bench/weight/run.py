#!/usr/bin/env python3
"""Weighs programs that ask a model once, with chatwire and with async-openai, and prints a table.

Each program is built in a folder of its own with a fresh lock file and Cargo's own profiles. The processor time
counts all threads of cargo, of the compilers and of what they run, so it hardly depends on other work of the
machine. `python3 run.py NAME` weighs one program only.
"""

import pathlib
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CHATWIRE = HERE.parents[2] / "crates" / "chatwire"
PROGRAMS = {
    "chatwire": CHATWIRE / "examples" / "chat.rs",
    "chatwire_with_ring": HERE / "chatwire_with_ring.rs",
    "async_openai": HERE / "async_openai.rs",
}
LIBRARIES = {
    "chatwire": f'chatwire = {{ path = "{CHATWIRE}" }}',
    "chatwire_with_ring": f"""
chatwire = {{ path = "{CHATWIRE}", default-features = false, features = ["rustls-no-provider"] }}
rustls = {{ version = "0.23", default-features = false, features = ["ring"] }}
""",
    "async_openai": 'async-openai = { version = "0.43", features = ["chat-completion"] }',
}
MANIFEST = """[package]
name = "hello"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
tokio = {{ version = "1", default-features = false, features = ["macros", "rt"] }}
{library}

[profile.release]
strip = true
"""


def main():
    names = sys.argv[1:] or list(PROGRAMS)
    weights = {name: weigh(name) for name in names}
    print("| what |", " | ".join(names), "|")
    print("| --- |" + " --- |" * len(names))
    for row in ("crates", "clean debug build, processor time", "stripped release, bytes"):
        print(f"| {row} |", " | ".join(weights[name][row] for name in names), "|")


def weigh(name):
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder)
        (program / "src").mkdir()
        (program / "src" / "main.rs").write_text(PROGRAMS[name].read_text())
        (program / "Cargo.toml").write_text(MANIFEST.format(library=LIBRARIES[name]))
        cargo(program, "fetch")
        seconds = processor_time()
        cargo(program, "build")
        seconds = processor_time() - seconds
        cargo(program, "build", "--release")
        return {
            "crates": str(crates(program)),
            "clean debug build, processor time": f"{seconds:.0f} s",
            "stripped release, bytes": f"{(program / 'target/release/hello').stat().st_size:,}",
        }


def crates(program):
    """Counts the crates below the program, each version once."""
    tree = cargo(program, "tree", "--edges=normal,build", "--prefix=none", "--format={p}")
    # A crate that was shown before is marked, and so is a macro.
    return len({" ".join(line.split()[:2]) for line in tree.splitlines() if line}) - 1


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cargo(program, *arguments):
    # `CARGO_TARGET_DIR` would share what was built before.
    command = ["env", "--unset=CARGO_TARGET_DIR", "cargo", "--quiet", *arguments]
    return subprocess.run(command, cwd=program, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
