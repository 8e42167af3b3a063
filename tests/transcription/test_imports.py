"""Files that the server fetches: what is asked for where, within which limits, and what a killed worker leaves."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import DATA, make_user
from tests.receiver import Receiver, drip, status
from tests.server import ROOT
from tests.web import environment_for_process
from transcription.enums import JobState, RecordingState
from transcription.errors import BadRequest, HostNotAllowed, OutgoingError
from transcription.models import Import, Job, Recording
from transcription.services import imports, jobs, queue, recordings, uploads
from transcription.services.jobs import JobOptions
from transcription.services.partfiles import PartFile

pytestmark = pytest.mark.django_db
SPEECH = (DATA / "LJ001-0001.flac").read_bytes()


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    settings.IMPORT_HOSTS = ["127.0.0.1"]
    settings.WEBHOOKS_ALLOW_PRIVATE = ["127.0.0.1"]
    monkeypatch.setattr(imports, "PAUSE_SECONDS", (0.0, 0.0))


def begin(url: str, **fields: Any) -> Recording:
    fields = {"owner": make_user(), "title": "", "options": JobOptions(language="en")} | fields
    return imports.import_url(url=url, **fields)


def fetched(url: str, **fields: Any) -> Recording:
    recording = begin(url, **fields)
    imports.fetch(recording_id=recording.pk)
    recording.refresh_from_db()
    return recording


def outcome(url: str) -> tuple[str, str, int]:
    recording = fetched(url)
    assert (PartFile.all(), Import.objects.count(), Job.objects.count()) == (set(), 0, 0)
    return recording.state, recording.error_code, recording.size


def test_file_is_fetched_and_handed_on_to_its_job():
    with Receiver(status(200, SPEECH, Content_Type="audio/flac")) as server:
        recording = fetched(f"http://127.0.0.1:{server.port}/talks/My%20talk.flac?x=1")
    assert (recording.state, recording.title, recording.original_name) == ("ready", "My talk", "My talk.flac")
    assert (recording.size, recording.media_type) == (len(SPEECH), "audio/flac")
    assert recording.media.open().read() == SPEECH
    (job,) = recording.jobs.all()
    assert (job.state, job.language) == (JobState.QUEUED, "en")
    assert (PartFile.all(), Import.objects.count()) == (set(), 0)


def test_library_says_that_a_file_is_fetched(client_of_owner, owner):
    begin("http://127.0.0.1:8080/talk.flac", owner=owner)
    page = client_of_owner.get("/").content.decode()
    assert "Fetching the file…" in page
    assert "choose the same file again" not in page


def test_second_task_for_the_same_file_does_nothing():
    with Receiver(status(200, SPEECH)) as server:
        recording = fetched(server.url)
        imports.fetch(recording_id=recording.pk)
        assert (len(server.received), Job.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ([], "http://127.0.0.1:8080/a.wav"),
        (["example.org"], "http://other.example/a.wav"),
        (["*.example.org"], "http://example.org/a.wav"),
        (["*.example.org"], "http://evilexample.org/a.wav"),
    ],
)
def test_host_that_is_not_listed_is_refused_at_once(settings, hosts, url):
    settings.IMPORT_HOSTS = hosts
    with pytest.raises(HostNotAllowed):
        begin(url)
    assert Recording.objects.count() == 0


@pytest.mark.parametrize("url", ["", "talk.wav", "file:///etc/passwd", "http://a:b@127.0.0.1/", "http://127.0.0.1/\0"])
def test_text_that_is_no_address_is_refused_at_once(url):
    with pytest.raises(OutgoingError) as refused:
        begin(url)
    assert (refused.value.code, refused.value.status, Recording.objects.count()) == ("address_invalid", 400, 0)


def test_unknown_model_is_refused_at_once():
    with pytest.raises(BadRequest):
        begin("http://127.0.0.1:8080/", options=JobOptions(model="nothing"))


def test_any_host_means_any_public_one(settings):
    """What is allowed for webhooks is no way into the network behind for whoever can make the server fetch."""
    settings.IMPORT_HOSTS = ["*"]
    with Receiver(status(200, SPEECH)) as server:
        assert outcome(server.url) == (RecordingState.FAILED, "address_refused", 0)
        assert server.received == []


def test_redirect_to_a_host_that_is_not_listed_is_refused():
    with Receiver(status(200, SPEECH), host="127.0.0.2") as inside, Receiver(status(302, Location=inside.url)) as first:
        assert outcome(first.url) == (RecordingState.FAILED, "host_not_allowed", 0)
        assert inside.received == []


def test_redirect_to_a_private_address_is_refused(settings):
    settings.IMPORT_HOSTS = ["127.0.0.1", "127.0.0.2"]
    with Receiver(status(200, SPEECH), host="127.0.0.2") as inside, Receiver(status(302, Location=inside.url)) as first:
        assert outcome(first.url) == (RecordingState.FAILED, "address_refused", 0)
        assert inside.received == []


@pytest.mark.parametrize("told", [True, False])
def test_file_that_is_too_large_is_not_kept(settings, told):
    settings.MAX_UPLOAD_SIZE = 1000
    untold = b"HTTP/1.0 200 OK\r\n\r\n" + bytes(2000)
    answer = status(200, bytes(2000)) if told else lambda handler: handler.wfile.write(untold)
    with Receiver(answer) as server:
        assert outcome(server.url) == (RecordingState.FAILED, "too_large", 0)


def test_quota_is_looked_after_while_the_file_grows(settings):
    settings.USER_QUOTA = imports.LEAST_ROOM + 10
    untold = b"HTTP/1.0 200 OK\r\n\r\n" + bytes(imports.LEAST_ROOM + 1000)
    with Receiver(lambda handler: handler.wfile.write(untold)) as server:
        assert outcome(server.url) == (RecordingState.FAILED, "quota_exceeded", 0)


def test_server_that_is_too_slow_is_given_up(settings):
    settings.IMPORT_HOURS = 0.5 / 3600
    with Receiver(drip(0.05, b"\r\n")) as server:
        assert outcome(server.url) == (RecordingState.FAILED, "timed_out", 0)
        assert len(server.received) == len(imports.PAUSE_SECONDS)


def test_server_that_has_no_file():
    with Receiver(status(404, b"secret words")) as server:
        recording = fetched(server.url)
    assert (recording.error_code, recording.error_message) == (
        "fetch_failed",
        "The server answered with status 404 and sent no file.",
    )


def test_server_that_stumbles_once_is_asked_again():
    answers = [status(200, b"half", Content_Length="8"), status(200, SPEECH)]
    with Receiver(lambda handler: answers.pop(0)(handler)) as server:
        assert fetched(server.url).state == RecordingState.READY


@pytest.mark.django_db(transaction=True)
def test_recording_that_is_thrown_away_stops_its_fetch_and_is_fetched_again_when_restored(monkeypatch):
    monkeypatch.setattr(imports, "ASK_SECONDS", 0.0)
    with Receiver(drip(0.05, b"\r\n")) as server:
        recording = begin(server.url)
        thread = threading.Thread(target=run_and_close, args=[recording.pk])
        thread.start()
        while not server.received:
            time.sleep(0.01)
        jobs.trash_recording(recording=recording)
        thread.join(20)
        assert not thread.is_alive()
    assert Import.objects.get().attempts == 0
    recordings.restore_recording(recording=recording)
    with Receiver(status(200, SPEECH)) as server:
        Import.objects.update(url=server.url)
        imports.fetch(recording_id=recording.pk)
    assert Job.objects.get().recording == recording


def run_and_close(pk: Any) -> None:
    try:
        imports.fetch(recording_id=pk)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "function",
    [
        "transcription.services.imports.write_all",
        "transcription.services.recordings.media_arrived",
        "transcription.services.recordings.describe_media",
        "transcription.services.jobs.submit_job",
        "transcription.services.imports._end",
    ],
)
def test_worker_killed_on_the_way_leaves_nothing_half(function):
    with Receiver(status(200, SPEECH)) as server:
        recording = begin(server.url)
        command = [sys.executable, "-m", "tests.transcription.dying_import", str(recording.pk), function]
        done = subprocess.run(command, cwd=ROOT, env=environment_for_process(), capture_output=True, check=False)
        assert done.returncode == -9, done.stderr.decode()
        assert Job.objects.count() == 0
        queue.ProcrastinateJob.objects.all().delete()
        uploads.expire_uploads(now=timezone.now())  # takes the part file, which belongs to no upload
        assert imports.resume_fetches() == 1
        assert imports.resume_fetches() == 0
        imports.fetch(recording_id=recording.pk)
    recording.refresh_from_db()
    assert recording.media.open().read() == SPEECH
    assert Job.objects.get().recording == recording
    assert (PartFile.all(), Import.objects.count()) == (set(), 0)


def test_file_that_kills_its_workers_is_given_up():
    recording = begin("http://127.0.0.1:8080/")
    Import.objects.update(attempts=imports.MOST_ATTEMPTS)
    imports.fetch(recording_id=recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.error_code) == (RecordingState.FAILED, "fetch_failed")


def test_worker_that_stops_leaves_the_fetch_to_another():
    with Receiver(status(200, SPEECH)) as server:
        recording = begin(server.url)
        imports.fetch(recording_id=recording.pk, should_stop=lambda: True)
        assert (Import.objects.get().attempts, Job.objects.count()) == (0, 0)
        imports.fetch(recording_id=recording.pk)
    assert Job.objects.count() == 1


def test_only_so_many_are_on_their_way_for_one_person(monkeypatch):
    monkeypatch.setattr(imports, "MOST_UNFINISHED", 1)
    first = begin("http://127.0.0.1:8080/")
    with pytest.raises(imports.TooManyFetches):
        begin("http://127.0.0.1:8080/", owner=first.owner)
    begin("http://127.0.0.1:8080/")


def test_part_file_of_a_fetch_under_way_is_left_alone():
    recording = begin("http://127.0.0.1:8080/")
    part = PartFile(recording.pk)
    part.path.parent.mkdir(exist_ok=True)
    with part.locked():
        part.create()
        uploads.expire_uploads(now=timezone.now())
        assert part.path.exists()
