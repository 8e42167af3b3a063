"""One attempt at one job: from the stored file to rows in the database."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.utils.translation import gettext_noop

from transcription import whisper_service
from transcription.enums import Task
from transcription.errors import StaleAttempt
from transcription.models import Job
from transcription.services import attempts, recordings, transcripts, vocabulary
from transcription.services.interest import Interest
from transcription.services.jobs import NO_SPEECH as NO_SPEECH
from transcription.speech import audio, batch, types
from transcription.speech.errors import Cancelled, SpeechError

log = structlog.get_logger(__name__)

WAVEFORM_SECONDS = 5.0
CUT_OFF = gettext_noop("Parts of this file are damaged or missing. What could be read was transcribed.")


def run_attempt(*, job: Job, worker_stops: Callable[[], bool]) -> None:
    """Work on a claimed job until it ends, fails, is cancelled or this worker stops.

    Errors of the database are not handled here: the attempt ends where it is, and ``attempts.take_back_lost_jobs``
    gives the job to another one, which goes on from the last checkpoint.
    """
    began = time.monotonic()
    outcome = "done"
    try:
        _transcribe(job, Interest(worker_stops, lambda _: attempts.is_current(job=job)))
    except StaleAttempt:
        outcome = "given up"
    except Cancelled:
        outcome = "released" if worker_stops() else "given up"
        if worker_stops():
            attempts.release_job(job=job)
    except SpeechError as error:
        outcome = error.code
        log.warning("job failed", job=job.pk, code=error.code, detail=error.detail)
        _fail(job, error.code, error.message)
    except (MemoryError, OSError, ValueError, RuntimeError) as error:
        outcome = "internal"
        log.exception("job failed", job=job.pk, error=type(error).__name__)
        _fail(job, "internal", gettext_noop("Something went wrong on the server. Your recording is safe."))
    seconds = time.monotonic() - began
    log.info("job ended", job=job.pk, attempt=job.attempt, outcome=outcome, seconds=round(seconds, 2))


def _fail(job: Job, code: str, message: str) -> None:
    try:
        attempts.fail_job(job=job, code=code, message=message)
    except StaleAttempt:
        log.info("job was no longer wanted", job=job.pk)


def _transcribe(job: Job, interest: Interest) -> None:
    transcript = job.transcript
    if transcript is None:
        raise StaleAttempt
    start = transcript.position
    warm_up = min(start, batch.WARM_UP_SECONDS)
    keeper = Keeper(job, start)

    def observe(block: types.Samples) -> None:
        """Also sees what lies before ``start``: hours, where a job goes on late in a long recording."""
        keeper.peaks.add(block)
        if interest.is_gone():
            raise Cancelled

    limits = audio.Limits(max_seconds=settings.MAX_DURATION_HOURS * 3600)
    engine = whisper_service.get_engine(engine=job.engine, model=job.model)
    with (
        recordings.local_media(recording=job.recording) as path,
        audio.decode(path, start=start - warm_up, limits=limits, observe=observe) as decoder,
    ):
        attempts.start_transcribing(job=job)
        checkpoints = batch.transcribe(
            decoder,
            engine,
            _options(job, resumes=start > 0),
            start=start,
            first_index=transcripts.next_index(transcript=transcript),
            language=transcript.language,
            warm_up=warm_up,
            should_stop=interest.is_gone,
        )
        for checkpoint in checkpoints:
            keeper.keep(checkpoint, decoder)
        if job.recording.delete_after is None:  # else nobody will see it
            keeper.save_waveform(decoder.position)
        warning = CUT_OFF if decoder.truncated else ""
        if not transcript.segments.exists():
            warning = NO_SPEECH
        attempts.finish_job(job=job, duration=decoder.position, warning=warning)


def _options(job: Job, *, resumes: bool = False) -> types.TranscribeOptions:
    task: types.Task = "translate" if job.task == Task.TRANSLATE else "transcribe"
    return types.TranscribeOptions(
        language=job.language,
        task=task,
        vocabulary=vocabulary.told_terms(job),
        beam_size=settings.BEAM_SIZE,
        prompt="" if resumes else job.prompt,
        temperature=job.temperature,
    )


class Keeper:
    """Saves what an attempt produces, with progress and the time that is left."""

    def __init__(self, job: Job, start: float) -> None:
        self.job = job
        self.start = start
        self.peaks = audio.Peaks()
        self._began = time.monotonic()
        self._drawn = self._began
        self._described = job.recording.duration is not None

    def keep(self, checkpoint: types.Checkpoint, decoder: audio.Decoder) -> None:
        progress, left = self._progress(checkpoint.position, decoder)
        attempts.save_checkpoint(job=self.job, checkpoint=checkpoint, progress=progress, seconds_left=left)
        if time.monotonic() - self._drawn > WAVEFORM_SECONDS:
            self.save_waveform(decoder.position)

    def save_waveform(self, seconds: float) -> None:
        self._drawn = time.monotonic()
        recordings.save_waveform(
            recording_id=self.job.recording_id, peaks=self.peaks.result().tobytes(), seconds=seconds
        )

    def _progress(self, position: float, decoder: audio.Decoder) -> tuple[float, float | None]:
        """Share done and seconds left, by the pace of this attempt; nothing is claimed without a known length."""
        info = decoder.info
        total = self.job.recording.duration or (info.duration if info else None)
        if not total:
            return 0.0, None
        pace = (time.monotonic() - self._began) / max(position - self.start, 1.0)
        return min(position / total, 0.999), max(total - position, 0.0) * pace
