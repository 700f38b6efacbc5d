"""Records a server of another project through the proxy, and replays it: the same bytes for raw requests, the same
answers for our client and for clients of other projects. `clients` does the same with `chatwire serve` itself."""

import json
import re
from pathlib import Path

from kit import install
from kit.ours import Call, Programs, ask
from kit.process import Chatwire
from kit.recording import Recording, post
from kit.report import Peer, Report
from kit.servers import START

from . import clients
from .cases import Case, equal
from .servers import SERVERS, form

# What clients of other projects ask. A server need not be good at all that they check with our script.
ASKED = {"answer", "stream", "async stream", "stream helper", "tool loop", "tool loop in a stream", "401"}
CHECKS = {
    # openai-python fails if the second choice of a stream comes first, as it does here, so that is left out.
    "llama-server": ASKED | {"two choices", "log-probabilities", "parse", "parse a stream", "parallel tools in a stream"},
    "aimock": ASKED,
}


def run(name: str, programs: Programs, folder: Path, work: Path, report: Report) -> None:
    """Checks the recording of one server."""
    model, cases = SERVERS[name][:2]
    peer = report.peer(f"{name}, recorded and replayed", install.version(name))
    server, upstream = START[name](folder, work, clients.KEY)
    recording = Recording(work / "recording", clients.KEY)
    with server:
        with Chatwire(programs.chatwire, recording.record(upstream), work / "record.log") as proxy:
            raw = {case.name: [raw_answer(proxy.base_url, case, model, stream) for stream in case.forms] for case in cases}
            recorded = ask(programs, proxy.base_url, calls(cases, model))
        peer.check("no key in the recording", recording.ensure_no_secret)
        peer.check("every recording is finished", recording.ensure_complete)
        with Chatwire(programs.chatwire, recording.replay(), work / "replay.log") as proxy:
            for case in cases:
                again = [raw_answer(proxy.base_url, case, model, stream) for stream in case.forms]
                peer.check(f"{case.name}, byte for byte", lambda: equal(again, raw[case.name]))
            replayed = ask(programs, proxy.base_url, calls(cases, model))
        for call, outcome in recorded.items():
            peer.check(f"{call}, by our client", lambda: equal(untimed(replayed[call]), untimed(outcome)))
        foreign(peer, programs, work, upstream, model, CHECKS[name])
    peer.print()


def foreign(
    peer: Peer, programs: Programs, work: Path, upstream: str, model: str, checks: set[str],
) -> None:
    for name in ["openai-python", "openai-node", "ai-sdk", "langchain-openai"]:
        try:
            folder = install.install(work.parent.parent, name)
        except install.Unavailable:
            # It has a line of its own.
            continue
        clients.record_and_replay(peer, name, folder, work, programs, upstream, clients.KEY, model, checks)


def calls(cases: list[Case], model: str) -> list[Call]:
    # Other requests than the raw ones, because both ask the same server.
    return [
        Call(f"{case.name}, {form(stream)}", {**case.request(model, stream), "seed": 7}, stream,
             clients.KEY if case.api_key == "sk-test" else case.api_key)
        for case in cases for stream in case.forms
    ]


def raw_answer(base_url: str, case: Case, model: str, stream: bool) -> tuple:
    key = clients.KEY if case.api_key == "sk-test" else case.api_key
    return post(base_url, key, {**case.request(model, stream), "stream": stream})


def untimed(outcome: dict) -> str:
    """Without the time, and without the address of the proxy."""
    return re.sub(r"127\.0\.0\.1:\d+", "proxy", json.dumps({**outcome, "seconds": None}))
