"""Jobs: from the wish to have a recording transcribed to its end.

The row in the database is the truth; an entry in the queue only says "look at this row". So an entry too many does no
harm, and a row without one is found and given a new one (``take_back_lost_jobs``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from transcription import whisper_service
from transcription.enums import (
    ACTIVE_STATES,
    RETRYABLE_STATES,
    RUNNING_STATES,
    JobState,
    RecordingState,
    Task,
    sources_of,
)
from transcription.errors import AlreadyRunning, BadRequest, StaleAttempt, WrongState
from transcription.models import Job, Recording, Transcript
from transcription.services import events, queue, recordings, transcripts
from transcription.speech.types import Checkpoint

TRASHED = "trashed"
"""The error code of a job that nobody cancelled but the trash."""
MAX_IDLE_ATTEMPTS = 3
"""A job whose worker died this often without a new checkpoint is given up: the file or the machine kills it."""


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What a user may choose for a transcription. ``language`` "" means: detect it."""

    model: str = field(default_factory=lambda: settings.MODEL)
    language: str = ""
    task: str = Task.TRANSCRIBE
    vocabulary: str = ""
    notify_by_mail: bool = False
    engine: str = field(default_factory=lambda: settings.ENGINE)

    @classmethod
    def for_user(cls, user: User) -> JobOptions:
        return cls(language=user.default_language, notify_by_mail=user.notify_by_mail)

    @classmethod
    def from_dict(cls, values: dict[str, Any], *, defaults: JobOptions | None = None) -> JobOptions:
        """Check what came from outside; anything unknown, or a model that is not offered, raises BadRequest."""
        merged = asdict(defaults or cls()) | {key: value for key, value in values.items() if key != "engine"}
        try:
            options = cls(**merged)
        except TypeError as error:
            raise BadRequest("The choices for the transcription hold an unknown name.") from error
        options.validate()
        return options

    def validate(self) -> None:
        texts = (self.model, self.language, self.task, self.vocabulary)
        if not all(isinstance(text, str) for text in texts) or not isinstance(self.notify_by_mail, bool):
            raise BadRequest("A choice for the transcription has the wrong type.")
        if self.model not in whisper_service.offered_models():
            raise BadRequest(f"The model “{self.model[:40]}” is not offered here.")
        if self.language and self.language not in dict(settings.RECORDING_LANGUAGES):
            raise BadRequest(f"The language “{self.language[:10]}” is not known.")
        if self.task not in Task.values:
            raise BadRequest("A recording can be transcribed or translated.")
        if len(self.vocabulary) > 2000 or "\0" in self.vocabulary:
            raise BadRequest("The vocabulary may have at most 2,000 characters.")


def submit_job(*, recording: Recording, options: JobOptions, priority: int = 0) -> Job:
    """Make a job and enqueue it, in one transaction. A recording has at most one active job."""
    try:
        with transaction.atomic():
            if not _hold(recording.pk, state=RecordingState.READY):
                raise WrongState("This recording cannot be transcribed now.")
            job = Job.objects.create(recording=recording, priority=priority, **asdict(options))
            _enqueue(job)
    except IntegrityError as error:
        raise AlreadyRunning from error
    return job


def _hold(recording_id: UUID, **conditions: Any) -> bool:
    """Keep a recording from being trashed until the transaction ends; False if it is in the trash already.

    Whoever locks a recording and its job takes the recording first, or two of them would wait for each other.
    """
    kept = Recording.objects.kept().filter(pk=recording_id, **conditions)
    return kept.select_for_update(no_key=True).values_list("pk").first() is not None


def _enqueue(job: Job) -> None:
    job.task_id = queue.defer_transcription(job_id=job.pk, priority=job.priority)
    job.save(update_fields=["task_id"])


def _move(job_id: int, target: JobState, *, only: Q | None = None, **changes: Any) -> bool:
    """Enter ``target`` if the graph allows it from where the job is now; False if not. One conditional UPDATE.

    ``only`` must not follow a relation: Django would move all conditions into a subquery, which Postgres does not check
    again after waiting for a row that somebody else is changing. Two workers would both win.
    """
    allowed = Q(pk=job_id, state__in=sources_of(target))
    return bool(Job.objects.filter(allowed & (only or Q())).update(state=target, **changes))


# What people do ------------------------------------------------------------------------------------------------------


def cancel_job(*, job: Job) -> None:
    """Cancel at once: from this moment the worker can write nothing more, and it stops within a second or two."""
    with transaction.atomic():
        if not _move(job.pk, JobState.CANCELLED, finished_at=timezone.now(), seconds_left=None):
            raise WrongState("This job has already ended.")
        job.refresh_from_db()
        queue.forget(task_id=job.task_id)


def retry_job(*, job: Job) -> Job:
    """Put a failed or cancelled job back in line. It goes on from its last checkpoint."""
    try:
        with transaction.atomic():
            if not _hold(job.recording_id):
                raise WrongState("This recording is in the trash.")
            if not _requeue(job.pk, idle_attempts=0, only=Q(state__in=RETRYABLE_STATES)):
                raise WrongState("This job cannot be tried again.")
    except IntegrityError as error:
        raise AlreadyRunning from error
    job.refresh_from_db()
    return job


def _requeue(job_id: int, *, only: Q | None = None, **changes: Any) -> bool:
    """Back to the queue with a clean slate, in the caller's transaction."""
    clean = {
        "error_code": "",
        "error_message": "",
        "warning": "",
        "finished_at": None,
        "seconds_left": None,
        "worker": "",
    }
    if not _move(job_id, JobState.QUEUED, only=only, queued_at=timezone.now(), **clean, **changes):
        return False
    _enqueue(Job.objects.get(pk=job_id))
    return True


def trash_recording(*, recording: Recording) -> None:
    """Move to the trash and cancel its active job, if any."""
    with transaction.atomic():
        recordings.move_to_trash(recording=recording)
        for job in recording.jobs.active():
            cancel_job(job=job)
            Job.objects.filter(pk=job.pk).update(error_code=TRASHED)


def restore_recording(*, recording: Recording) -> None:
    """Bring back from the trash; work that the trash had interrupted goes on from its last checkpoint."""
    with transaction.atomic():
        recordings.restore_recording(recording=recording)
        for job in recording.jobs.filter(state=JobState.CANCELLED, error_code=TRASHED):
            _requeue(job.pk, idle_attempts=0)


def place_in_line(*, job: Job) -> int:
    """1 = next. 0 if the job is not waiting."""
    if job.state != JobState.QUEUED:
        return 0
    ahead = Q(priority__gt=job.priority) | Q(priority=job.priority, queued_at__lt=job.queued_at)
    return Job.objects.queued().filter(ahead).count() + 1


# What workers do -----------------------------------------------------------------------------------------------------


def claim_job(*, job_id: int, worker: str) -> Job | None:
    """Begin an attempt; None if the job is not waiting (cancelled, deleted, or already taken)."""
    now = timezone.now()
    counters = {"attempt": F("attempt") + 1, "idle_attempts": F("idle_attempts") + 1}
    with transaction.atomic():
        only = Q(recording__in=Recording.objects.kept())
        if not _move(job_id, JobState.DECODING, only=only, worker=worker, started_at=now, **counters):
            return None
        job = Job.objects.select_related("recording", "transcript").get(pk=job_id)
        if job.transcript is None:
            job.transcript = transcripts.start_transcript(job=job)
            job.save(update_fields=["transcript"])
    return job


def is_current(*, job: Job) -> bool:
    """False once the job was cancelled, deleted or taken over."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=RUNNING_STATES).exists()


def start_transcribing(*, job: Job) -> None:
    if not _move(job.pk, JobState.TRANSCRIBING, only=Q(attempt=job.attempt)):
        raise StaleAttempt


def save_checkpoint(*, job: Job, checkpoint: Checkpoint, progress: float, seconds_left: float | None) -> None:
    """Keep a piece of finished work: segments, position and progress in one transaction, fenced by the attempt."""
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.TRANSCRIBING)
        if not mine.update(idle_attempts=0, progress=min(progress, 1.0), seconds_left=seconds_left):
            raise StaleAttempt
        transcripts.append_checkpoint(transcript_id=_transcript_id(job), checkpoint=checkpoint)


def finish_job(*, job: Job, duration: float, warning: str = "") -> None:
    """End well. Notes the true length of the recording, which only decoding tells."""
    target = JobState.DONE_WITH_WARNING if warning else JobState.DONE
    with transaction.atomic():
        Recording.objects.filter(pk=job.recording_id).update(duration=duration)  # first: see _hold
        ended = {"progress": 1.0, "seconds_left": None, "finished_at": timezone.now(), "warning": warning}
        if not _move(job.pk, target, only=Q(attempt=job.attempt), **ended):
            raise StaleAttempt
        Transcript.objects.filter(pk=_transcript_id(job)).update(is_complete=True, revision=F("revision") + 1)
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
        if not _move(job.pk, JobState.FAILED, only=Q(attempt=job.attempt), **ended):
            raise StaleAttempt
        job.refresh_from_db()
        events.job_ended(job=job)


def release_job(*, job: Job) -> None:
    """Give an attempt back because this worker stops; another one goes on from the last checkpoint."""
    with transaction.atomic():
        _requeue(job.pk, only=Q(attempt=job.attempt), idle_attempts=Greatest(F("idle_attempts") - 1, 0))


def _transcript_id(job: Job) -> int:
    if job.transcript_id is None:
        raise StaleAttempt
    return int(job.transcript_id)


# What is noticed -----------------------------------------------------------------------------------------------------

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
        _enqueue(job)
    elif job.idle_attempts >= MAX_IDLE_ATTEMPTS:
        message = (
            "The worker stopped several times at the same place. The file may be damaged, or the server out of memory."
        )
        fail_job(job=job, code="worker_lost", message=message)
    else:
        _requeue(job.pk)


def active_jobs() -> int:
    return Job.objects.filter(state__in=ACTIVE_STATES).count()
