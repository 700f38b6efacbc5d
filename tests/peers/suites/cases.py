"""What our client asks the servers of other projects, and what must come of it. `servers` runs the cases."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kit.ours import completion, error

Outcome = dict[str, Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
FLAG = {
    "type": "json_schema",
    "json_schema": {
        "name": "flag",
        "schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]},
    },
}


@dataclass(frozen=True)
class Case:
    """A request, sent as JSON and as a stream, and the check of each outcome."""

    name: str
    message: str
    check: Callable[[Outcome], None]
    more: dict[str, Any] = field(default_factory=dict)
    model: str | None = None
    api_key: str = "sk-test"
    forms: tuple[bool, ...] = (False, True)
    # Whether the streamed answer equals the whole one.
    same: bool = True

    def request(self, model: str, stream: bool) -> dict[str, Any]:
        messages = self.more.get("messages", [{"role": "user", "content": self.message}])
        request = {"model": self.model or model, "max_tokens": 64, "temperature": 0, **self.more, "messages": messages}
        if stream:
            request["stream_options"] = {"include_usage": True}
        return request


def equal(one: Any, other: Any) -> None:
    assert one == other, f"{one!r} is not {other!r}"


def says(*texts: str, reason: str = "stop") -> Callable[[Outcome], None]:
    """The texts of the choices. Spaces around them do not count, because servers trim them or not."""

    def check(outcome: Outcome) -> None:
        choices = sorted(completion(outcome)["choices"], key=lambda choice: choice["index"])
        equal([choice["message"]["content"].strip() for choice in choices], list(texts))
        equal({choice["finish_reason"] for choice in choices}, {reason})

    return check


def thinks(reasoning: str, text: str) -> Callable[[Outcome], None]:
    def check(outcome: Outcome) -> None:
        says(text)(outcome)
        message = completion(outcome)["choices"][0]["message"]
        equal((message.get("reasoning_content") or message.get("reasoning") or "").strip(), reasoning)

    return check


def calls(*cities: str) -> Callable[[Outcome], None]:
    def check(outcome: Outcome) -> None:
        choice = completion(outcome)["choices"][0]
        functions = [call["function"] for call in choice["message"]["tool_calls"]]
        equal([function["name"] for function in functions], ["get_weather"] * len(cities))
        equal([json.loads(function["arguments"]) for function in functions], [{"city": city} for city in cities])
        equal(choice["finish_reason"], "tool_calls")
        ids = {call["id"] for call in choice["message"]["tool_calls"]}
        assert len(ids) == len(cities) and all(ids), f"ids are missing or repeated: {ids}"

    return check


def is_json(value: Any) -> Callable[[Outcome], None]:
    def check(outcome: Outcome) -> None:
        equal(json.loads(completion(outcome)["choices"][0]["message"]["content"]), value)

    return check


def has_logprobs(outcome: Outcome) -> None:
    choice = completion(outcome)["choices"][0]
    tokens = choice["logprobs"]["content"]
    equal("".join(token["token"] for token in tokens).strip(), choice["message"]["content"].strip())
    assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) == 2 for token in tokens), tokens


def fails(status: int | None, *parts: str, retried: float = 0) -> Callable[[Outcome], None]:
    """An error with this status, whose message has these parts. `retried` is the shortest time for retries."""

    def check(outcome: Outcome) -> None:
        found = error(outcome)
        equal(found["status"], status)
        missing = [part for part in parts if part.lower() not in found["display"].lower()]
        assert not missing, f"{missing} not in {found['display']!r}"
        assert outcome["seconds"] >= retried, f"it was not retried: {outcome['seconds']} s"

    return check


def breaks_off(ends: str, *, partial: str = "") -> Callable[[Outcome], None]:
    """An error in the middle of a stream, with the text that came before it."""

    def check(outcome: Outcome) -> None:
        found = error(outcome)
        equal(found["ends"], ends)
        assert found["partial"] is not None and found["partial"].strip().startswith(partial), found
        assert found["partial"].strip(), "nothing had arrived"

    return check


TOOLS = {"tools": [WEATHER]}
AFTER_A_CALL = {
    **TOOLS,
    "messages": [
        {"role": "user", "content": "the weather in Paris"},
        {"role": "assistant", "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}},
        ]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ],
}
BOTH = "both: the weather in Paris and in Oslo"
GREETING = "Good morning! Zoë keeps a crab: 🦀."
BONJOUR = "Bonjour! Zoë keeps a crab: 🦀."
JSON, STREAM = (False,), (True,)

LLAMA = [
    Case("an answer", "Say hello", says(GREETING)),
    Case("two choices", "Say hello", says(GREETING, GREETING), {"n": 2}),
    Case("a tool call", "the weather in Paris", calls("Paris"), TOOLS),
    Case("parallel tool calls", BOTH, calls("Paris", "Oslo"), {**TOOLS, "parallel_tool_calls": True}),
    Case("after a tool call", "", says("The sun shines on Paris"), AFTER_A_CALL),
    Case("json_schema", "Say hello", is_json({"ok": True}), {"response_format": FLAG}),
    Case("log-probabilities", "Say hello", has_logprobs, {"logprobs": True, "top_logprobs": 2}, same=False),
    Case("reasoning", "think about it", thinks("They want thoughts", "Thought well")),
    Case("a stop sequence", "count", says("one two three"), {"stop": [" four"]}),
    Case("length", "count", says("one two three four one", reason="length"), {"max_tokens": 5}),
    Case("400", "Say hello", fails(400), {"response_format": {"type": "json_schema", "json_schema": {
        "name": "x", "schema": {"$ref": "#/$defs/nowhere"}}}}),
    Case("401", "Say hello", fails(401, "Invalid API Key"), api_key="no-such-key"),
    Case("context overflow", "word " * 5000, fails(400, "context")),
    Case("an error in mid-stream", "broken", breaks_off("Api", partial="I will see"), TOOLS, forms=STREAM),
]

AIMOCK = [
    Case("an answer", "Say hello", says(BONJOUR)),
    Case("a tool call", "the weather in Paris", calls("Paris"), TOOLS),
    Case("parallel tool calls", BOTH, calls("Paris", "Oslo"), TOOLS, model="both"),
    Case("after a tool call", "", says("The sun shines on Paris."), AFTER_A_CALL),
    Case("json_schema", "Say hello", is_json({"ok": True}), {"response_format": FLAG}),
    Case("reasoning", "Say hello", thinks("They ask whether.", "Yes."), model="thinker"),
    Case("length", "Say hello", says("Half a", reason="length"), model="short"),
    Case("400", "", fails(400, "messages"), {"messages": "not a list"}),
    Case("401", "Say hello", fails(401), api_key="no-such-key"),
    Case("404", "Say hello", fails(404), model="nobody"),
    Case("429 for ever", "Say hello", fails(429, "Always too fast", retried=1), model="busy"),
    Case("500 for ever", "Say hello", fails(500, "It hurts", retried=0.5), model="ill"),
    Case("a cut connection", "Say hello", breaks_off("Transport", partial="Nobody"), model="cut", forms=STREAM),
    # The server counts, so there is one call.
    Case("429, 503, 200", "Say hello", says("Well again."), model="busy-then-well", forms=STREAM),
]

LITELLM = [
    # Its mock counts other tokens in a stream, and ends only the first choice of one.
    Case("an answer", "Say hello", says(BONJOUR), same=False),
    Case("two choices", "Say hello", says(BONJOUR, BONJOUR), {"n": 2}, forms=JSON),
    Case("400", "Say hello", fails(400, "Invalid model name"), model="nobody"),
    # Without a database, it knows no key but its own, and says so.
    Case("a wrong key", "Say hello", fails(400, "No connected db"), api_key="no-such-key"),
    Case("429 for ever", "Say hello", fails(429, "rate limit", retried=1), model="busy", forms=JSON),
    Case("500 for ever", "Say hello", fails(500, "mock internal server error", retried=0.5), model="ill", forms=JSON),
    Case("context overflow", "Say hello", fails(400, "context window exceeded"), model="full"),
]
