"""Backup and restore, from one data folder to another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import Attachment

ROOT = Path(__file__).parents[2]
MAKE = """
from pathlib import Path
import tempfile
from django.conf import settings
from tests.factories import make_job, make_media, make_transcript, make_user
settings.MEDIA_ROOT.mkdir(exist_ok=True)
recording = make_media(make_user("kept@example.org"), folder=settings.MEDIA_ROOT)
make_transcript(recording)
make_job(recording)
"""
SHOW = """
import hashlib
from accounts.models import User
from procrastinate.contrib.django.models import ProcrastinateJob
from transcription.models import Recording, TranscriptSegment
recording = Recording.objects.get()
print(User.objects.get().email, recording.title, hashlib.sha256(recording.media.read()).hexdigest())
print(list(TranscriptSegment.objects.order_by("index").values_list("text", flat=True)))
print(list(ProcrastinateJob.objects.values_list("task_name", "status")))
"""


def manage(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "SCRIPTA_ENGINE": "scripted", "SCRIPTA_DATA": str(data)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def shell(data: Path, code: str) -> str:
    done = manage(data, "shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Iterator[Path]:
    data = tmp_path_factory.mktemp("library")
    with Attachment(data):  # so that no command has to start Postgres
        shell(data, MAKE)
        yield data


@pytest.fixture(scope="module")
def backup(library, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "monday"
    done = manage(library, "backup", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{folder}: ")
    return folder


def test_backup_restores_into_an_empty_folder(library, backup, tmp_path):
    done = manage(tmp_path, "restore", str(backup))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Restored from {backup}.\n", "")
    assert shell(tmp_path, SHOW) == shell(library, SHOW)


def test_backup_is_complete_and_private(backup):
    assert sorted(path.name for path in backup.iterdir()) == ["backup.json", "database.dump", "media"]
    assert [path.name for path in backup.parent.iterdir()] == ["monday"]
    assert backup.stat().st_mode & 0o077 == 0


def test_backup_over_something_is_refused(library, backup):
    done = manage(library, "backup", str(backup))
    assert (done.returncode, done.stderr) == (1, f"CommandError: {backup} exists already. Name a new folder.\n")


def test_restore_over_a_library_needs_force(library, backup):
    shell(library, "from transcription.models import Recording; Recording.objects.update(title='changed since')")
    done = manage(library, "restore", str(backup))
    assert (done.returncode, done.stderr) == (
        1,
        "CommandError: This library is not empty. With --force, everything in it is replaced by the backup.\n",
    )
    assert "changed since" in shell(library, SHOW)
    assert manage(library, "restore", str(backup), "--force").returncode == 0
    assert "changed since" not in shell(library, SHOW)
    assert sorted(path.name for path in library.iterdir() if path.name.startswith("media")) == ["media"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "backup.json").unlink(), "is not a backup of Scripta."),
        (
            lambda folder: _add_migration(folder),
            "A newer version of Scripta made this backup: accounts.9999_later is not known here.",
        ),
        (lambda folder: (folder / "database.dump").write_bytes(b"PGDMP nonsense"), "The database was left as it was:"),
        (lambda folder: _cut_off(folder / "database.dump"), "The database was left as it was:"),
    ],
    ids=["no note", "newer", "broken dump", "dump cut off"],
)
def test_restore_of_something_else_changes_nothing(library, backup, tmp_path, spoil, message):
    before = shell(library, SHOW)
    for name in ("backup.json", "database.dump"):
        (tmp_path / name).write_bytes((backup / name).read_bytes())
    spoil(tmp_path)
    done = manage(library, "restore", str(tmp_path), "--force")
    assert done.returncode == 1
    assert message in done.stderr
    assert shell(library, SHOW) == before


def _add_migration(folder: Path) -> None:
    note = json.loads((folder / "backup.json").read_text())
    note["migrations"].append("accounts.9999_later")
    (folder / "backup.json").write_text(json.dumps(note))


def _cut_off(dump: Path) -> None:
    """As a copy that ran out of disk leaves it: most tables are still whole."""
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 9 // 10])
