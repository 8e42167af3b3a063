"""Measurements of ``make bench``, run small."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.server import ROOT


@pytest.fixture
def benchmark():
    """Runs one measurement as a command; its own folder must be gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scripta-") as folder:  # pytest's own have names too long for sockets

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            own = {"DJANGO_SETTINGS_MODULE": "config.settings", "TMPDIR": folder}
            command = [sys.executable, "manage.py", "benchmark", *arguments]
            return subprocess.run(
                command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False, timeout=170
            )

        yield run
        assert list(Path(folder).glob("scripta-*")) == []
