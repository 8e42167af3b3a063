"""Attempts: a worker's side of a job. Every write is fenced by the attempt, so that a worker that lost its job, by
cancelling or by a silence that others noticed, can write nothing more.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.services import usage
from transcription.enums import RUNNING_STATES, JobState
from transcription.errors import StaleAttempt
from transcription.models import Job, Recording, Transcript
from transcription.services import events, jobs, live, queue, transcripts
from transcription.speech.types import Checkpoint

MAX_IDLE_ATTEMPTS = 3
"""A job whose worker died this often without a new checkpoint is given up: the file or the machine kills it."""


def claim_job(*, job_id: int, worker: str) -> Job | None:
    """Begin an attempt; None if the job is not waiting (cancelled, deleted, or already taken)."""
    now = timezone.now()
    counters = {"attempt": F("attempt") + 1, "idle_attempts": F("idle_attempts") + 1}
    with transaction.atomic():
        only = Q(recording__in=Recording.objects.kept())
        if not jobs.move(job_id, JobState.DECODING, only=only, worker=worker, started_at=now, **counters):
            return None
        job: Job = Job.objects.select_related("recording", "transcript").get(pk=job_id)
        if job.transcript is None:
            job.transcript = transcripts.start_transcript(job=job)
            job.save(update_fields=["transcript"])
    return job


def is_current(*, job: Job) -> bool:
    """False once the job was cancelled, deleted or taken over."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=RUNNING_STATES).exists()


def start_transcribing(*, job: Job) -> None:
    if not jobs.move(job.pk, JobState.TRANSCRIBING, only=Q(attempt=job.attempt)):
        raise StaleAttempt


def save_checkpoint(*, job: Job, checkpoint: Checkpoint, progress: float, seconds_left: float | None) -> None:
    """Keep a piece of finished work: segments, position and progress in one transaction, fenced by the attempt."""
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.TRANSCRIBING)
        if not mine.update(idle_attempts=0, progress=min(progress, 1.0), seconds_left=seconds_left):
            raise StaleAttempt
        transcripts.append_checkpoint(
            transcript_id=_transcript_id(job), checkpoint=checkpoint, is_detailed=job.is_detailed
        )


def finish_job(*, job: Job, duration: float, warning: str = "") -> None:
    """End well. Notes the true length of the recording, which only decoding tells."""
    target = JobState.DONE_WITH_WARNING if warning else JobState.DONE
    with transaction.atomic():
        # First: see jobs._hold. The new version is shown, also where another had been chosen.
        Recording.objects.filter(pk=job.recording_id).update(duration=duration, shown_version=None)
        ended = {"progress": 1.0, "seconds_left": None, "finished_at": timezone.now(), "warning": warning}
        if not jobs.move(job.pk, target, only=Q(attempt=job.attempt), **ended):
            raise StaleAttempt
        Transcript.objects.filter(pk=_transcript_id(job)).update(is_complete=True, revision=F("revision") + 1)
        live.drop_unwanted_sound(recording_id=job.recording_id)
        if job.recording.api_key_id is not None:
            usage.note_audio(key_id=job.recording.api_key_id, seconds=duration)
        job.refresh_from_db()
        events.job_ended(job=job)


def fail_job(*, job: Job, code: str, message: str) -> None:
    """End badly, with words for the user. What was transcribed so far stays, and a retry goes on from there."""
    with transaction.atomic():
        ended = {
            "seconds_left": None,
            "finished_at": timezone.now(),
            "error_code": code,
            "error_message": message[:300],
        }
        if not jobs.move(job.pk, JobState.FAILED, only=Q(attempt=job.attempt), **ended):
            raise StaleAttempt
        job.refresh_from_db()
        events.job_ended(job=job)


def release_job(*, job: Job) -> None:
    """Give an attempt back because this worker stops; another one goes on from the last checkpoint."""
    with transaction.atomic():
        jobs.requeue(job.pk, only=Q(attempt=job.attempt), idle_attempts=Greatest(F("idle_attempts") - 1, 0))


def _transcript_id(job: Job) -> int:
    if job.transcript_id is None:
        raise StaleAttempt
    return int(job.transcript_id)


_LOST = """
    SELECT job.id FROM transcription_job AS job
    LEFT JOIN procrastinate_jobs AS entry ON entry.id = job.task_id
    LEFT JOIN procrastinate_workers AS worker ON worker.id = entry.worker_id
    WHERE (job.state = ANY(%(running)s)
           AND (entry.status IS DISTINCT FROM 'doing' OR worker.id IS NULL
                OR worker.last_heartbeat < now() - make_interval(secs => %(silence)s)))
       OR (job.state = 'queued'
           AND (entry.id IS NULL OR entry.status NOT IN ('todo', 'doing')
                OR (entry.status = 'doing' AND (worker.id IS NULL
                    OR worker.last_heartbeat < now() - make_interval(secs => %(silence)s)))))
    FOR UPDATE OF job SKIP LOCKED
"""


def take_back_lost_jobs(*, silence: float) -> int:
    """Put jobs back in line whose worker has been silent for ``silence`` seconds, or whose queue entry is gone.

    Any number of workers may do this at once. A job that has killed its worker too often fails instead.
    """
    with transaction.atomic():
        lost = list(Job.objects.raw(_LOST, {"running": sorted(RUNNING_STATES), "silence": silence}))
        for job in lost:
            _take_back(job)
    return len(lost)


def _take_back(job: Job) -> None:
    if job.task_id is not None:
        queue.abandon(task_ids=[job.task_id])
    if job.state == JobState.QUEUED:
        jobs.enqueue(job)
    elif job.idle_attempts >= MAX_IDLE_ATTEMPTS:
        message = gettext_noop(
            "The worker stopped several times at the same place. The file may be damaged, or the server out of memory."
        )
        fail_job(job=job, code="worker_lost", message=message)
    else:
        jobs.requeue(job.pk)
