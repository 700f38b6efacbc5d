"""Runs the tests of the tool loop against servers of other projects. Other tests of the workspace need no peer."""

from pathlib import Path

from kit import cargo, install
from kit.ours import Programs
from kit.report import Report
from kit.servers import KEY, START

TESTS = ["--package", "chatwire", "--all-features", "--test", "all"]


def aimock(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """The test starts the server itself, because it has a script of its own."""
    program = folder / "node_modules" / ".bin" / "llmock"
    loop(name, "aimock::", {"CHATWIRE_AIMOCK": str(program)}, work, report)


def llama_server(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    server, base_url = START[name](folder, work)
    with server:
        loop(name, "llama_server::", {"CHATWIRE_LLAMA_SERVER": base_url, "OPENAI_API_KEY": KEY}, work, report)


def loop(name: str, module: str, more: dict[str, str], work: Path, report: Report) -> None:
    peer = report.peer(f"{name}, in the tool loop", install.version(name))
    peer.check("parallel calls, a failing tool, two rounds", lambda: cargo.test(TESTS, [module], more, work))
    peer.print()
