"""Runs our client and our command against servers of other projects. `cases` has what they are asked."""

import json
from pathlib import Path

from kit import install
from kit.ours import Call, Programs, Run, ask, chat, completion, error, to_compare
from kit.report import Peer, Report
from kit.servers import START

from .cases import AIMOCK, BONJOUR, GREETING, LITELLM, LLAMA, Case, equal

# The model that is asked, the cases, the text of the first one, and the status of a wrong key.
SERVERS = {
    "llama-server": ("scripted", LLAMA, GREETING, 401),
    "aimock": ("plain", AIMOCK, BONJOUR, 401),
    "litellm": ("plain", LITELLM, BONJOUR, 400),
}

# It answers under every path.
ANY_PATH = {"aimock"}


def run(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Checks one server."""
    model, cases, greeting, refusal = SERVERS[name]
    peer = report.peer(f"{name}, asked by us", install.version(name))
    server, base_url = START[name](folder, work)
    with server:
        client(peer, programs, base_url, model, cases)
        if name not in ANY_PATH:
            wrong_path(peer, programs, base_url, model, cases[0])
        command(peer, programs, base_url, model, greeting, refusal)
    peer.print()


def client(peer: Peer, programs: Programs, base_url: str, model: str, cases: list[Case]) -> None:
    calls = [
        Call(f"{case.name}, {form(stream)}", case.request(model, stream), stream, case.api_key)
        for case in cases for stream in case.forms
    ]
    outcomes = ask(programs, base_url, calls)
    for case in cases:
        for stream in case.forms:
            outcome = outcomes[f"{case.name}, {form(stream)}"]
            peer.check(f"{case.name}, {form(stream)}", lambda: case.check(outcome))
        if len(case.forms) == 2 and case.same:
            whole, streamed = (outcomes[f"{case.name}, {form(stream)}"] for stream in case.forms)
            peer.check(f"{case.name}, the same in both", lambda: same(whole, streamed))


def wrong_path(peer: Peer, programs: Programs, base_url: str, model: str, case: Case) -> None:
    lost = ask(programs, base_url.removesuffix("/v1") + "/nowhere", [Call("lost", case.request(model, False))])
    peer.check("a wrong path", lambda: equal(error(lost["lost"])["status"], 404))


def same(whole: dict, streamed: dict) -> None:
    if "error" in whole:
        keys = ("status", "message", "code")
        equal([error(streamed)[key] for key in keys], [whole["error"][key] for key in keys])
    else:
        equal(to_compare(completion(streamed)), to_compare(whole["completion"]))


def command(peer: Peer, programs: Programs, base_url: str, model: str, greeting: str, refusal: int) -> None:
    for how in [[], ["--no-stream"]]:
        run = chat(programs, base_url, model, ["Say hello", "--temperature", "0", *how])
        peer.check(f"chatwire chat {' '.join(how)}".rstrip(), lambda: equal((run.code, run.stdout.strip()), (0, greeting)))
    as_json = chat(programs, base_url, model, ["Say hello", "--temperature", "0", "--json"])
    peer.check("chatwire chat --json", lambda: equal(
        json.loads(as_json.stdout)["choices"][0]["message"]["content"].strip(), greeting))
    refused = chat(programs, base_url, model, ["Say hello"], key="no-such-key")
    peer.check("chatwire chat with a wrong key", lambda: is_refused(refused, refusal))


def is_refused(run: Run, status: int) -> None:
    equal((run.code, run.stdout), (1, ""))
    last = run.stderr.splitlines()[-1]
    assert last.startswith(f"error: {status} "), last
    assert "no-such-key" not in run.stderr, run.stderr


def form(stream: bool) -> str:
    return "streamed" if stream else "whole"
