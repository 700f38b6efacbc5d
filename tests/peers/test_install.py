"""Tests that a peer that cannot be had is skipped with a line, and holds up nothing. `run.py --test` runs it."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from kit import install

RUN = Path(__file__).parent / "run.py"
# A port of this machine that nothing listens on.
NOWHERE = "http://127.0.0.1:9"
REGISTRIES = {"PIP_INDEX_URL": f"{NOWHERE}/simple", "npm_config_registry": NOWHERE, "PIP_CONFIG_FILE": os.devnull}


class Install(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_an_unreachable_registry(self) -> None:
        # A peer of each kind.
        names = ["openai-python", "redocly", "openai-go"]
        run = subprocess.run(
            [sys.executable, RUN, "--install", "--folder", self.folder, *names], capture_output=True, text=True,
            env={**os.environ, **REGISTRIES}, timeout=300, check=False,
        )
        lines = [f"skipped: {name} {install.version(name)}: its registry cannot be reached" for name in names]
        self.assertEqual((run.stdout.splitlines(), run.returncode), (lines, 0), run.stderr)

    def test_an_installer_that_does_not_end(self) -> None:
        with mock.patch.object(install, "LONGEST", 0.01), self.assertRaisesRegex(install.Unavailable, "within 0.01 minutes"):
            install.run(self.folder, "redocly", ["sh", "-c", "sleep 60; sleep 60"], {})

    def test_a_failure_of_another_kind(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "redocly was not installed"):
            install.run(self.folder, "redocly", ["sh", "-c", "echo broken; exit 3"], {})
