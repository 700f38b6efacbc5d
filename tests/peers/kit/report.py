"""Collects what came of each check, and prints a table for each peer and one of all. It decides no check."""

import sys
import time
import traceback
from collections.abc import Callable


class Report:
    """All peers of a run."""

    def __init__(self) -> None:
        self.peers: list[Peer] = []

    def peer(self, name: str, version: str) -> "Peer":
        peer = Peer(name, version)
        self.peers.append(peer)
        return peer

    def skip(self, name: str, version: str, why: str) -> None:
        peer = self.peer(name, version)
        peer.skipped = why
        say(f"skipped: {name} {version}: {why}")

    def print(self) -> int:
        """Prints the table of all peers. Returns the exit code."""
        rows = [(peer.name, peer.version, peer.result()) for peer in self.peers]
        say("")
        table([("what", "peer version", "result"), *rows])
        passed = sum(peer.passed() for peer in self.peers)
        failed = sum(len(peer.rows) - peer.passed() for peer in self.peers)
        skipped = sum(peer.skipped is not None for peer in self.peers)
        say(f"\n{passed} passed, {failed} failed, {skipped} skipped")
        if passed == 0:
            say("no check ran")
        return 1 if failed else 0


class Peer:
    """One peer, with a row for each check."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version
        self.skipped: str | None = None
        # What, and the problem if there is one.
        self.rows: list[tuple[str, str | None]] = []
        self.begin = time.monotonic()

    def add(self, what: str, problem: str | None = None) -> None:
        self.rows.append((what, problem))

    def check(self, what: str, run: Callable[[], None]) -> None:
        """Runs a check. An exception is its failure."""
        try:
            run()
            self.add(what)
        except AssertionError as error:
            self.add(what, str(error) or traceback.format_exc(limit=-1))
        except Exception:  # noqa: BLE001, because a check that breaks has failed
            self.add(what, traceback.format_exc(limit=-3))

    def passed(self) -> int:
        return sum(problem is None for _, problem in self.rows)

    def result(self) -> str:
        if self.skipped is not None:
            return f"skipped: {self.skipped}"
        failed = len(self.rows) - self.passed()
        return f"{self.passed()} ok" if not failed else f"{failed} of {len(self.rows)} FAILED"

    def print(self) -> None:
        say(f"\n{self.name} {self.version} ({time.monotonic() - self.begin:.0f} s)")
        table([(what, "ok" if problem is None else "FAILED") for what, problem in self.rows])
        for what, problem in self.rows:
            if problem is not None:
                say(f"\n{self.name}: {what} FAILED\n{problem.rstrip()}")


def table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows)] if rows else []
    for row in rows:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def say(line: str) -> None:
    print(line)
    sys.stdout.flush()
