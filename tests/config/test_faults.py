"""Processes killed in the middle of jobs: every job ends once, with all of its words. ``make bench`` does it at length.

The scripted engine names each word after its place in the recording, so what is lost or doubled shows. It takes its
time: the model's name is its seconds for a window.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests
from django.urls import reverse

from tests.factories import DATA
from tests.server import Server, started_before
from transcription.management.benchmarks.sound import repeat_speech
from transcription.speech.audio import Limits, decode
from transcription.speech.batch import transcribe
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.types import TranscribeOptions

pytestmark = pytest.mark.server
VICTIMS = ("worker", "web", "postgres", "valkey", "supervisor")
SLOW = {"SCRIPTA_MODEL": "0.7", "SCRIPTA_HEARTBEAT_SECONDS": "1", "SCRIPTA_STALLED_SECONDS": "6"}
EMAIL, PASSWORD = "kept@example.org", "correct horse battery 9"
SECONDS = 70.0


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "speech.mp3"
    repeat_speech([DATA / "LJ001-0001.flac"], path, seconds=SECONDS)
    return path


@pytest.fixture(scope="module")
def words(recording: Path) -> list[str]:
    """What a job writes that nothing happens to."""
    with decode(recording, limits=Limits()) as blocks:
        checkpoints = list(transcribe(blocks, ScriptedEngine(), TranscribeOptions(language="en")))
    return [word for c in checkpoints for segment in c.segments for word in segment.text.split()]


class Library:
    """A person who uploads, and what the database then says."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.manage("create_user", EMAIL, given=f"{PASSWORD}\n")
        self.session = requests.Session()
        address = f"{server.url}{reverse('accounts:sign-in')}"
        self.session.get(address, timeout=20).raise_for_status()
        self.post(address, username=EMAIL, password=PASSWORD)

    def post(self, address: str, **data: str) -> None:
        token = self.session.cookies["csrftoken"]
        answer = self.session.post(address, data, headers={"X-CSRFToken": token}, timeout=20)
        assert answer.status_code == 200, answer.text

    def upload(self, path: Path) -> int:
        """The number of the job that follows."""
        content, headers = path.read_bytes(), {"Tus-Resumable": "1.0.0"}
        headers["X-CSRFToken"] = self.session.cookies["csrftoken"]
        begin = {"Upload-Length": str(len(content)), "Upload-Metadata": f"language {b64encode(b'en').decode()}"}
        url = f"{self.server.url}{reverse('uploads')}"
        created = self.session.post(url, headers=headers | begin, timeout=20)
        assert created.status_code == 201, created.text
        piece = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        url = f"{self.server.url}{created.headers['Location']}"
        for _ in range(20):
            answer = self.session.patch(url, content, headers=headers | piece, timeout=20)
            if answer.status_code != 423:  # whoever tidies up may hold it for a moment: clients send again
                break
            time.sleep(0.2)
        assert answer.status_code == 204, answer.text
        return int(self.server.query("SELECT max(id) FROM transcription_job")[0][0])

    def job(self, job: int) -> tuple[str, int, float]:
        """State, attempt, and seconds of the recording that are safe."""
        statement = (
            "SELECT job.state, attempt, coalesce(position, 0) FROM transcription_job AS job "
            "LEFT JOIN transcription_transcript AS t ON t.id = transcript_id WHERE job.id = %s"
        )
        return self.server.query(statement, job)[0]

    def words(self, job: int) -> list[str]:
        statement = (
            "SELECT text FROM transcription_transcriptsegment AS s JOIN transcription_job AS j USING (transcript_id) "
            'WHERE j.id = %s ORDER BY s."index"'
        )
        return [word for (text,) in self.server.query(statement, job) for word in text.split()]

    def transcripts(self, job: int) -> list[tuple[bool]]:
        """Of the job's recording: whether each is complete."""
        statement = (
            "SELECT is_complete FROM transcription_transcript JOIN transcription_job AS j USING (recording_id) "
            "WHERE j.id = %s"
        )
        return self.server.query(statement, job)

    def worker_name(self, job: int) -> str:
        return str(self.server.query("SELECT worker FROM transcription_job WHERE id = %s", job)[0][0])

    def cancel(self, job: int) -> None:
        ((key,),) = self.server.query("SELECT recording_id FROM transcription_job WHERE id = %s", job)
        self.post(f"{self.server.url}{reverse('job-cancel', args=[key])}")


@pytest.fixture(scope="module")
def library(first_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    data = started_before(tmp_path_factory.mktemp("faults"), first_start)
    with Server(data, "--workers", "2", **SLOW) as server:
        yield Library(server)


def eventually(happened: Callable[[], bool], library: Library, *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, library.server.output()
        time.sleep(0.05)


@pytest.mark.parametrize("victim", VICTIMS)
def test_job_ends_once_and_whole_when_a_process_is_killed(library, recording, words, victim):
    job = library.upload(recording)
    eventually(lambda: library.job(job)[2] > 0, library)
    assert library.job(job)[0] == "transcribing"
    worker = int(library.worker_name(job).rpartition(":")[2])
    (psutil.Process(worker) if victim == "worker" else library.server.processes()[victim]).kill()
    if victim == "supervisor":
        library.server.process.wait()
        library.server.start()
    library.server.wait_until_ready()
    eventually(lambda: library.job(job)[0] not in {"queued", "decoding", "transcribing"}, library)
    state, attempt, position = library.job(job)
    assert (state, library.transcripts(job)) == ("done", [(True,)])
    assert position >= SECONDS
    assert library.words(job) == words
    assert (attempt == 1) == (victim in {"web", "valkey"})


def test_cancelled_job_makes_room_for_the_next_at_once(library, recording):
    first, second, third = (library.upload(recording) for _ in range(3))
    eventually(lambda: {library.job(job)[0] for job in (first, second)} == {"transcribing"}, library)
    assert library.job(third)[0] == "queued"
    library.cancel(first)
    assert library.job(first)[0] == "cancelled"
    eventually(lambda: library.job(third)[0] == "transcribing", library, seconds=10)
    statement = "SELECT extract(epoch FROM b.started_at - a.finished_at) FROM transcription_job a, transcription_job b"
    ((seconds,),) = library.server.query(f"{statement} WHERE a.id = %s AND b.id = %s", first, third)
    assert 0 < seconds < 4  # 2 on a machine of one's own
    assert library.job(first)[:2] == ("cancelled", 1)
    for job in (second, third):
        library.cancel(job)


def test_workers_share_a_queue_and_never_a_job(library, recording, words):
    numbers = [library.upload(recording) for _ in range(4)]
    eventually(lambda: all(library.job(job)[0] == "done" for job in numbers), library)
    assert [(library.job(job)[1], library.words(job)) for job in numbers] == [(1, words)] * 4
    assert len({library.worker_name(job) for job in numbers}) == 2
