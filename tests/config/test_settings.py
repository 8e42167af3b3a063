"""Settings as a process of its own reads them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def read(name: str, data: Path, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings; print(settings.{name})"],
        cwd=ROOT,
        env={**os.environ, "SCRIPTA_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_names_of_this_machine_are_answered_beside_those_given(tmp_path):
    """Else the supervisor would wait in vain for the page of an installation with a name."""
    names = read("ALLOWED_HOSTS", tmp_path, SCRIPTA_ALLOWED_HOSTS="scripta.example.org")
    assert names == "['scripta.example.org', 'localhost', '127.0.0.1', '[::1]']"
