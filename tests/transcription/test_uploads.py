"""Uploads as a service: quota, order of writing, locks, and what is left of a process that was killed."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import DATA, make_user
from tests.server import ROOT
from tests.web import environment_for_process
from transcription.enums import JobState, RecordingState
from transcription.errors import (
    BadRequest,
    OffsetMismatch,
    QuotaExceeded,
    StorageFull,
    TooLarge,
    UploadBusy,
    UploadGone,
    WrongState,
)
from transcription.models import Job, Recording, Upload
from transcription.services import jobs, partfiles, recordings, uploads
from transcription.services.partfiles import PartFile

pytestmark = pytest.mark.django_db
SPEECH = (DATA / "LJ001-0001.flac").read_bytes()


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"


def begin(length: int = 10, *, owner: Any = None, **fields: Any) -> Upload:
    fields = {"filename": "talk.flac", "fingerprint": "f1", "options": {}} | fields
    return uploads.create_upload(owner=owner or make_user(), length=length, **fields)


def stored(upload: Upload) -> Upload:
    return Upload.objects.select_related("recording").get(pk=upload.pk)


def parallel(*calls: Any) -> list[object]:
    """The result or the error of each call, all begun at the same moment, each in a thread of its own."""
    start = threading.Barrier(len(calls))

    def run(call: Any) -> object:
        start.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001  (compared by the test)
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_create_makes_a_recording_that_waits():
    owner = make_user()
    options = {"language": "de", "vocabulary": "Scripta", "notify_by_mail": True}
    upload = begin(10, owner=owner, filename="C:\\fakepath\\My talk.flac", title="", options=options)
    recording = upload.recording
    assert (recording.owner, recording.state, recording.size) == (owner, RecordingState.UPLOADING, 10)
    assert (recording.title, recording.original_name) == ("My talk", "My talk.flac")
    assert {name: upload.options[name] for name in options} == options
    assert PartFile(upload.pk).path.read_bytes() == b""


@pytest.mark.parametrize(
    "options", [{"language": "klingon"}, {"model": "no-such-model"}, {"task": "sing"}, {"colour": "red"}]
)
def test_create_refuses_what_cannot_be_chosen(options: dict[str, str]):
    with pytest.raises(BadRequest):
        begin(options=options)
    assert Recording.objects.count() == 0


def test_create_refuses_a_file_beyond_the_limit(settings: Any):
    settings.MAX_UPLOAD_SIZE = 10
    assert begin(10).length == 10
    with pytest.raises(TooLarge):
        begin(11)


def test_create_refuses_what_the_disk_cannot_hold(settings: Any):
    settings.MAX_UPLOAD_SIZE = 10**18
    with pytest.raises(StorageFull):
        begin(10**17)
    assert Recording.objects.count() == 0


def test_quota_counts_what_is_still_to_come(settings: Any):
    settings.USER_QUOTA = 100
    owner = make_user()
    begin(60, owner=owner)
    with pytest.raises(QuotaExceeded):
        begin(41, owner=owner)
    begin(41)
    begin(40, owner=owner)


@pytest.mark.django_db(transaction=True)
def test_quota_holds_when_uploads_begin_at_once(settings: Any):
    settings.USER_QUOTA = 100
    owner = make_user()
    results = parallel(*[lambda: begin(40, owner=owner).length for _ in range(6)])
    assert sorted(map(str, results)) == sorted(map(str, [40, 40, *[QuotaExceeded] * 4]))
    assert Recording.objects.owned_by(owner).bytes_used() == 80


def test_pieces_become_the_recording_and_one_job():
    upload = begin(len(SPEECH), options={"language": "en", "task": "translate"})
    for start in range(0, len(SPEECH), 50_000):
        piece = SPEECH[start : start + 50_000]
        assert uploads.append_chunk(upload=upload, offset=start, data=piece) == start + len(piece)
    recording = stored(upload).recording
    assert recording.state == RecordingState.READY
    assert recording.media_type == "audio/flac"
    assert recording.media.open().read() == SPEECH
    (job,) = recording.jobs.all()
    assert (job.state, job.language, job.task) == (JobState.QUEUED, "en", "translate")
    assert not PartFile(upload.pk).path.exists()


def test_last_piece_sent_again_changes_nothing():
    upload = begin(4)
    uploads.append_chunk(upload=upload, offset=0, data=b"abcd")
    assert uploads.append_chunk(upload=upload, offset=4, data=b"") == 4
    with pytest.raises(OffsetMismatch):
        uploads.append_chunk(upload=upload, offset=0, data=b"abcd")
    assert Job.objects.count() == 1


def test_file_of_no_bytes_is_complete_at_once():
    upload = begin(0)
    assert upload.recording.state == RecordingState.READY
    assert Job.objects.get().recording == upload.recording


def test_piece_at_another_offset_is_refused():
    upload = begin(10)
    uploads.append_chunk(upload=upload, offset=0, data=b"abc")
    for offset in (0, 2, 4):
        with pytest.raises(OffsetMismatch):
            uploads.append_chunk(upload=upload, offset=offset, data=b"xyz")
    assert PartFile(upload.pk).path.read_bytes() == b"abc"


def test_piece_beyond_the_length_is_refused():
    upload = begin(4)
    with pytest.raises(BadRequest):
        uploads.append_chunk(upload=upload, offset=0, data=b"abcde")
    assert stored(upload).offset == 0


def test_piece_extends_the_time():
    upload = begin(10)
    Upload.objects.update(expires_at=timezone.now())
    uploads.append_chunk(upload=upload, offset=0, data=b"a")
    assert stored(upload).expires_at > timezone.now() + timedelta(hours=1)


def test_bytes_beyond_the_row_are_cut_off():
    upload = begin(10)
    uploads.append_chunk(upload=upload, offset=0, data=b"abc")
    with PartFile(upload.pk).path.open("ab") as file:
        file.write(b"from a process that was killed")
    uploads.append_chunk(upload=upload, offset=3, data=b"def")
    assert PartFile(upload.pk).path.read_bytes() == b"abcdef"


def test_lost_bytes_are_asked_for_again():
    upload = begin(10)
    uploads.append_chunk(upload=upload, offset=0, data=b"abcdef")
    os.truncate(PartFile(upload.pk).path, 2)
    with pytest.raises(OffsetMismatch):
        uploads.append_chunk(upload=upload, offset=6, data=b"g")
    assert stored(upload).offset == 2


def test_second_writer_is_told_to_wait():
    upload = begin(10)
    with PartFile(upload.pk).locked(), pytest.raises(UploadBusy):
        uploads.append_chunk(upload=upload, offset=0, data=b"abc")
    assert uploads.append_chunk(upload=upload, offset=0, data=b"abc") == 3


@pytest.mark.django_db(transaction=True)
def test_same_piece_from_many_threads_is_taken_once():
    upload = begin(len(SPEECH))
    results = parallel(*[lambda: uploads.append_chunk(upload=upload, offset=0, data=SPEECH) for _ in range(6)])
    assert [result for result in results if isinstance(result, int)] == [len(SPEECH)]
    assert set(results) <= {len(SPEECH), UploadBusy, OffsetMismatch}
    assert stored(upload).recording.media.open().read() == SPEECH
    assert Job.objects.count() == 1


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
def test_full_disk_leaves_the_upload_as_it_was(monkeypatch: pytest.MonkeyPatch, call: str):
    upload = begin(10)
    uploads.append_chunk(upload=upload, offset=0, data=b"abc")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(partfiles.os, call, full)
        with pytest.raises(StorageFull):
            uploads.append_chunk(upload=upload, offset=3, data=b"def")
    assert (stored(upload).offset, PartFile(upload.pk).path.read_bytes()) == (3, b"abc")
    assert uploads.append_chunk(upload=upload, offset=3, data=b"def") == 6


def test_trashed_upload_takes_no_bytes_until_it_is_restored():
    upload = begin(10)
    jobs.trash_recording(recording=upload.recording)
    with pytest.raises(UploadGone):
        uploads.append_chunk(upload=upload, offset=0, data=b"abc")
    with pytest.raises(UploadGone):
        uploads.recover_upload(upload=upload)
    recordings.restore_recording(recording=upload.recording)
    assert uploads.append_chunk(upload=upload, offset=0, data=b"abc") == 3


def test_cancel_removes_everything():
    upload = begin(10)
    uploads.append_chunk(upload=upload, offset=0, data=b"abc")
    uploads.cancel_upload(upload=upload)
    assert (Recording.objects.count(), Upload.objects.count()) == (0, 0)
    assert PartFile.all() == set()
    with pytest.raises(UploadGone):
        uploads.append_chunk(upload=upload, offset=3, data=b"def")


def test_cancel_of_a_complete_upload_is_refused():
    upload = begin(0)
    with pytest.raises(WrongState):
        uploads.cancel_upload(upload=upload)
    assert Recording.objects.count() == 1


def test_expiry_tells_the_owner_and_frees_the_room():
    kept, over = begin(10), begin(10)
    uploads.append_chunk(upload=over, offset=0, data=b"abc")
    Upload.objects.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert uploads.expire_uploads(now=timezone.now()) == 1
    recording = Recording.objects.get(pk=over.recording_id)
    assert (recording.state, recording.error_code, recording.size) == (RecordingState.FAILED, "upload_unfinished", 0)
    assert PartFile.all() == {kept.pk}
    assert list(Upload.objects.values_list("pk", flat=True)) == [kept.pk]
    assert uploads.expire_uploads(now=timezone.now()) == 0


def test_expiry_forgets_finished_uploads_and_keeps_their_recordings():
    upload = begin(0)
    uploads.expire_uploads(now=upload.expires_at - timedelta(seconds=1))
    assert Upload.objects.count() == 1
    uploads.expire_uploads(now=upload.expires_at + timedelta(seconds=1))
    assert (Upload.objects.count(), PartFile.all()) == (0, set())
    assert Recording.objects.get().state == RecordingState.READY


def test_expiry_removes_files_without_a_row():
    upload = begin(10)
    uploads.append_chunk(upload=upload, offset=0, data=b"abc")
    upload.recording.owner.delete()
    assert PartFile.all() == {upload.pk}
    uploads.expire_uploads(now=timezone.now())
    assert PartFile.all() == set()


def test_expiry_leaves_an_upload_that_is_being_written():
    upload = begin(10)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with PartFile(upload.pk).locked():
        assert uploads.expire_uploads(now=timezone.now()) == 0
    assert stored(upload).recording.state == RecordingState.UPLOADING


def test_bytes_that_are_nowhere_are_asked_for_again():
    lost, other = begin(4), begin(4)
    Upload.objects.update(offset=4)
    PartFile(lost.pk).remove()
    assert uploads.recover_upload(upload=lost).offset == 0
    Upload.objects.filter(pk=lost.pk).update(offset=4, expires_at=timezone.now() - timedelta(seconds=1))
    PartFile(other.pk).write(b"abcd", offset=0)
    assert uploads.expire_uploads(now=timezone.now()) == 1
    assert stored(other).recording.state == RecordingState.READY
    assert Recording.objects.get(pk=lost.recording_id).error_code == "upload_unfinished"


def append_and_die(upload: Upload, function: str, data: bytes) -> None:
    """Append in a process that kills itself with SIGKILL when it reaches ``function``."""
    command = [sys.executable, "-m", "tests.transcription.dying_upload", str(upload.pk), function]
    environment = environment_for_process()
    done = subprocess.run(command, cwd=ROOT, env=environment, input=data, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("function", "offset"),
    [
        ("transcription.models.Upload.save", 0),
        ("transcription.services.recordings.media_arrived", len(SPEECH)),
        ("transcription.services.recordings.describe_media", len(SPEECH)),
        ("transcription.services.jobs.submit_job", len(SPEECH)),
    ],
)
@pytest.mark.parametrize("recovery", ["client", "sweep"])
def test_process_killed_on_the_way_leaves_nothing_half(function: str, offset: int, recovery: str):
    upload = begin(len(SPEECH))
    append_and_die(upload, function, SPEECH)
    assert stored(upload).offset == offset
    assert Job.objects.count() == 0
    if recovery == "client" or offset == 0:
        resumed = uploads.recover_upload(upload=upload)
        uploads.append_chunk(upload=upload, offset=resumed.offset, data=SPEECH[resumed.offset :])
    else:
        assert uploads.expire_uploads(now=timezone.now()) == 0
    recording = stored(upload).recording
    assert recording.state == RecordingState.READY
    assert hashlib.sha256(recording.media.open().read()).digest() == hashlib.sha256(SPEECH).digest()
    assert recording.media_type == "audio/flac"
    assert Job.objects.get().recording == recording
