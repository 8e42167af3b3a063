"""Recordings that a program sends for an answer: transcribed at once, and deleted with the answer unless they are kept.

While somebody waits, ``delete_after`` is moved on again and again; when the web process dies, nobody does that, and a
worker deletes what is over. So it does with what people have deleted for good, of which there may be much.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from transcription.enums import ENDED_STATES
from transcription.errors import WrongState
from transcription.models import Job, Recording
from transcription.services import events, jobs, queue, recordings, room
from transcription.services.jobs import JobOptions
from transcription.speech.errors import EmptyMedia, MediaError, SpeechError

log = structlog.get_logger(__name__)

LIFE = timedelta(minutes=2)
"""Of a recording that nobody waits for any more."""
SWEPT = 100
"""Deleted at a time."""
STRAY_SECONDS = 3600.0
"""After which a file that nobody writes to was left by a process that died."""


def arrivals() -> Path:
    """The folder for files on their way into storage, on the same file system as unfinished uploads."""
    folder: Path = settings.UPLOADS / "arrivals"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True)
class Seen:
    """Of a job: ``revision`` counts what its transcript has gained."""

    state: str
    revision: int

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED_STATES or self == GONE


GONE = Seen("gone", -1)
"""The job or its recording was deleted by somebody else."""


def submit(
    *,
    owner: User,
    path: Path,
    original_name: str,
    options: JobOptions,
    keep: bool,
    api_key: ApiKey | None = None,
    priority: int = queue.URGENT,
) -> Job:
    """Make a recording of the file at ``path``, which moves into storage, and its job.

    What is kept is looked into now, because the library shows what it is; else only the job does.
    Raises EmptyMedia, BadRequest, QuotaExceeded, StorageFull; for what is kept also the other MediaErrors.
    """
    options.validate()
    size = path.stat().st_size
    if not size:
        raise EmptyMedia
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        room.check_room(owner=owner, length=size)
        recording = recordings.create_recording(
            owner=owner,
            title="",
            original_name=original_name,
            size=size,
            api_key=api_key,
            delete_after=timezone.now() + LIFE,
        )
    if keep:
        _look_into(recording, path)
    recordings.media_arrived(recording=recording, path=path, describe=False)
    with transaction.atomic():
        if keep:
            recording.delete_after = None
            recording.save(update_fields=["delete_after"])
            events.recording_created(recording=recording)  # only now is it one of the library
        return jobs.submit_job(recording=recording, options=options, priority=priority)


def _look_into(recording: Recording, path: Path) -> None:
    """What cannot be read is not kept. Returns when the file is on the disk."""
    try:
        recordings.describe_file(recording=recording, path=path)
    except MediaError:
        recording.delete()
        raise
    except SpeechError as error:  # it takes too long, or the machine is the problem: the job will tell
        log.info("not looked into", recording=str(recording.pk), code=error.code)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def look(*, job_ids: Iterable[int]) -> dict[int, Seen]:
    """How jobs stand, in one query. Those that were deleted are left out."""
    rows = Job.objects.filter(pk__in=list(job_ids), recording__deleted_at=None)
    return {
        pk: Seen(state, revision or 0)
        for pk, state, revision in rows.values_list("pk", "state", "transcript__revision")
    }


def prolong(*, recording_ids: Iterable[UUID]) -> None:
    """Somebody still waits for these."""
    waited_for = Recording.objects.filter(pk__in=list(recording_ids)).exclude(delete_after=None)
    waited_for.update(delete_after=timezone.now() + LIFE)


def end(*, recording_id: UUID) -> None:
    """Delete a recording that has been answered, or that nobody waits for; work on it ends. What is kept stays.

    The job is cancelled first, in a transaction of its own: then its worker can write nothing more.
    """
    recording = Recording.objects.filter(pk=recording_id).exclude(delete_after=None).first()
    if recording is None:
        return
    for job in recording.jobs.active():
        with suppress(WrongState):
            jobs.cancel_job(job=job)
    with transaction.atomic():
        recordings.purge_recording(recording=recording)
        recordings.forget_folder(recording_id=recording_id)


def sweep(*, now: datetime) -> int:
    """Delete those whose time is over; how many. Any number of workers may do this at once."""
    over = Recording.objects.filter(delete_after__lt=now).values_list("pk", flat=True)
    gone = list(over[:SWEPT])
    for recording_id in gone:
        end(recording_id=recording_id)
    for path in arrivals().iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < now.timestamp() - STRAY_SECONDS:
                path.unlink()
    return len(gone)
