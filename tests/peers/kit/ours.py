"""Asks servers with our client and with our command. The suites decide what the answers must be."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .process import clean_environment

LONGEST_CALL = 120


@dataclass(frozen=True)
class Programs:
    """What `cargo build` makes: `chatwire`, and the program around our client."""

    chatwire: Path
    client: Path


@dataclass(frozen=True)
class Call:
    """A request, and how to send it."""

    name: str
    request: dict[str, Any]
    stream: bool = False
    api_key: str = "sk-test"


def ask(programs: Programs, base_url: str, calls: list[Call]) -> dict[str, dict[str, Any]]:
    """The outcome of each call by its name: a `completion` or an `error`."""
    text = json.dumps({"base_url": base_url, "calls": [vars(call) for call in calls]})
    run = subprocess.run(
        [programs.client], input=text, capture_output=True, text=True, timeout=LONGEST_CALL,
        env=clean_environment(), check=False,
    )
    assert run.returncode == 0, f"our client ended with {run.returncode}:\n{run.stderr}"
    outcomes = map(json.loads, run.stdout.splitlines())
    return {outcome["name"]: outcome for outcome in outcomes}


@dataclass(frozen=True)
class Run:
    """What a command printed."""

    code: int
    stdout: str
    stderr: str


def chat(programs: Programs, base_url: str, model: str, arguments: list[str], key: str = "sk-test") -> Run:
    """Runs `chatwire chat`."""
    command = [programs.chatwire, "chat", "--base-url", base_url, "--api-key", key, "--model", model, *arguments]
    run = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_CALL,
        env=clean_environment(), check=False,
    )
    return Run(run.returncode, run.stdout, run.stderr)


def completion(outcome: dict[str, Any]) -> dict[str, Any]:
    assert "completion" in outcome, f"an error came: {outcome.get('error')}"
    return outcome["completion"]


def error(outcome: dict[str, Any]) -> dict[str, Any]:
    assert "error" in outcome, f"an answer came: {outcome.get('completion')}"
    return outcome["error"]


def to_compare(whole: dict[str, Any]) -> Any:
    """What a streamed answer has in common with a whole one. Ids of calls are random, some servers count cached
    tokens, and some write empty content where others write none."""
    choices = []
    for choice in sorted(whole["choices"], key=lambda choice: choice.get("index", 0)):
        message = {key: value for key, value in choice["message"].items() if value not in (None, "", [], {})}
        calls = message.pop("tool_calls", [])
        functions = [call.get("function") or call.get("custom") for call in calls]
        choices.append((choice.get("finish_reason"), message, functions))
    usage = whole.get("usage") or {}
    tokens = [usage.get(key) for key in ("prompt_tokens", "completion_tokens", "total_tokens")]
    return choices, tokens
