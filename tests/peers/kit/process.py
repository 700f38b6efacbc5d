"""Starts programs on free ports of loopback, and stops them. `install` has put the peers where they are."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

LONGEST_START = 60


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    """A running program. As a context, it is stopped at the end."""

    def __init__(self, name: str, command: list[str], log: Path, env: dict[str, str] | None = None):
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "w") as out:
            # A group of its own, because some servers start others.
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env={**clean_environment(), **(env or {})},
            )

    def wait_for(self, url: str) -> "Server":
        """Waits until any answer comes from this address."""
        end = time.monotonic() + LONGEST_START
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(url, timeout=2).close()
                return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                self.ensure_alive()
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{self.name} did not answer at {url} within {LONGEST_START} s; see {self.log}")

    def wait_for_line(self, start: str) -> str:
        """Waits for the line of the log that starts so, and returns the rest of it."""
        end = time.monotonic() + LONGEST_START
        while time.monotonic() < end:
            for line in self.log.read_text(errors="replace").splitlines():
                if line.startswith(start):
                    return line[len(start):]
            self.ensure_alive()
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.name} did not print '{start}'; see {self.log}")

    def ensure_alive(self) -> None:
        if self.process.poll() is not None:
            text = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{text}")

    def stop(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                break
            try:
                self.process.wait(5)
                break
            except subprocess.TimeoutExpired:
                continue

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Chatwire(Server):
    """`chatwire serve` on a free port."""

    def __init__(self, binary: Path, arguments: list[str], log: Path):
        super().__init__("chatwire serve", [str(binary), "serve", "--port", "0", *arguments], log)
        self.base_url = self.wait_for_line("listening on ").split(" ")[0]


def clean_environment() -> dict[str, str]:
    """The environment without keys and proxies: nothing here leaves the machine."""
    secret = ("_API_KEY", "_BASE_URL", "_PROXY", "_proxy", "CHATWIRE_", "OPENAI_")
    kept = {name: value for name, value in os.environ.items() if not any(part in name for part in secret)}
    # Tools that would ask a service about themselves.
    return {**kept, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
            "DO_NOT_TRACK": "1", "SCHEMATHESIS_REPORT": "false", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
