"""Probes servers of other projects, and compares the verdicts with those that were reviewed by hand."""

import json
import subprocess
from pathlib import Path

from kit import install
from kit.ours import LONGEST_CALL, Programs
from kit.process import clean_environment
from kit.report import Report
from kit.servers import KEY, START

from .servers import SERVERS

# A file for each server: a line for each case that does not pass, with the reason why that is right.
REVIEWED = Path(__file__).parent.parent / "reviewed"


def run(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Probes one server."""
    peer = report.peer(f"{name}, probed", install.version(name))
    server, base_url = START[name](folder, work)
    with server:
        found = probe(programs, base_url, SERVERS[name][0], work)
    expected = reviewed(name)
    for case, line in found.items():
        peer.check(f"probe {case}", lambda: same(line, expected.get(case, f"pass {case}")))
    for case in expected.keys() - found.keys():
        peer.add(f"probe {case}", "the file of reviewed verdicts has a case that there is not")
    # All cases in one line, because two hundred lines say no more.
    failed = [row for row in peer.rows if row[1] is not None]
    peer.rows = failed or [(f"{len(found)} verdicts as reviewed", None)]
    peer.print()


def probe(programs: Programs, base_url: str, model: str, work: Path) -> dict[str, str]:
    """The verdict of each case, with its reason."""
    command = [programs.chatwire, "probe", "--base-url", base_url, "--api-key", KEY, "--model", model]
    run = subprocess.run(
        [*command, "--json", "--fail-on", "never", "--timeout", "20s"], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=5 * LONGEST_CALL, env=clean_environment(), check=False,
    )
    assert run.returncode == 0, f"the probe ended with {run.returncode}:\n{run.stderr}"
    (work / "probe.json").write_text(run.stdout)
    lines = {}
    for result in json.loads(run.stdout)["results"]:
        case = f"{result['group']}/{result['id']}"
        reasons = [f"{f['at']}: {f['found']}, not {f['expected']}" for f in result["findings"]] or [result["reason"]]
        lines[case] = f"{result['verdict']} {case}  # {' '.join(reasons[0].split())}"
    (work / "reviewed.txt").write_text("".join(f"{line}\n" for line in lines.values() if not line.startswith("pass ")))
    return lines


def reviewed(name: str) -> dict[str, str]:
    lines = (REVIEWED / f"{name}.txt").read_text().splitlines()
    return {line.split()[1]: line for line in lines if line and not line.startswith("#")}


def same(found: str, expected: str) -> None:
    """Compares the verdicts, because reasons may have words of the model."""
    verdict = expected.split("  # ")[0]
    assert found.split("  # ")[0] == verdict, f"expected: {expected}\nfound:    {found}\nReview it, and change the file."
