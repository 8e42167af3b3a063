"""Jobs: what people wish for, cancel and try again. ``attempts`` has what workers do with them.

The row in the database is the truth; an entry in the queue only says "look at this row". So an entry too many does no
harm, and a row without one is found and given a new one (``attempts.take_back_lost_jobs``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from transcription import whisper_service
from transcription.enums import (
    RETRYABLE_STATES,
    JobState,
    RecordingState,
    Task,
    sources_of,
)
from transcription.errors import AlreadyRunning, BadRequest, WrongState
from transcription.models import Job, Live, Recording
from transcription.services import live, queue, recordings, vocabulary

NO_SPEECH = gettext_noop("No speech was found in this recording.")
TRASHED = "trashed"
"""The error code of a job that nobody cancelled but the trash."""


OF_PROGRAMS = frozenset({"prompt", "temperature", "is_detailed"})
"""Options that only the OpenAI-compatible API sets: pages and uploads have no words for them."""
PROMPT_LIMIT = 20_000
"""Characters. Of a longer text the decoder would see the last hundreds anyhow."""


_WITHOUT_SOUND = Q(media="") & (Q(live__isnull=False) | Q(sound_removed_at__isnull=False))


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What a user may choose for a transcription. ``language`` "" means: detect it."""

    model: str = field(default_factory=lambda: settings.MODEL)
    language: str = ""
    task: str = Task.TRANSCRIBE
    vocabulary: str = ""
    notify_by_mail: bool = False
    engine: str = field(default_factory=lambda: settings.ENGINE)
    prompt: str = ""
    temperature: float | None = None
    is_detailed: bool = False

    @classmethod
    def for_user(cls, user: User) -> JobOptions:
        return cls(language=user.default_language, notify_by_mail=user.notify_by_mail)

    @classmethod
    def from_dict(cls, values: dict[str, Any], *, defaults: JobOptions | None = None) -> JobOptions:
        """Check what came from outside; anything unknown, or a model that is not offered, raises BadRequest."""
        if OF_PROGRAMS & values.keys():
            raise BadRequest(gettext("The choices for the transcription hold an unknown name."))
        merged = asdict(defaults or cls()) | {key: value for key, value in values.items() if key != "engine"}
        try:
            options = cls(**merged)
        except TypeError as error:
            raise BadRequest(gettext("The choices for the transcription hold an unknown name.")) from error
        options.validate()
        return options

    def validate(self) -> None:
        texts = (self.model, self.language, self.task, self.vocabulary)
        if not all(isinstance(text, str) for text in texts) or not isinstance(self.notify_by_mail, bool):
            raise BadRequest(gettext("A choice for the transcription has the wrong type."))
        if self.model not in whisper_service.offered_models():
            raise BadRequest(gettext("The model “%(name)s” is not offered here.") % {"name": self.model[:40]})
        if self.language and self.language not in dict(settings.RECORDING_LANGUAGES):
            raise BadRequest(gettext("The language “%(name)s” is not known.") % {"name": self.language[:10]})
        if self.task not in Task.values:
            raise BadRequest(gettext("A recording can be transcribed or translated."))
        if len(self.vocabulary) > 2000 or "\0" in self.vocabulary:
            raise BadRequest(gettext("The vocabulary may have at most 2,000 characters."))
        if len(self.prompt) > PROMPT_LIMIT or "\0" in self.prompt:
            raise BadRequest(gettext("The prompt may have at most %(limit)d characters.") % {"limit": PROMPT_LIMIT})
        if self.temperature is not None and not 0 <= self.temperature <= 1:
            raise BadRequest(gettext("The temperature lies between 0 and 1."))


def submit_job(*, recording: Recording, options: JobOptions, priority: int = 0) -> Job:
    """Make a job and enqueue it, in one transaction. A recording has at most one active job."""
    try:
        with transaction.atomic():
            if not _hold(recording.pk, state=RecordingState.READY):
                raise WrongState(gettext("This recording cannot be transcribed now."))
            if Recording.objects.filter(_WITHOUT_SOUND, pk=recording.pk).exists():
                raise WrongState(gettext("This recording is kept as text only: there is no sound to transcribe again."))
            standing = _standing_terms(recording, options)
            job = Job.objects.create(recording=recording, priority=priority, standing_terms=standing, **asdict(options))
            enqueue(job)
    except IntegrityError as error:
        raise AlreadyRunning from error
    return job


def _standing_terms(recording: Recording, options: JobOptions) -> str:
    """None for what was sent for one answer: what a program gets must not depend on what is written elsewhere."""
    if recording.delete_after is not None:
        return ""
    return vocabulary.standing_terms(owner=recording.owner, own=options.vocabulary, model=options.model)


def improve_live(*, recording: Recording) -> Job:
    """Transcribe what was spoken live once more, as a whole and with the greatest care: a new version.

    With the speaker's language, names and terms. Raises WrongState for what was not spoken live, or has no sound.
    """
    spoken = Live.objects.select_related("transcript").filter(pk=recording.pk).first()
    if spoken is None:
        raise WrongState(gettext("Only what was spoken live can be improved."))
    options = JobOptions(language=spoken.language, task=spoken.task, vocabulary=spoken.vocabulary)
    return submit_job(recording=recording, options=options)


def _hold(recording_id: UUID, **conditions: Any) -> bool:
    """Keep a recording from being trashed until the transaction ends; False if it is in the trash already.

    Whoever locks a recording and its job takes the recording first, or two of them would wait for each other.
    """
    kept = Recording.objects.kept().filter(pk=recording_id, **conditions)
    return kept.select_for_update(no_key=True).values_list("pk").first() is not None


def enqueue(job: Job) -> None:
    job.task_id = queue.defer_transcription(job_id=job.pk, priority=job.priority)
    job.save(update_fields=["task_id"])


def move(job_id: int, target: JobState, *, only: Q | None = None, **changes: Any) -> bool:
    """Enter ``target`` if the graph allows it from where the job is now; False if not. One conditional UPDATE.

    ``only`` must not follow a relation: Django would move all conditions into a subquery, which Postgres does not check
    again after waiting for a row that somebody else is changing. Two workers would both win.
    """
    allowed = Q(pk=job_id, state__in=sources_of(target))
    return bool(Job.objects.filter(allowed & (only or Q())).update(state=target, **changes))


def cancel_job(*, job: Job) -> None:
    """Cancel at once: from this moment the worker can write nothing more, and it stops within a second or two."""
    with transaction.atomic():
        if not move(job.pk, JobState.CANCELLED, finished_at=timezone.now(), seconds_left=None):
            raise WrongState(gettext("This job has already ended."))
        job.refresh_from_db()
        queue.forget(task_id=job.task_id)


def retry_job(*, job: Job) -> Job:
    """Put a failed or cancelled job back in line. It goes on from its last checkpoint."""
    try:
        with transaction.atomic():
            if not _hold(job.recording_id):
                raise WrongState(gettext("This recording is in the trash."))
            if Recording.objects.filter(pk=job.recording_id, media="", sound_removed_at__isnull=False).exists():
                raise WrongState(
                    gettext("The sound of this recording was deleted: there is nothing left to transcribe.")
                )
            if not requeue(job.pk, idle_attempts=0, only=Q(state__in=RETRYABLE_STATES)):
                raise WrongState(gettext("This job cannot be tried again."))
    except IntegrityError as error:
        raise AlreadyRunning from error
    job.refresh_from_db()
    return job


def requeue(job_id: int, *, only: Q | None = None, **changes: Any) -> bool:
    """Back to the queue with a clean slate, in the caller's transaction."""
    clean = {
        "error_code": "",
        "error_message": "",
        "warning": "",
        "finished_at": None,
        "seconds_left": None,
        "worker": "",
    }
    if not move(job_id, JobState.QUEUED, only=only, queued_at=timezone.now(), **clean, **changes):
        return False
    enqueue(Job.objects.get(pk=job_id))
    return True


def trash_recording(*, recording: Recording) -> None:
    """Move to the trash and cancel its active job, if any."""
    with transaction.atomic():
        recordings.move_to_trash(recording=recording)
        for job in recording.jobs.active():
            cancel_job(job=job)
            Job.objects.filter(pk=job.pk).update(error_code=TRASHED)


def restore_recording(*, recording: Recording) -> None:
    """Bring back from the trash; work that the trash had interrupted goes on from its last checkpoint.

    A live recording is not spoken on: it is closed, and what was not read yet is transcribed.
    """
    with transaction.atomic():
        recordings.restore_recording(recording=recording)
        live.close_restored(recording_id=recording.pk)
        for job in recording.jobs.filter(state=JobState.CANCELLED, error_code=TRASHED):
            requeue(job.pk, idle_attempts=0)


def place_in_line(*, job: Job) -> int:
    """1 = next. 0 if the job is not waiting."""
    if job.state != JobState.QUEUED:
        return 0
    ahead = Q(priority__gt=job.priority) | Q(priority=job.priority, queued_at__lt=job.queued_at)
    return Job.objects.queued().filter(ahead).count() + 1
