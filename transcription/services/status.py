"""What the server is doing: its queue, its workers, its disk.

Reads only, across all users: the doors that call this let administrators in and nobody else. Cheap enough to be asked
every few seconds.
"""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from transcription import whisper_service
from transcription.enums import ENDED_STATES, RUNNING_STATES, JobState, RecordingState
from transcription.models import Job, Live, Recording, Upload
from transcription.whisper_service import LiveState

FAILURE_DAYS = 7
MOST_RUNNING = 50
MOST_OWNERS = 10
LIVE_SILENT = timedelta(seconds=90)
"""A speaker who is there is heard of once a minute, even in silence."""
LITTLE_DISK = 0.1
"""Below this free part of the disk, administrators are warned."""


@dataclass(frozen=True, slots=True)
class Failures:
    code: str
    count: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class QueueStatus:
    counts: dict[JobState, int]
    """Every state is there, also with 0."""
    oldest_waiting: datetime | None
    running: list[Job]
    """With recording and owner; the longest running first, at most ``MOST_RUNNING``."""
    ended_today: int
    failures: list[Failures]
    """Of the last ``FAILURE_DAYS`` days, the most frequent first."""


@dataclass(frozen=True, slots=True)
class SpeakerStatus:
    """Of live recordings that are kept, whichever process serves them."""

    speaking: int
    paused: int
    waiting: int
    """Not paused, and not heard of for ``LIVE_SILENT``."""
    closing: int
    newest: list[Live]
    """With recording and owner; at most ``MOST_RUNNING``."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """One registration in the queue. A worker process has four: to transcribe, for what is urgent, to close live
    recordings, and for maintenance."""

    number: int
    process: str
    """``host:pid`` of its newest transcription; "" before the first one."""
    queues: list[str]
    """Those from which it has taken work so far."""
    doing: int
    last_heartbeat: datetime
    is_silent: bool
    """Longer than ``settings.STALLED_SECONDS``: its jobs are given to others."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DiskStatus:
    """Bytes. ``total`` and ``free`` are those of the disk that holds the data folder."""

    total: int
    free: int
    media: int
    trash: int
    """Part of ``media``."""
    uploads: int
    arrived: int
    expected: int
    database: int
    models: list[StoredModel]

    @property
    def is_low(self) -> bool:
        return self.free < self.total * LITTLE_DISK

    @property
    def used(self) -> int:
        return self.total - self.free


@dataclass(frozen=True, slots=True)
class OwnerUse:
    owner_id: int
    email: str
    recordings: int
    size: int
    seconds: float

    @property
    def hours(self) -> float:
        return self.seconds / 3600


def queue_status(*, now: datetime) -> QueueStatus:
    counts = dict.fromkeys(JobState, 0)
    counts |= {JobState(state): count for state, count in Job.objects.values_list("state").annotate(Count("pk"))}
    running = Job.objects.filter(state__in=RUNNING_STATES).select_related("recording__owner").order_by("started_at")
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gte=now - timedelta(days=FAILURE_DAYS))
    by_code = failed.values("error_code").annotate(count=Count("pk"), newest=Max("finished_at"))
    return QueueStatus(
        counts=counts,
        oldest_waiting=Job.objects.queued().aggregate(oldest=Min("queued_at"))["oldest"],
        running=list(running[:MOST_RUNNING]),
        ended_today=Job.objects.filter(state__in=ENDED_STATES, finished_at__gte=now - timedelta(days=1)).count(),
        failures=[
            Failures(row["error_code"], row["count"], row["newest"]) for row in by_code.order_by("-count", "error_code")
        ],
    )


def speaker_status(*, now: datetime) -> SpeakerStatus:
    """Who speaks now. Two queries."""
    kept = Live.objects.filter(recording__deleted_at=None)
    is_live = Q(recording__state=RecordingState.LIVE)
    is_silent = Q(last_seen_at__lt=now - LIVE_SILENT)
    counts = kept.aggregate(
        speaking=Count("pk", filter=is_live & Q(paused_at=None) & ~is_silent),
        paused=Count("pk", filter=is_live & Q(paused_at__isnull=False)),
        waiting=Count("pk", filter=is_live & Q(paused_at=None) & is_silent),
        closing=Count("pk", filter=Q(recording__state=RecordingState.CLOSING)),
    )
    newest = kept.filter(is_live).select_related("recording__owner").order_by("-recording__created_at", "pk")
    return SpeakerStatus(**counts, newest=list(newest[:MOST_RUNNING]))


def worker_status(*, now: datetime) -> list[WorkerStatus]:
    """All registered workers, in the order in which they began. Three queries, however many there are."""
    tasks: list[Any] = list(
        ProcrastinateJob.objects.exclude(worker=None)
        .values("worker_id", "queue_name")
        .annotate(doing=Count("pk", filter=Q(status="doing")), newest=Max("pk"))
        .order_by("queue_name")
    )
    names = dict(Job.objects.filter(task_id__in=[row["newest"] for row in tasks]).values_list("task_id", "worker"))
    return [
        _worker(worker, [row for row in tasks if row["worker_id"] == worker.pk], names, now)
        for worker in ProcrastinateWorker.objects.order_by("pk")
    ]


def _worker(worker: ProcrastinateWorker, tasks: list[Any], names: dict[int | None, str], now: datetime) -> WorkerStatus:
    return WorkerStatus(
        number=worker.pk,
        process=next((name for row in tasks if (name := names.get(row["newest"]))), ""),
        queues=[row["queue_name"] for row in tasks],
        doing=sum(row["doing"] for row in tasks),
        last_heartbeat=worker.last_heartbeat,
        is_silent=worker.last_heartbeat < now - timedelta(seconds=settings.STALLED_SECONDS),
    )


def disk_status() -> DiskStatus:
    """Sizes of media and uploads as the database knows them: walking a large folder would take seconds."""
    disk = shutil.disk_usage(settings.DATA)
    stored = Recording.objects.exclude(state=RecordingState.UPLOADING)
    uploads = Upload.objects.unfinished().aggregate(
        count=Count("pk"), arrived=Coalesce(Sum("offset"), 0), expected=Coalesce(Sum("length"), 0)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        database = int(cursor.fetchone()[0])
    return DiskStatus(
        total=disk.total,
        free=disk.free,
        media=stored.bytes_used(),
        trash=stored.trashed().bytes_used(),
        uploads=uploads["count"],
        arrived=uploads["arrived"],
        expected=uploads["expected"],
        database=database,
        models=stored_models(settings.MODELS),
    )


def stored_models(folder: Path) -> list[StoredModel]:
    """Models whose files are complete on this machine, by name."""
    return [
        StoredModel(
            weights.parent.name, sum(file.stat().st_size for file in weights.parent.iterdir() if file.is_file())
        )
        for weights in sorted(folder.glob("[!.]*/model.bin"))
    ]


def largest_owners() -> list[OwnerUse]:
    """Who keeps most, trash included; at most ``MOST_OWNERS``."""
    rows = (
        Recording.objects.values("owner_id", email=F("owner__email"))
        .annotate(count=Count("pk"), bytes=Sum("size"), seconds=Coalesce(Sum("duration"), 0.0))
        .order_by("-bytes", "owner_id")
    )
    return [
        OwnerUse(row["owner_id"], row["email"], row["count"], row["bytes"], row["seconds"])
        for row in rows[:MOST_OWNERS]
    ]


@dataclass(frozen=True, slots=True)
class ServerStatus:
    at: datetime
    process: str
    """``host:pid`` of the web process that answers."""
    live: LiveState
    """Of that process alone: each has its own engine and its own speakers."""
    model: str
    queue: QueueStatus
    speakers: SpeakerStatus
    workers: list[WorkerStatus]
    disk: DiskStatus
    owners: list[OwnerUse]

    @property
    def nobody_works(self) -> bool:
        """Jobs wait, and no worker that could take them has been heard of lately."""
        waiting = self.queue.counts[JobState.QUEUED] > 0
        return waiting and all(worker.is_silent for worker in self.workers)


def server_status() -> ServerStatus:
    now = timezone.now()
    return ServerStatus(
        at=now,
        process=f"{socket.gethostname()}:{os.getpid()}",
        live=whisper_service.live_state(),
        model=whisper_service.model_title(settings.LIVE_MODEL),
        queue=queue_status(now=now),
        speakers=speaker_status(now=now),
        workers=worker_status(now=now),
        disk=disk_status(),
        owners=largest_owners(),
    )
