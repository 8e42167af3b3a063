"""``manage.py watch_folder``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import DATA
from tests.server import ROOT
from tests.web import environment_for_process
from transcription.models import Job, Recording, WatchedFile
from transcription.services import folders, jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path, settings) -> Path:
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


def put(path: Path) -> Path:
    return Path(shutil.copyfile(DATA / "LJ001-0001.flac", path))


def look(folder: Path, owner, *arguments: str) -> tuple[list[str], list[str]]:
    """One look by a new process; what it said and what it complained of."""
    out, err = StringIO(), StringIO()
    call = ["watch_folder", str(folder), "--owner", owner.email, "--once", "--settle", "0", *arguments]
    call_command(*call, stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_file_becomes_a_recording_of_its_owner_and_moves_away(folder, owner, settings):
    put(folder / "A talk.flac")
    said, complaints = look(folder, owner, "--language", "en")
    recording = Recording.objects.get()
    assert (said, complaints) == ([f"A talk.flac: recording {recording.pk}"], [])
    assert (recording.owner, recording.title, recording.state) == (owner, "A talk", "ready")
    assert (recording.delete_after, recording.media_type) == (None, "audio/flac")
    assert list(Job.objects.values_list("state", "language", "priority")) == [("queued", "en", 0)]
    assert recording.media.read() == (DATA / "LJ001-0001.flac").read_bytes()
    assert [str(path.relative_to(folder)) for path in folder.rglob("*.flac")] == ["imported/A talk.flac"]
    assert list((settings.UPLOADS / "arrivals").iterdir()) == []


def test_same_name_again_is_another_recording(folder, owner):
    for _ in range(2):
        put(folder / "talk.flac")
        look(folder, owner)
    assert Recording.objects.count() == 2
    assert sorted(path.name for path in (folder / "imported").iterdir()) == ["talk (2).flac", "talk.flac"]


def test_file_that_stays_is_imported_once(folder, owner):
    put(folder / "talk.flac")
    for _ in range(3):
        look(folder, owner, "--done", "keep")
    assert (Recording.objects.count(), (folder / "talk.flac").exists()) == (1, True)
    os.utime(folder / "talk.flac", (1, 1))  # another one has taken its place
    look(folder, owner, "--done", "keep")
    assert Recording.objects.count() == 2


def test_watcher_killed_before_it_put_the_file_away_does_not_import_it_again(folder, owner):
    told = put(folder / "talk.flac").stat()
    found = folders.Found(folder / "talk.flac", told.st_size, told.st_mtime_ns)
    folders.import_file(owner=owner, found=found, options=jobs.JobOptions())
    look(folder, owner, "--done", "delete")
    assert (Recording.objects.count(), list(folder.iterdir()), WatchedFile.objects.count()) == (1, [], 0)


def test_hidden_partial_linked_and_empty_files_are_left_alone(folder, owner, tmp_path):
    outside = put(tmp_path / "outside.flac")
    (folder / "link.flac").symlink_to(outside)
    (folder / "folder").mkdir()
    (folder / "empty.flac").touch()
    os.mkfifo(folder / "pipe.flac")
    for name in (".hidden.flac", "talk.flac.part", "talk.crdownload"):
        put(folder / name)
    before = sorted(folder.iterdir())
    assert look(folder, owner) == ([], [])
    assert (sorted(folder.iterdir()), Recording.objects.count()) == (before, 0)


def test_file_that_changed_a_moment_ago_is_not_complete(folder, owner):
    put(folder / "talk.flac")
    assert look(folder, owner, "--settle", "30") == ([], [])


def test_unreadable_file_is_told_of_once(folder, owner):
    (folder / "notes.txt").write_text("This is no sound. " * 50)
    put(folder / "talk.flac")
    _, complaints = look(folder, owner)
    assert complaints == ["notes.txt: This file is not audio or video that can be read, or it is damaged."]
    assert look(folder, owner) == ([], [])
    assert (Recording.objects.count(), (folder / "notes.txt").exists()) == (1, True)


def test_full_library_takes_the_file_when_there_is_room(folder, owner, settings):
    put(folder / "talk.flac")
    settings.USER_QUOTA = 1000
    _, complaints = look(folder, owner)
    assert complaints[0].startswith("talk.flac: There is not enough room")
    settings.USER_QUOTA = 0
    assert len(look(folder, owner)[0]) == 1


def test_name_that_is_no_text_is_imported(folder, owner):
    os.rename(put(folder / "talk.flac"), os.fsencode(folder) + b"/t\xe4lk.flac")  # noqa: PTH104  (Latin-1)
    look(folder, owner)
    assert Recording.objects.get().title == "t\ufffdlk"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--owner", "nobody@example.org"], "Nobody with the address"),
        (["--language", "xx"], "not known"),
        (["--model", "gpt-9"], "not offered"),
    ],
)
def test_wrong_choice_is_refused(folder, owner, arguments, message):
    with pytest.raises(CommandError, match=message):
        look(folder, owner, *arguments)


def test_folder_is_watched_until_the_command_is_stopped(folder, owner):
    command = [sys.executable, "manage.py", "watch_folder", str(folder), "--owner", owner.email, "--settle", "0.5"]
    watching = subprocess.Popen(
        command, cwd=ROOT, env=environment_for_process(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    put(folder / "talk.flac")
    deadline = time.monotonic() + 30
    while not (folder / "imported" / "talk.flac").exists():
        assert watching.poll() is None, watching.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    watching.send_signal(signal.SIGINT)
    output, _ = watching.communicate(timeout=20)
    assert (watching.returncode, output.splitlines()[-1]) == (130, f"talk.flac: recording {Recording.objects.get().pk}")
