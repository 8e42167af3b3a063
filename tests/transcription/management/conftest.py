"""Measurements of ``make bench``, run small."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.server import ROOT, Server, started_before
from transcription.management.benchmarks.scratch import INSIDE


def measure(arguments: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "benchmark", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=170)


@pytest.fixture
def benchmark_as_people_do():
    """Runs one measurement as a command; its own folder must be gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scripta-") as folder:  # pytest's own have names too long for sockets
        own = {"DJANGO_SETTINGS_MODULE": "config.settings", "TMPDIR": folder}
        yield lambda *arguments: measure(arguments, os.environ | own)
        assert list(Path(folder).glob("scripta-*")) == []


@pytest.fixture
def benchmark(first_start):
    """Runs one measurement as a command, in a folder where Scripta has started before."""
    with tempfile.TemporaryDirectory(prefix="scripta-", ignore_cleanup_errors=True) as folder:
        started_before(Path(folder), first_start)
        own = {INSIDE: "1", "SCRIPTA_ENGINE": None}
        yield lambda *arguments: measure(arguments, Server(Path(folder), **own).environment)
