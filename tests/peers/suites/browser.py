"""Runs the tests of the pages in a browser. Other tests of the workspace need no peer."""

import os
import subprocess
from pathlib import Path

from kit import cargo, install
from kit.ours import Programs
from kit.process import clean_environment
from kit.report import Report

# The package unpacks the libraries of the browser only where it believes that none are installed.
UNPACK = 'import("@sparticuz/chromium").then(async all => console.log(await all.default.executablePath()))'
WITH_LIBRARIES = {"AWS_LAMBDA_JS_RUNTIME": "nodejs20.x"}
TESTS = ["--package", "chatwire-cli", "--test", "all"]


def run(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Opens the page that streams an answer, and the pages that the command line writes."""
    peer = report.peer(f"{name}, opens our pages", install.version(name))
    browser = unpack(folder)
    for what, module in [("a page streams an answer", "browser::"), ("the pages of probe and accents", "probe_page::")]:
        peer.check(what, lambda: cargo.test(TESTS, [module, "--include-ignored"], browser, work))
    peer.print()


def unpack(folder: Path) -> dict[str, str]:
    """The variables that the tests find the browser by, and with which it starts."""
    unpacked = folder / "unpacked"
    unpacked.mkdir(exist_ok=True)
    node = subprocess.run(
        ["node", "--eval", UNPACK], cwd=folder, capture_output=True, text=True, check=True,
        env={**clean_environment(), **WITH_LIBRARIES, "TMPDIR": str(unpacked)},
    )
    libraries = [str(unpacked / "al2023" / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    return {
        "CHROMIUM": node.stdout.strip(), "WASM_BINDGEN": str(folder / "bin" / "wasm-bindgen"),
        "LD_LIBRARY_PATH": ":".join(filter(None, libraries)), "FONTCONFIG_PATH": str(unpacked / "fonts"),
    }
