"""A throw-away installation to measure in: a data folder of its own, in which the whole product runs as processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from accounts.models import User
from transcription.models import Recording
from transcription.services import recordings

INSIDE = "SCRIPTA_SCRATCH"
"""Set in the process that measures: its data folder may be filled, killed in and thrown away."""
OWNER = "benchmark@example.org"


def run_in_scratch_folder(work: Callable[[], int]) -> int:
    """Do ``work`` in a process like this one, with an empty data folder that is removed afterwards; the exit status.

    Settings are read when Django starts, so the same command line is run again. Servers that the settings name are
    left out: measuring kills, fills and counts, which nobody's real database should see. Models are shared.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if INSIDE in os.environ:
        return work()
    with tempfile.TemporaryDirectory(prefix="scripta-benchmark-", ignore_cleanup_errors=True) as folder:
        own = {
            INSIDE: "1",
            "SCRIPTA_DATA": folder,
            "SCRIPTA_MODELS": str(settings.MODELS),
            "SCRIPTA_HOST": "127.0.0.1",
            "SCRIPTA_PORT": str(_free_port()),
        }
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        process = subprocess.Popen([sys.executable, *sys.argv], cwd=settings.BASE_DIR, env=kept | own)
        try:
            return process.wait()
        finally:
            process.terminate()  # nothing happens when it has ended
            process.wait()


def owner() -> User:
    return User.objects.filter(email=OWNER).first() or User.objects.create_user(OWNER)


def add_recording(path: Path, *, title: str) -> Recording:
    """Put a copy of the file into the library, the way uploads arrive."""
    recording = recordings.create_recording(
        owner=owner(), title=title, original_name=path.name, size=path.stat().st_size
    )
    copy = settings.DATA / f"{recording.id}.part"
    shutil.copyfile(path, copy)
    return recordings.media_arrived(recording=recording, path=copy)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
