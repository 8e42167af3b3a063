"""The end of live recordings: one file, one job, nothing lost."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_user
from tests.sounds import JFK, convert, speech, tone
from tests.transcription.services.closing.speaking import as_pcm, decoded, end, say, speak, stored_files
from transcription.enums import JobState, RecordingState
from transcription.errors import WrongState
from transcription.models import Job, LiveChunk, Recording, Waveform
from transcription.services import attempts, chunks, closing, jobs, live, pipeline, queue, recordings
from transcription.speech.engines.scripted import ScriptedEngine

pytestmark = pytest.mark.django_db


def test_samples_become_one_flac_that_is_the_same_sound(settings, django_capture_on_commit_callbacks):
    sound = tone(3.3)
    connection = speak(as_pcm(sound), title="A/B talk")
    say(connection)
    with django_capture_on_commit_callbacks(execute=True):
        recording = end(connection)
    assert (recording.state, recording.media_type, recording.is_playable) == (RecordingState.READY, "audio/flac", True)
    assert (recording.duration, recording.download_name) == (pytest.approx(3.3, abs=0.01), "A-B talk.flac")
    assert recording.size == recording.media.size > 0
    np.testing.assert_allclose(decoded(recording), sound, atol=1e-4)
    assert recording.waveform.seconds == pytest.approx(3.3, abs=0.01)
    assert (stored_files(settings), LiveChunk.objects.count()) == (["media"], 0)
    job = recording.jobs.get()
    assert (job.state, job.progress, job.transcript_id) == (JobState.DONE, 1.0, connection.transcript_id)
    assert job.transcript.is_complete


@pytest.mark.parametrize(("encoding", "rate"), [("pcm_f32le", 48_000), ("mulaw", 8_000)])
def test_other_encodings_of_samples_become_one_file(encoding, rate, tmp_path):
    codec = {"pcm_f32le": "f32le", "mulaw": "mulaw"}[encoding]
    raw = convert(JFK, tmp_path / "raw", "-ar", str(rate), "-ac", "1", "-f", codec).read_bytes()
    recording = end(speak(raw, encoding=encoding, sample_rate=rate, size=40_000))
    assert (recording.media_type, recording.duration) == ("audio/flac", pytest.approx(11.0, abs=0.05))


@pytest.mark.parametrize(("suffix", "media_type"), [("webm", "audio/ogg"), ("ogg", "audio/ogg")])
def test_what_came_encoded_is_kept_as_it_was(suffix, media_type, tmp_path):
    data = convert(JFK, tmp_path / f"talk.{suffix}", "-c:a", "libopus").read_bytes()
    recording = end(speak(data, encoding=suffix, size=1000, title="A talk"))
    assert (recording.media_type, recording.duration) == (media_type, pytest.approx(11.0, abs=0.1))
    assert recording.download_name == "A talk.ogg"
    assert np.corrcoef(decoded(recording)[:170_000], speech()[:170_000])[0, 1] > 0.9


def test_container_that_never_made_sense_is_kept_as_it_came():
    garbage = np.random.default_rng(1).bytes(50_000)
    recording = end(speak(garbage, encoding="webm"), complete=False)
    assert (recording.state, recording.media.open().read()) == (RecordingState.READY, garbage)
    job = recording.jobs.get()
    assert job.state == JobState.QUEUED
    pipeline.run_attempt(job=attempts.claim_job(job_id=job.pk, worker="here:1"), worker_stops=lambda: False)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "media_unreadable")


def test_what_was_not_read_is_transcribed_in_the_same_transcript(monkeypatch):
    monkeypatch.setattr(pipeline.whisper_service, "get_engine", lambda **_: ScriptedEngine())
    connection = speak(as_pcm(speech()), language="en", vocabulary=("Ada", "Grace"))
    say(connection, until=4.0)
    recording = end(connection, complete=False)
    job = recording.jobs.get()
    assert (job.state, job.transcript_id, job.language, job.vocabulary) == (
        JobState.QUEUED,
        connection.transcript_id,
        "en",
        "Ada\nGrace",
    )
    assert not Waveform.objects.exists()  # the job draws it, while it reads
    pipeline.run_attempt(job=attempts.claim_job(job_id=job.pk, worker="here:1"), worker_stops=lambda: False)
    job.refresh_from_db()
    rows = list(job.transcript.segments.order_by("index"))
    assert (job.state, recording.transcripts.count()) == (JobState.DONE, 1)
    assert [row.index for row in rows] == list(range(len(rows)))
    assert (rows[0].text, rows[1].start >= 4.0, rows[-1].end > 9.0) == ("Hello.", True, True)
    assert recording.waveform.seconds == pytest.approx(11.0, abs=0.05)


def test_captions_for_later_are_made_from_the_beginning():
    recording = end(speak(as_pcm(tone(2.0)), captions="later", task="translate"), complete=False)
    job = recording.jobs.get()
    assert (job.state, job.transcript.position, job.task) == (JobState.QUEUED, 0.0, "translate")
    assert ProcrastinateJob.objects.get(pk=job.task_id).args == {"job_id": job.pk}


def test_without_any_sound_it_ends_with_a_warning(settings):
    recording = end(speak(), complete=False)
    job = recording.jobs.get()
    assert (recording.state, recording.media.name, recording.duration) == (RecordingState.READY, "", 0.0)
    assert (job.state, job.warning) == (JobState.DONE_WITH_WARNING, closing.NO_SOUND)
    assert job.transcript.is_complete
    assert stored_files(settings) == []


def test_sound_without_words_ends_with_a_warning():
    job = end(speak(as_pcm(tone(1.0)))).jobs.get()
    assert (job.state, job.warning) == (JobState.DONE_WITH_WARNING, jobs.NO_SPEECH)


def test_sound_that_is_not_wanted_is_never_joined(settings, django_capture_on_commit_callbacks):
    connection = speak(as_pcm(tone(2.5)), keep_audio=False)
    say(connection)
    with django_capture_on_commit_callbacks(execute=True):
        recording = end(connection)
    assert (recording.media.name, recording.size, recording.duration) == ("", 0, 2.5)
    assert (stored_files(settings), LiveChunk.objects.count()) == ([], 0)
    assert recording.jobs.get().state == JobState.DONE
    with pytest.raises(WrongState):
        jobs.submit_job(recording=recording, options=jobs.JobOptions())


def test_sound_that_is_not_wanted_goes_when_it_is_transcribed(settings, monkeypatch):
    monkeypatch.setattr(pipeline.whisper_service, "get_engine", lambda **_: ScriptedEngine())
    recording = end(speak(as_pcm(speech()), keep_audio=False), complete=False)
    assert "media" in stored_files(settings)
    job = attempts.claim_job(job_id=recording.jobs.get().pk, worker="here:1")
    pipeline.run_attempt(job=job, worker_stops=lambda: False)
    recording.refresh_from_db()
    assert (recording.media.name, recording.size, recording.duration) == ("", 0, pytest.approx(11.0, abs=0.05))
    assert not Waveform.objects.exists()
    assert "media" in stored_files(settings)  # as after a crash between rows and files: the task is there
    [task] = ProcrastinateJob.objects.filter(task_name=queue.FORGET_SOUND)
    recordings.forget_sound(recording_id=UUID(task.args["recording_id"]))
    assert stored_files(settings) == []


def test_sound_that_is_kept_is_not_forgotten(settings):
    recording = end(speak(as_pcm(tone(1.0))))
    recordings.forget_sound(recording_id=recording.pk)
    assert "media" in stored_files(settings)


def test_damaged_sound_becomes_silence_and_a_warning(settings):
    sound = np.full(64_000, 0.5, np.float32)
    connection = speak(as_pcm(sound))
    say(connection)
    second = LiveChunk.objects.get(position=16_000)
    (Path(settings.MEDIA_ROOT) / second.name).write_bytes(b"\7" * 32_000)
    recording = end(connection)
    heard = decoded(recording)
    assert [round(float(np.abs(heard[n * 16_000 : (n + 1) * 16_000]).mean()), 2) for n in range(4)] == [
        0.5,
        0,
        0.5,
        0.5,
    ]
    assert (recording.jobs.get().state, recording.jobs.get().warning) == (JobState.DONE_WITH_WARNING, closing.DAMAGED)


def test_closing_again_changes_nothing(settings):
    recording = end(speak(as_pcm(tone(1.0))))
    ProcrastinateJob.objects.all().delete()
    before = (recording.media.open().read(), Job.objects.get().pk)
    closing.close_live(recording_id=recording.pk)
    assert (recording.media.open().read(), Job.objects.get().pk) == before
    closing.resume_closings()
    assert queue.closings(recording_id=recording.pk) == (False, 0)


def test_what_is_live_in_the_trash_or_gone_is_left_alone():
    connection = speak(as_pcm(tone(1.0)))
    closing.close_live(recording_id=connection.live_id)
    recording = Recording.objects.get()
    assert recording.state == RecordingState.LIVE
    live.begin_closing(connection=connection, complete=True)
    jobs.trash_recording(recording=recording)
    closing.close_live(recording_id=connection.live_id)
    assert (Recording.objects.get().state, LiveChunk.objects.count()) == (RecordingState.CLOSING, 1)
    recordings.purge_recording(recording=recording)
    closing.close_live(recording_id=connection.live_id)


@pytest.mark.parametrize("ended", [False, True])
def test_what_was_discarded_comes_back_and_is_transcribed(ended):
    owner = make_user()
    connection = speak(as_pcm(tone(2.0)), owner=owner)
    if ended:
        live.begin_closing(connection=connection, complete=False)
    live.discard(live_id=connection.live_id, user=owner)
    ProcrastinateJob.objects.all().delete()
    recording = Recording.objects.get()
    jobs.restore_recording(recording=recording)
    assert queue.closings(recording_id=recording.pk) == (True, 0)
    closing.close_live(recording_id=recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.jobs.get().state) == (RecordingState.READY, JobState.QUEUED)


def test_deleting_for_good_deletes_the_chunks(settings, django_capture_on_commit_callbacks):
    speak(as_pcm(tone(2.0)))
    with django_capture_on_commit_callbacks(execute=True):
        recordings.purge_recording(recording=Recording.objects.get())
    assert stored_files(settings) == []


def test_nightly_sweep_knows_the_chunks(settings):
    """A process died between rows and files: of a recording that is gone, one that is ready, one that is live."""
    gone, ready, text_only = (speak(as_pcm(tone(1.0)), keep_audio=keep) for keep in (True, True, False))
    speaking = speak(as_pcm(tone(1.0)))
    Recording.objects.filter(pk=gone.live_id).delete()
    for connection in (ready, text_only):
        end(connection)  # no transaction commits here, so the files of the chunks stay
    assert len(stored_files(settings)) == 5
    assert recordings.sweep_media() == 3
    kept = sorted(str(path) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert [ready.live_id.hex in kept[n] or speaking.live_id.hex in kept[n] for n in (0, 1)] == [True, True]
    assert b"".join(chunks.read_sound(live_id=speaking.live_id)) == as_pcm(tone(1.0))
