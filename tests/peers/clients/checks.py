"""Runs the checks of a client in Python, and prints a line of JSON for each. The clients have the checks."""

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

BASE_URL, KEY, MODEL = sys.argv[1:4]
CHECKS: list[tuple[str, Callable[[], Any]]] = []

WEATHER = {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False,
}
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "The weather.", "parameters": WEATHER, "strict": True},
}


def check(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def add(run: Callable[[], Any]) -> Callable[[], Any]:
        CHECKS.append((name, run))
        return run

    return add


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def equal(one: Any, other: Any) -> None:
    assert one == other, f"{one!r} is not {other!r}"


def raises(kind: type[Exception], run: Callable[[], Any]) -> Any:
    try:
        answer = run()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}: {answer!r}")


def main() -> None:
    """Runs the checks that the fourth argument names, separated by commas, or all."""
    wanted = sys.argv[4].split(",") if len(sys.argv) > 4 else None
    for name, run in CHECKS:
        if wanted is not None and name not in wanted:
            continue
        try:
            line = {"check": name, "got": run()}
        except Exception:  # noqa: BLE001, because the other checks still run
            line = {"check": name, "failed": traceback.format_exc(limit=-2)}
        print(json.dumps(line), flush=True)
