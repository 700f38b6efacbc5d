"""The folder of a recording: how it is made and replayed, and what must not be in it."""

import base64
import http.client
import json
import urllib.parse
from pathlib import Path
from typing import Any


class Recording:
    """A folder that `chatwire serve --record` fills, and the key that was used."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, key

    def record(self, upstream: str) -> list[str]:
        return ["--record", str(self.folder), "--upstream", upstream]

    def replay(self) -> list[str]:
        return ["--replay", str(self.folder)]

    def ensure_no_secret(self) -> None:
        """Looks for the key in every file, as it is and as others could have written it."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        assert files, f"{self.folder} is empty"
        key = self.key.encode()
        forms = [key, base64.b64encode(key), urllib.parse.quote(self.key).encode(), key[::-1]]
        for file in files:
            data = file.read_bytes() + file.name.encode()
            assert not any(form in data for form in forms), f"the key is in {file}"

    def ensure_complete(self) -> None:
        left = [file.name for file in self.folder.iterdir() if file.name.startswith(".")]
        assert not left, f"unfinished: {left}"


def post(base_url: str, key: str, request: dict[str, Any]) -> tuple[int, str, bytes, bool]:
    """The status, the media type, the bytes of an answer, and whether it came whole."""
    parts = urllib.parse.urlsplit(base_url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    connection.request("POST", f"{parts.path}/chat/completions", json.dumps(request), headers)
    answer = connection.getresponse()
    try:
        body, is_whole = answer.read(), True
    except http.client.IncompleteRead as error:
        body, is_whole = error.partial, False
    connection.close()
    return answer.status, answer.headers.get_content_type(), body, is_whole
