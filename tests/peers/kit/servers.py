"""Knows how each server of another project is started. The suites talk to them."""

import sys
from pathlib import Path

from .process import Server, free_port

HERE = Path(__file__).parent.parent / "servers"
KEY = "sk-test"


def llama_server(folder: Path, work: Path, key: str = KEY) -> tuple[Server, str]:
    """A real llama.cpp with a scripted model. Returns the server and its base URL."""
    model = work / "scripted.gguf"
    write = [sys.executable, str(HERE / "scripted_model.py"), str(model)]
    with Server("the script of the model", write, work / "model.log") as script:
        if script.process.wait(60) != 0:
            script.ensure_alive()
    port = free_port()
    command = [
        str(folder / "bin" / "llama-cpp-server"), "-m", str(model), "--host", "127.0.0.1", "--port", str(port), "--",
        "--alias", "scripted", "-c", "4096", "-np", "2", "-t", "1", "--jinja", "--api-key", key,
    ]
    server = Server("llama-server", command, work / "llama-server.log")
    return server.wait_for(f"http://127.0.0.1:{port}/health"), f"http://127.0.0.1:{port}/v1"


def aimock(folder: Path, work: Path, key: str = KEY) -> tuple[Server, str]:
    """A mock of the official API."""
    port = free_port()
    command = [
        str(folder / "node_modules" / ".bin" / "llmock"), "-h", "127.0.0.1", "-p", str(port),
        "-f", str(HERE / "aimock.json"), "-c", "8", "--validate-on-load",
    ]
    server = Server("aimock", command, work / "aimock.log", {"AIMOCK_API_KEYS": key})
    return server.wait_for(f"http://127.0.0.1:{port}/health"), f"http://127.0.0.1:{port}/v1"


def litellm(folder: Path, work: Path) -> tuple[Server, str]:
    """A proxy that answers for models with a mocked response by itself."""
    port = free_port()
    command = [
        str(folder / "bin" / "litellm"), "--config", str(HERE / "litellm.yaml"), "--host", "127.0.0.1",
        "--port", str(port), "--telemetry", "False",
    ]
    server = Server("litellm", command, work / "litellm.log")
    return server.wait_for(f"http://127.0.0.1:{port}/health/liveliness"), f"http://127.0.0.1:{port}/v1"


START = {"llama-server": llama_server, "aimock": aimock, "litellm": litellm}
