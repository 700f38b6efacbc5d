"""Compares `chatwire serve` with the document, and the document with the rules of its format."""

import os
import subprocess
from pathlib import Path

from kit import install
from kit.ours import Programs
from kit.process import Chatwire, clean_environment
from kit.report import Report

ROOT = Path(__file__).parent.parent.parent.parent
DOCUMENT = ROOT / "spec" / "chat.openapi.yaml"
# The same requests each time. By hand, `CHATWIRE_EXAMPLES=1000` asks for more of them.
SEED, EXAMPLES, LONGEST_RUN = "1", "40", 7200
KEY = "sk-test"


def schemathesis(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Sends requests that the document allows and some that it forbids."""
    peer = report.peer(f"{name}, asks us by the document", install.version(name))
    # The path of the hooks only fits the root.
    settings = (ROOT / "schemathesis.toml").read_text().replace('"tests/', f'"{ROOT}/tests/')
    (work / "schemathesis.toml").write_text(settings)
    examples = os.environ.get("CHATWIRE_EXAMPLES", EXAMPLES)
    with Chatwire(programs.chatwire, ["--api-key", KEY, "--chunk-delay", "0"], work / "serve.log") as server:
        command = [
            str(folder / "bin" / "schemathesis"), "run", str(DOCUMENT), "--url", server.base_url,
            "-H", f"Authorization: Bearer {KEY}", "--max-examples", examples, "--continue-on-failure",
            "--seed", SEED, "--no-color",
        ]
        code, text = output(command, work, {"PEERS_KEY": KEY})
    peer.add(f"{examples} examples for each operation and phase", None if code == 0 else text[-12_000:])
    peer.print()


def redocly(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Checks the document by the recommended rules, without the one that `redocly.yaml` names."""
    peer = report.peer(f"{name}, reads the document", install.version(name))
    command = [str(folder / "node_modules" / ".bin" / "redocly"), "lint", str(DOCUMENT), "--config", str(ROOT / "redocly.yaml"),
               "--format", "stylish"]
    code, text = output(command, work)
    peer.add("no errors", None if code == 0 else text[-4_000:])
    peer.print()


def output(command: list[str], work: Path, more: dict[str, str] | None = None) -> tuple[int, str]:
    run = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=work,
        timeout=LONGEST_RUN, env={**clean_environment(), **(more or {})}, check=False,
    )
    (work / "output.log").write_text(run.stdout)
    return run.returncode, run.stdout
