#!/usr/bin/env python3
"""Runs what chatwire promises against clients and servers of other projects. `README.md` explains the table.

python3 tests/peers/run.py                 every peer
python3 tests/peers/run.py aimock          one peer
python3 tests/peers/run.py --install       installs the peers, and runs nothing
python3 tests/peers/run.py --test          tests how peers are skipped
"""

import argparse
import shutil
import signal
import sys
import unittest
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from kit import install  # noqa: E402
from kit.ours import Programs  # noqa: E402
from kit.report import Report, say  # noqa: E402
from suites import browser, clients, contract, probe, replays, servers, tools  # noqa: E402

# What is checked with each peer.
Suite = Callable[[str, Programs, Path, Path, Report], None]
SUITES: dict[str, list[Suite]] = {
    "redocly": [contract.redocly],
    "schemathesis": [contract.schemathesis],
    "openai-python": [clients.run],
    "openai-node": [clients.run],
    "ai-sdk": [clients.run],
    "langchain-openai": [clients.run],
    "openai-go": [clients.run],
    "chromium": [browser.run],
    "aimock": [servers.run, replays.run, probe.run, tools.aimock],
    "litellm": [servers.run, probe.run],
    # Last, because another process may still compile it.
    "llama-server": [servers.run, replays.run, probe.run, tools.llama_server],
}


def main() -> int:
    # As an exception, so that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = parse()
    if arguments.test:
        tests = unittest.defaultTestLoader.discover(str(HERE))
        return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1
    peers = arguments.folder
    report = Report()
    if arguments.install:
        return install_all(peers, arguments.peer)
    debug = ROOT / "target" / "debug"
    programs = Programs(debug / "chatwire", debug / "examples" / "peer_client")
    for program in vars(programs).values():
        if not program.exists():
            say(f"{program} is missing: run `cargo build --package chatwire-cli` and `cargo build --package "
                "chatwire-tests --example peer_client`")
            return 2
    for name in arguments.peer or SUITES:
        try:
            folder = install.install(peers, name)
        except install.Unavailable as why:
            report.skip(name, install.version(name), str(why))
            continue
        for suite in SUITES[name]:
            work = peers / "work" / name
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            try:
                suite(name, programs, folder, work, report)
            except Exception as error:  # noqa: BLE001, because the other peers still run
                report.peer(name, install.version(name)).add("the run", f"{type(error).__name__}: {error}")
                report.peers[-1].print()
    return report.print()


def install_all(peers: Path, names: list[str]) -> int:
    code = 0
    # What is compiled comes last, so that nothing else waits for it.
    for name in names or SUITES:
        try:
            install.install(peers, name)
            say(f"installed {name} {install.version(name)}")
        except install.Unavailable as why:
            say(f"skipped: {name} {install.version(name)}: {why}")
        except RuntimeError as error:
            say(str(error))
            code = 1
    return code


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs chatwire against clients and servers of other projects.")
    parser.add_argument("peer", nargs="*", help=f"one of {', '.join(SUITES)}; all by default")
    parser.add_argument("--install", action="store_true", help="install the peers, and run nothing")
    parser.add_argument("--test", action="store_true", help="test how peers are skipped, and run nothing")
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "peers",
                        help="where the peers are installed; target/peers by default")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.peer if name not in SUITES]
    if unknown:
        parser.error(f"there is no peer {unknown[0]}; there are {', '.join(SUITES)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
