"""The way into the job queue (Procrastinate).

Everything is enqueued through Django's own connection, in a worker too, where Procrastinate's application uses another
one: so a row and its place in the queue are one transaction everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

TRANSCRIBE = "transcription.transcribe"
MAIL_OWNER = "transcription.mail_owner"
MAKE_PLAYBACK = "transcription.make_playback"
CLOSE_LIVE = "transcription.close_live"
FORGET_SOUND = "transcription.forget_sound"
SEND_DELIVERIES = "transcription.send_deliveries"
MAIL_WEBHOOK = "transcription.mail_webhook"
FETCH = "transcription.fetch_import"
MAKE_CAPTIONED_VIDEO = "transcription.make_captioned_video"
MAIL_RETENTION = "transcription.mail_retention"
WRITE_EXPORT = "transcription.write_data_export"
PURGE_ACCOUNT = "transcription.purge_account"
MAIL_GRANT = "transcription.mail_grant"
PROPOSE = "transcription.propose"
MAIL_GRANTS = "transcription.mail_grants"
MAIL_COMMENTS = "transcription.mail_comments"

TRANSCRIBE_QUEUE = "transcribe"
URGENT_QUEUE = "urgent"
"""For jobs whose client waits for the answer. Each worker has a place for them beside the long recordings."""
MAINTENANCE_QUEUE = "maintenance"
CLOSING_QUEUE = "closing"
"""Of its own: whoever has just stopped speaking waits for it, and no long copy or transcription may come before."""

URGENT = 100
"""The priority from which a job goes there."""

WEBHOOKS_QUEUE = "webhooks"
"""Of its own: receivers may be slow, and nothing else may wait for them."""
IMPORT_QUEUE = "import"
"""Of its own: a file may take an hour to arrive."""
VIDEO_QUEUE = "video"
"""Of its own: encoding pictures may take longer than the recording."""

DATA_QUEUE = "data"
"""Of its own: a copy of all that somebody has may be as large as the disk."""

PROPOSAL_QUEUE = "proposal"
"""Of its own: somebody waits before the text, and neither a long recording nor a program's clip may come before."""

_OTHER_QUEUES = (
    MAINTENANCE_QUEUE,
    CLOSING_QUEUE,
    WEBHOOKS_QUEUE,
    IMPORT_QUEUE,
    VIDEO_QUEUE,
    DATA_QUEUE,
    PROPOSAL_QUEUE,
)
_MAILS = {MAIL_OWNER, MAIL_WEBHOOK, MAIL_RETENTION, MAIL_GRANT, MAIL_GRANTS, MAIL_COMMENTS}
_ONCE = {
    *_MAILS,
    MAKE_PLAYBACK,
    CLOSE_LIVE,
    FORGET_SOUND,
    SEND_DELIVERIES,
    FETCH,
    MAKE_CAPTIONED_VIDEO,
    WRITE_EXPORT,
    PURGE_ACCOUNT,
    PROPOSE,
}
"""What does not come again by the clock."""
MOST_ATTEMPTS = 3
"""How often work besides jobs is begun: a file may be what kills the worker."""
MAIL_ATTEMPTS = 8
"""More: attempts that a mail server refused count, too."""
MAIL_RETRIES = RetryStrategy(max_attempts=MAIL_ATTEMPTS - 1, exponential_wait=4)
"""A mail server may be down for hours: after 4 and 16 seconds, 1, 4, 17 and 68 minutes and 4.6 hours, so 6 in all."""

_manager = JobManager(DjangoConnector())


def defer_transcription(*, job_id: int, priority: int) -> int:
    """Enqueue an attempt at a job; returns the queue's own number for it."""
    queue = URGENT_QUEUE if priority >= URGENT else TRANSCRIBE_QUEUE
    task = configure_task(name=TRANSCRIBE, job_manager=_manager, queue=queue, priority=priority)
    return task.defer(job_id=job_id)


def defer_mail(*, job_id: int) -> int:
    """Enqueue the mail that tells a job's owner of its end."""
    return configure_task(name=MAIL_OWNER, job_manager=_manager, queue=MAINTENANCE_QUEUE).defer(job_id=job_id)


def defer_playback(*, recording_id: UUID) -> int:
    """Enqueue the copy of a recording that browsers can play."""
    task = configure_task(name=MAKE_PLAYBACK, job_manager=_manager, queue=MAINTENANCE_QUEUE)
    return task.defer(recording_id=str(recording_id))


def defer_closing(*, recording_id: UUID, minutes: int = 0) -> int:
    """Enqueue what follows the end of a live recording: now, or in some ``minutes``."""
    at = timezone.now() + timedelta(minutes=minutes) if minutes else None
    task = configure_task(name=CLOSE_LIVE, job_manager=_manager, queue=CLOSING_QUEUE, schedule_at=at)
    return task.defer(recording_id=str(recording_id))


def closings(*, recording_id: UUID) -> tuple[bool, int]:
    """Whether the closing of a live recording waits or runs, and how often it has failed."""
    entries = ProcrastinateJob.objects.filter(task_name=CLOSE_LIVE, args={"recording_id": str(recording_id)})
    states = list(entries.values_list("status", flat=True))
    return not {"todo", "doing"}.isdisjoint(states), states.count("failed")


def defer_forgetting(*, recording_id: UUID) -> int:
    """Enqueue the deletion of sound that the recording's row no longer names."""
    task = configure_task(name=FORGET_SOUND, job_manager=_manager, queue=CLOSING_QUEUE)
    return task.defer(recording_id=str(recording_id))


def defer_deliveries(*, webhook_id: UUID, at: datetime | None = None) -> int:
    """Enqueue a look at what is to be sent to a webhook: now, or ``at`` a time."""
    task = configure_task(name=SEND_DELIVERIES, job_manager=_manager, queue=WEBHOOKS_QUEUE, schedule_at=at)
    return task.defer(webhook_id=str(webhook_id))


def defer_webhook_mail(*, webhook_id: UUID) -> int:
    """Enqueue the mail that tells a webhook's owner that it was disabled."""
    task = configure_task(name=MAIL_WEBHOOK, job_manager=_manager, queue=MAINTENANCE_QUEUE)
    return task.defer(webhook_id=str(webhook_id))


def defer_grant_mail(*, grant_id: int) -> int:
    """Enqueue the mail that tells a person of a recording that was shared."""
    return configure_task(name=MAIL_GRANT, job_manager=_manager, queue=MAINTENANCE_QUEUE).defer(grant_id=grant_id)


def defer_grants_mail(*, grant_ids: list[int], seconds: int) -> int:
    """Enqueue one mail about many recordings, to be sent after so many seconds: until then it may be taken back."""
    task = configure_task(
        name=MAIL_GRANTS, job_manager=_manager, queue=MAINTENANCE_QUEUE, schedule_in={"seconds": seconds}
    )
    return task.defer(grant_ids=[*grant_ids])


def defer_comment_mail(*, mail_id: int, at: datetime) -> int:
    """Enqueue, for a moment, the mail that tells a person of new comments on a recording."""
    task = configure_task(name=MAIL_COMMENTS, job_manager=_manager, queue=MAINTENANCE_QUEUE, schedule_at=at)
    return task.defer(mail_id=mail_id)


def is_comment_mail_under_way(*, mail_id: int) -> bool:
    """Whether such a mail waits or is being sent, and has not failed for good."""
    return is_under_way(MAIL_COMMENTS, mail_id=mail_id)


def defer_fetch(*, recording_id: UUID) -> int:
    """Enqueue the fetching of a recording's file."""
    task = configure_task(name=FETCH, job_manager=_manager, queue=IMPORT_QUEUE)
    return task.defer(recording_id=str(recording_id))


def defer_retention_mail(*, user_id: int, announced_at: datetime) -> int:
    """Enqueue the mail that tells a person what a rule will delete."""
    task = configure_task(name=MAIL_RETENTION, job_manager=_manager, queue=MAINTENANCE_QUEUE)
    return task.defer(user_id=user_id, announced_at=announced_at.isoformat())


def failed_retention_mails() -> list[tuple[int, datetime]]:
    """To whom, and announced when: those that failed for good in the last days, so that nobody was told."""
    entries = ProcrastinateJob.objects.filter(task_name=MAIL_RETENTION)
    failed = entries.exclude(status__in=["todo", "doing", "succeeded"]).values_list("args", flat=True)
    return [(args["user_id"], datetime.fromisoformat(args["announced_at"])) for args in failed]


def defer_data_export(*, export_id: UUID) -> int:
    """Enqueue the writing of a copy of a person's data."""
    task = configure_task(name=WRITE_EXPORT, job_manager=_manager, queue=DATA_QUEUE)
    return task.defer(export_id=str(export_id))


def defer_account_purge(*, user_id: int) -> int:
    """Enqueue the deletion of what a closed account leaves behind."""
    task = configure_task(name=PURGE_ACCOUNT, job_manager=_manager, queue=DATA_QUEUE)
    return task.defer(user_id=user_id)


def is_under_way(task_name: str, **args: object) -> bool:
    """Whether such a task waits or runs."""
    entries = ProcrastinateJob.objects.filter(task_name=task_name, args=args)
    return entries.filter(status__in=["todo", "doing"]).exists()


def is_fetch_under_way(*, recording_id: UUID) -> bool:
    """Whether the fetching of a recording's file waits or runs."""
    return is_under_way(FETCH, recording_id=str(recording_id))


def defer_captioned_video(*, recording_id: UUID) -> int:
    """Enqueue the making of a recording's video with captions; returns the queue's own number for it."""
    task = configure_task(name=MAKE_CAPTIONED_VIDEO, job_manager=_manager, queue=VIDEO_QUEUE)
    return task.defer(recording_id=str(recording_id))


def is_captioned_video_under_way(*, recording_id: UUID) -> bool:
    """Whether the making of a recording's video with captions waits or runs."""
    return is_under_way(MAKE_CAPTIONED_VIDEO, recording_id=str(recording_id))


def defer_proposal(*, proposal_id: int) -> int:
    """Enqueue the transcribing of a proposal; returns the queue's own number for it."""
    task = configure_task(name=PROPOSE, job_manager=_manager, queue=PROPOSAL_QUEUE)
    return task.defer(proposal_id=proposal_id)


def is_proposal_under_way(*, proposal_id: int) -> bool:
    """Whether the transcribing of a proposal waits or runs."""
    return is_under_way(PROPOSE, proposal_id=proposal_id)


def abandon(*, task_ids: Iterable[int]) -> None:
    """Close queue entries whose worker is gone, so that they do not look as if somebody worked on them."""
    for number in ProcrastinateJob.objects.filter(id__in=task_ids, status="doing").values_list("id", flat=True):
        async_to_sync(_manager.finish_job_by_id_async)(number, Status.FAILED, delete_job=False)


def forget(*, task_id: int | None) -> None:
    """Take an entry that nobody has begun out of the queue."""
    if task_id is not None:
        _manager.cancel_job_by_id(task_id)


def take_back_lost_tasks(*, silence: float) -> None:
    """Put work besides jobs back in line whose worker has been silent for ``silence`` seconds.

    Any number of workers may do this at once. What comes by the clock is closed only: it comes again.
    """
    silent = Q(worker=None) | Q(worker__last_heartbeat__lt=timezone.now() - timedelta(seconds=silence))
    with transaction.atomic():
        entries = ProcrastinateJob.objects.select_for_update(of=("self",), skip_locked=True)
        for entry in entries.filter(silent, queue_name__in=_OTHER_QUEUES, status="doing"):
            most = MAIL_ATTEMPTS if entry.task_name in _MAILS else MOST_ATTEMPTS
            if entry.task_name in _ONCE and entry.attempts + 1 < most:
                _manager.retry_job_by_id(entry.pk, retry_at=timezone.now())
            else:
                abandon(task_ids=[entry.pk])
