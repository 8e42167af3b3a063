"""One attempt at a job, from the stored file to rows."""

from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from tests.factories import make_job, make_media
from tests.sounds import silence, write_sound
from transcription.enums import JobState
from transcription.models import Job, Waveform
from transcription.services import attempts, interest, jobs, pipeline, transcripts
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.metrics import word_errors
from transcription.speech.types import Checkpoint, Segment

pytestmark = pytest.mark.django_db
LJ = (
    "Printing, in the only sense with which we are at present concerned, differs from most if not from all the arts and"
    " crafts represented in the Exhibition"
)


@pytest.fixture
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    return lambda **options: make_media(folder=tmp_path, **options)


@pytest.fixture
def scripted(monkeypatch):
    engine = ScriptedEngine()
    monkeypatch.setattr(pipeline.whisper_service, "get_engine", lambda **_: engine)
    return engine


def attempt(job: Job, worker_stops=lambda: False) -> Job:
    claimed = attempts.claim_job(job_id=job.pk, worker="here:1")
    pipeline.run_attempt(job=claimed, worker_stops=worker_stops)
    return Job.objects.get(pk=job.pk)


@pytest.mark.model
@pytest.mark.parametrize("engine", ["faster-whisper", "openai-whisper"])
def test_attempt_writes_what_was_said(media, engine):
    job = attempt(make_job(media(), engine=engine, model="base"))
    rows = list(job.transcript.segments.order_by("index"))
    assert (job.state, job.transcript.language, job.transcript.is_complete) == (JobState.DONE, "en", True)
    assert word_errors(LJ, " ".join(row.text for row in rows)).rate <= 0.05
    times = [time for row in rows for word in row.words for time in word[:2]]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= job.recording.duration + 0.1
    assert job.recording.waveform.seconds == pytest.approx(job.recording.duration)


def test_attempt_without_speech_ends_with_a_warning(media, scripted, tmp_path):

    job = attempt(make_job(media(source=write_sound(tmp_path / "quiet.wav", silence(5.0)))))
    assert (job.state, job.warning, job.transcript.segments.count()) == (
        JobState.DONE_WITH_WARNING,
        pipeline.NO_SPEECH,
        0,
    )


def test_attempt_with_a_text_file_fails_with_words_for_the_user(media, scripted, tmp_path):
    (tmp_path / "notes.mp3").write_text("These are not sounds.")
    job = attempt(make_job(media(source=tmp_path / "notes.mp3")))
    assert (job.state, job.error_code) == (JobState.FAILED, "media_unreadable")
    assert job.error_message.startswith("This file is not audio or video")


def test_attempt_with_a_missing_model_fails_and_can_be_retried(media, settings, tmp_path):
    settings.MODELS = tmp_path
    settings.MODEL = str(tmp_path / "nowhere")
    job = attempt(make_job(media(), engine="faster-whisper"))
    assert (job.state, job.error_code) == (JobState.FAILED, "model_unknown")
    assert jobs.retry_job(job=job).state == JobState.QUEUED


def test_attempt_cancelled_on_the_way_stops(media, scripted, monkeypatch):
    job = make_job(media())
    monkeypatch.setattr(interest, "ASK_SECONDS", 0)
    start = attempts.start_transcribing

    def start_and_cancel(*, job):
        start(job=job)
        jobs.cancel_job(job=job)

    monkeypatch.setattr(attempts, "start_transcribing", start_and_cancel)
    job = attempt(job)
    assert (job.state, job.transcript.is_complete) == (JobState.CANCELLED, False)


def test_attempt_of_a_stopping_worker_gives_the_job_back(media, scripted):
    job = attempt(make_job(media()), worker_stops=lambda: True)
    assert (job.state, job.idle_attempts) == (JobState.QUEUED, 0)


def test_attempt_goes_on_after_the_checkpoint(media, scripted):
    job = make_job(media())
    first = attempts.claim_job(job_id=job.pk, worker="gone:1")
    attempts.start_transcribing(job=first)
    kept = Segment(index=0, start=0, end=5, text="kept as it was", language="en")
    attempts.save_checkpoint(job=first, checkpoint=Checkpoint(5.0, (kept,), "en", 0.9), progress=0.5, seconds_left=None)
    attempts.release_job(job=first)
    job = attempt(job)
    rows = list(job.transcript.segments.order_by("index"))
    assert [row.index for row in rows] == list(range(len(rows)))
    assert rows[0].text == "kept as it was"
    assert len(rows) > 1
    assert min(word[0] for row in rows[1:] for word in row.words) >= 5


def test_prompt_is_not_given_again_to_an_attempt_that_goes_on(media, scripted, monkeypatch):
    asked = []
    read = scripted.transcribe
    monkeypatch.setattr(
        scripted,
        "transcribe",
        lambda windows, options: asked.extend(w.prompt for w in windows) or read(windows, options),
    )
    job = make_job(media(), prompt="Before that.")
    first = attempts.claim_job(job_id=job.pk, worker="gone:1")
    attempts.start_transcribing(job=first)
    attempts.save_checkpoint(job=first, checkpoint=Checkpoint(5.0, (), "en", 0.9), progress=0.5, seconds_left=None)
    attempts.release_job(job=first)
    assert attempt(job).state == JobState.DONE
    assert set(asked) == {""}


def test_segments_survive_the_database(media, scripted):
    job = attempt(make_job(media()))
    rows = job.transcript.segments.order_by("index")
    again = [transcripts._row(job.transcript_id, segment) for segment in transcripts.to_segments(rows)]
    assert [(r.index, r.text, r.words) for r in again] == [(r.index, r.text, r.words) for r in rows]


def test_waveform_follows_the_sound(media, scripted):
    job = attempt(make_job(media()))
    peaks = np.frombuffer(bytes(job.recording.waveform.peaks), np.uint8)
    assert (peaks.max(), 500 < len(peaks) <= 4000) == (255, True)
    assert django_settings.MEDIA_ROOT


def test_attempt_stops_also_before_it_reaches_the_checkpoint(media, scripted, monkeypatch):
    job = make_job(media())
    first = attempts.claim_job(job_id=job.pk, worker="gone:1")
    attempts.start_transcribing(job=first)
    attempts.save_checkpoint(job=first, checkpoint=Checkpoint(5.0, (), "en", 0.9), progress=0.5, seconds_left=None)
    attempts.release_job(job=first)
    blocks = []
    monkeypatch.setattr(pipeline.audio.Peaks, "add", lambda peaks, block: blocks.append(block))
    job = attempt(job, worker_stops=lambda: True)
    assert (job.state, len(blocks)) == (JobState.QUEUED, 1)


@pytest.mark.parametrize("is_detailed", [False, True])
def test_decoding_is_kept_for_those_who_ask(media, scripted, is_detailed):
    job = attempt(make_job(media(), is_detailed=is_detailed))
    row = job.transcript.segments.first()
    assert (row.decoding is not None) == is_detailed
    if is_detailed:
        assert (row.decoding["seek"], row.decoding["avg_logprob"], row.decoding["tokens"]) == (0, -0.1, [])
        assert transcripts.to_segments([row])[0].decoding.avg_logprob == -0.1


def test_passing_recording_gets_no_waveform(media, scripted):
    recording = media()
    recording.delete_after = timezone.now() + timedelta(hours=1)
    recording.save()
    assert not Waveform.objects.filter(recording=attempt(make_job(recording)).recording).exists()
