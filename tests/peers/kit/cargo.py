"""Runs tests of the workspace that need a peer. The suites say which, and where the peer is."""

import re
import subprocess
from pathlib import Path

from .process import clean_environment

ROOT = Path(__file__).parent.parent.parent.parent
# A page is built, and so are the tests if nothing has built them.
LONGEST_TEST = 1800


def test(package: list[str], tests: list[str], more: dict[str, str], work: Path) -> None:
    """Fails if a test fails, is skipped, or does not exist."""
    run = subprocess.run(
        ["cargo", "test", "--quiet", *package, "--", *tests], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, cwd=ROOT, timeout=LONGEST_TEST, check=False,
        env={**clean_environment(), "RUST_BACKTRACE": "0", **more},
    )
    (work / "cargo.log").write_text(run.stdout)
    passed = re.search(r"([0-9]+) passed", run.stdout)
    assert run.returncode == 0 and passed and int(passed[1]) > 0 and "skipped: " not in run.stdout, run.stdout[-4_000:]
