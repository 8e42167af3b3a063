"""Live recordings end once and whole, whatever dies on the way."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection as database
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.server import ROOT
from tests.sounds import tone
from tests.transcription.services.closing.speaking import as_pcm, decoded, say, speak, stored_files
from tests.web import environment_for_process
from transcription.enums import JobState, RecordingState
from transcription.models import LiveChunk, Recording
from transcription.services import closing, live, queue, recordings

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("function", "moment", "state"),
    [
        ("transcription.services.closing._join", "before", RecordingState.CLOSING),
        ("transcription.services.closing._join", "after", RecordingState.CLOSING),
        ("transcription.services.recordings.move_into_storage", "before", RecordingState.CLOSING),
        ("transcription.services.recordings.move_into_storage", "after", RecordingState.CLOSING),
        ("transcription.services.closing._note_done", "after", RecordingState.CLOSING),
        ("transcription.services.closing._finish", "after", RecordingState.READY),
        ("transcription.services.closing._draw", "after", RecordingState.READY),
        ("transcription.services.recordings.empty_folder", "before", RecordingState.READY),
    ],
)
def test_killed_on_the_way_it_begins_again(function, moment, state, settings):
    sound = tone(2.0)
    connection = speak(as_pcm(sound))
    say(connection)
    live.begin_closing(connection=connection, complete=True)
    command = [sys.executable, "-m", "tests.transcription.dying_closing", str(connection.live_id), function, moment]
    done = subprocess.run(command, cwd=ROOT, env=environment_for_process(), capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()
    assert Recording.objects.get().state == state
    ProcrastinateJob.objects.all().delete()  # the entry is lost as well
    closing.resume_closings()
    for _ in ProcrastinateJob.objects.filter(task_name=queue.CLOSE_LIVE):
        closing.close_live(recording_id=connection.live_id)
    recordings.sweep_media()
    recording = Recording.objects.get()
    np.testing.assert_allclose(decoded(recording), sound, atol=1e-4)
    assert (recording.state, recording.jobs.get().state) == (RecordingState.READY, JobState.DONE)
    assert recording.waveform.seconds == pytest.approx(2.0)
    assert (stored_files(settings), LiveChunk.objects.count()) == (["media"], 0)
    assert list((settings.DATA / "closing").glob(f"{connection.live_id.hex}*")) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_close_the_same_recording_at_once():
    sound = tone(5.0)
    connection = speak(as_pcm(sound), size=3200)
    live.begin_closing(connection=connection, complete=True)
    start = threading.Barrier(3)

    def close() -> str:
        try:
            start.wait()
            closing.close_live(recording_id=connection.live_id)
        except OSError:  # the other one took the file of an attempt that it held for dead: that one is done
            return "lost"
        finally:
            database.close()
        return "done"

    with ThreadPoolExecutor(3) as pool:
        ends = [future.result() for future in [pool.submit(close) for _ in range(3)]]
    assert "done" in ends
    recording = Recording.objects.get()
    assert (recording.state, recording.jobs.count()) == (RecordingState.READY, 1)
    np.testing.assert_allclose(decoded(recording), sound, atol=1e-4)
    assert recording.size == recording.media.size
