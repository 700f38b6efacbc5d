"""Runs clients of other projects against `chatwire serve`, against the proxy that records it, and against the replay
of that recording. What a client gets must be the same each time."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from kit import install
from kit.ours import Programs
from kit.process import Chatwire, clean_environment
from kit.recording import Recording
from kit.report import Peer, Report
from kit.servers import HERE as SERVERS

HERE = Path(__file__).parent.parent / "clients"
# A key that a search finds nowhere by chance.
KEY = "sk-peers-0123456789-abcdefghij"
LONGEST_RUN = 180

FILES = {
    "openai-python": "openai_python.py",
    "langchain-openai": "langchain_client.py",
    "openai-node": "openai_node.mjs",
    "ai-sdk": "ai_sdk.mjs",
    "openai-go": "openai_go/main.go",
}


def run(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Checks one client."""
    peer = report.peer(f"{name}, asks us", install.version(name))
    script = ["--script", str(SERVERS / "serve.yaml"), "--api-key", KEY, "--chunk-delay", "0"]
    with Chatwire(programs.chatwire, script, work / "serve.log") as server:
        live = ask(name, folder, server.base_url, KEY, "plain")
    add(peer, name, "live", live)
    # Another server, because the script counts requests.
    with Chatwire(programs.chatwire, script, work / "upstream.log") as server:
        record_and_replay(peer, name, folder, work, programs, server.base_url, KEY, "plain", None)
    peer.print()


def record_and_replay(
    peer: Peer, name: str, folder: Path, work: Path, programs: Programs, upstream: str, key: str, model: str,
    checks: set[str] | None,
) -> None:
    """Asks through the proxy that records, then asks its recording."""
    recording = Recording(work / f"{name}.recording", key)
    with Chatwire(programs.chatwire, recording.record(upstream), work / f"{name}.record.log") as proxy:
        recorded = ask(name, folder, proxy.base_url, key, model, checks)
    add(peer, name, "recorded", recorded)
    with Chatwire(programs.chatwire, recording.replay(), work / f"{name}.replay.log") as proxy:
        replayed = ask(name, folder, proxy.base_url, key, model, checks)
    for check, line in recorded.items():
        peer.check(f"{name}: {check}, replayed", lambda: equal(replayed.get(check), line))
    peer.check(f"{name}: no key in the recording", recording.ensure_no_secret)


def ask(name: str, folder: Path, base_url: str, key: str, model: str, checks: set[str] | None = None) -> dict[str, dict]:
    """What each check of a client got, by its name."""
    arguments = [base_url, key, model, *([",".join(sorted(checks))] if checks else [])]
    run = subprocess.run(
        [*program(name, folder), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LONGEST_RUN, env=clean_environment(), check=False,
    )
    assert run.returncode == 0 and run.stdout, f"{name} ended with {run.returncode}:\n{run.stderr[-2000:]}"
    return {line["check"]: line for line in map(json.loads, run.stdout.splitlines())}


def program(name: str, folder: Path) -> list[str]:
    """How the program of a client starts."""
    file = HERE / FILES[name]
    if file.suffix == ".py":
        return [str(folder / "bin" / "python"), "-B", str(file)]
    if file.suffix == ".mjs":
        return ["node", str(file), str(folder)]
    shutil.copy(file, folder / "program")
    built = subprocess.run(
        [str(folder / "bin" / "go"), "-C", str(folder / "program"), "build", "-o", "client"], capture_output=True,
        text=True, timeout=60 * install.LONGEST, env={**os.environ, **install.go_environment(folder)}, check=False,
    )
    assert built.returncode == 0, f"{file.name} was not compiled:\n{built.stderr}"
    return [str(folder / "program" / "client")]


def add(peer: Peer, who: str, how: str, lines: dict[str, dict]) -> None:
    for check, line in lines.items():
        peer.add(f"{who}: {check}, {how}", line.get("failed"))


def equal(replayed: dict | None, recorded: dict) -> None:
    assert replayed == recorded, f"replayed: {json.dumps(replayed)}\nrecorded: {json.dumps(recorded)}"
