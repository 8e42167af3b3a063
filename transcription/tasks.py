"""What the queue runs. Thin: each takes ids and calls a service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from importlib import import_module
from typing import ParamSpec
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone, translation
from procrastinate import JobContext
from procrastinate.contrib.django import app

from accounts.services import keys
from transcription.services import (
    answers,
    attempts,
    captioned_videos,
    closing,
    comment_mails,
    data_export,
    deletion,
    deliveries,
    events,
    imports,
    playback,
    proposal_attempts,
    queue,
    recordings,
    retention,
    search_words,
    uploads,
)

RETURN_SECONDS = 120.0
"""After the start of a worker, and so perhaps of all the server: speakers who were away with it may return so long."""
_began = time.monotonic()
stopping = threading.Event()
"""Set when this worker was asked to end: a running attempt gives its job back."""

P = ParamSpec("P")


def own_connection(task: Callable[P, None]) -> Callable[P, None]:
    """Begin and end without a connection, as a request does: one that broke while this thread slept never heals.

    What is written down is English: it is translated for whoever reads it.
    """

    @wraps(task)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        close_old_connections()
        try:
            with translation.override(None):
                task(*args, **kwargs)
        finally:
            close_old_connections()

    return wrapped


@app.task(name=queue.TRANSCRIBE, queue=queue.TRANSCRIBE_QUEUE, pass_context=True)
@own_connection
def transcribe(context: JobContext, *, job_id: int) -> None:
    # The pipeline brings the recogniser's libraries, which a web process has no use for (130 MB).
    from transcription.services import pipeline  # noqa: PLC0415

    job = attempts.claim_job(job_id=job_id, worker=context.worker_name or "")
    if job is not None:
        pipeline.run_attempt(job=job, worker_stops=stopping.is_set)


@app.task(name=queue.MAIL_OWNER, queue=queue.MAINTENANCE_QUEUE, retry=queue.MAIL_RETRIES)
@own_connection
def mail_owner(*, job_id: int) -> None:
    events.mail_owner(job_id=job_id)


@app.task(name=queue.MAKE_PLAYBACK, queue=queue.MAINTENANCE_QUEUE)
@own_connection
def make_playback(*, recording_id: str) -> None:
    playback.make_playback(recording_id=UUID(recording_id))


@app.task(name=queue.CLOSE_LIVE, queue=queue.CLOSING_QUEUE)
@own_connection
def close_live(*, recording_id: str) -> None:
    closing.close_live(recording_id=UUID(recording_id))


@app.task(name=queue.FORGET_SOUND, queue=queue.CLOSING_QUEUE, retry=3)
@own_connection
def forget_sound(*, recording_id: str) -> None:
    recordings.forget_sound(recording_id=UUID(recording_id))


@app.task(name=queue.SEND_DELIVERIES, queue=queue.WEBHOOKS_QUEUE)
@own_connection
def send_deliveries(*, webhook_id: str) -> None:
    deliveries.send_due(webhook_id=UUID(webhook_id), should_stop=stopping.is_set)


@app.task(name=queue.MAIL_WEBHOOK, queue=queue.MAINTENANCE_QUEUE, retry=queue.MAIL_RETRIES)
@own_connection
def mail_webhook(*, webhook_id: str) -> None:
    events.mail_webhook_owner(webhook_id=UUID(webhook_id))


@app.task(name=queue.MAIL_GRANT, queue=queue.MAINTENANCE_QUEUE, retry=queue.MAIL_RETRIES)
@own_connection
def mail_grant(*, grant_id: int) -> None:
    events.mail_grant(grant_id=grant_id)


@app.task(name=queue.MAIL_GRANTS, queue=queue.MAINTENANCE_QUEUE, retry=queue.MAIL_RETRIES)
@own_connection
def mail_grants(*, grant_ids: list[int]) -> None:
    events.mail_grants(grant_ids=grant_ids)


@app.task(name=queue.MAIL_COMMENTS, queue=queue.MAINTENANCE_QUEUE, retry=queue.MAIL_RETRIES)
@own_connection
def mail_comments(*, mail_id: int) -> None:
    comment_mails.send(mail_id=mail_id)


@app.task(name=queue.FETCH, queue=queue.IMPORT_QUEUE)
@own_connection
def fetch_import(*, recording_id: str) -> None:
    imports.fetch(recording_id=UUID(recording_id), should_stop=stopping.is_set)


@app.task(name=queue.MAKE_CAPTIONED_VIDEO, queue=queue.VIDEO_QUEUE)
@own_connection
def make_captioned_video(*, recording_id: str) -> None:
    captioned_videos.make_video(recording_id=UUID(recording_id), should_stop=stopping.is_set)


@app.periodic(cron="* * * * *")
@app.task(queue=queue.CLOSING_QUEUE, queueing_lock="resume_videos")
@own_connection
def resume_videos(timestamp: int) -> None:
    captioned_videos.resume_videos()


@app.task(name=queue.PROPOSE, queue=queue.PROPOSAL_QUEUE)
@own_connection
def propose(*, proposal_id: int) -> None:
    # As the pipeline: it brings the recogniser's libraries.
    from transcription.services import proposing  # noqa: PLC0415

    proposing.make_proposal(proposal_id=proposal_id, should_stop=stopping.is_set)


@app.periodic(cron="* * * * *")
@app.task(queue=queue.CLOSING_QUEUE, queueing_lock="resume_proposals")
@own_connection
def resume_proposals(timestamp: int) -> None:
    proposal_attempts.resume_proposals()


@app.task(name=queue.MAIL_RETENTION, queue=queue.MAINTENANCE_QUEUE, retry=queue.MAIL_RETRIES)
@own_connection
def mail_retention(*, user_id: int, announced_at: str) -> None:
    retention.mail_announcement(user_id=user_id, announced_at=datetime.fromisoformat(announced_at))


@app.task(name=queue.WRITE_EXPORT, queue=queue.DATA_QUEUE)
@own_connection
def write_data_export(*, export_id: str) -> None:
    data_export.write(export_id=UUID(export_id), should_stop=stopping.is_set)


@app.task(name=queue.PURGE_ACCOUNT, queue=queue.DATA_QUEUE)
@own_connection
def purge_account(*, user_id: int) -> None:
    deletion.purge_account(user_id=user_id, should_stop=stopping.is_set)


@app.periodic(cron="*/5 * * * *")
@app.task(queue=queue.CLOSING_QUEUE, queueing_lock="sweep_data")
@own_connection
def sweep_data(timestamp: int) -> None:
    """What got lost on the way goes on, and copies whose time is over go."""
    data_export.resume()
    data_export.expire(now=timezone.now())
    deletion.resume()


@app.periodic(cron="22 * * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="sweep_retention")
@own_connection
def sweep_retention(timestamp: int) -> None:
    retention.sweep(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue=queue.WEBHOOKS_QUEUE, queueing_lock="sweep_deliveries")
@own_connection
def sweep_deliveries(timestamp: int) -> None:
    deliveries.sweep(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue=queue.CLOSING_QUEUE, queueing_lock="sweep_imports")
@own_connection
def sweep_imports(timestamp: int) -> None:
    imports.resume_fetches()


@app.periodic(cron="* * * * *")
@app.task(queue=queue.CLOSING_QUEUE, queueing_lock="sweep_abandoned")
@own_connection
def sweep_abandoned(timestamp: int) -> None:
    closing.resume_closings()
    if time.monotonic() - _began > RETURN_SECONDS:
        closing.sweep_abandoned(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="expire_uploads")
@own_connection
def expire_uploads(timestamp: int) -> None:
    """Often, because this also completes uploads whose web process died after the last byte."""
    uploads.expire_uploads(now=timezone.now())


@app.periodic(cron="7 * * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="delete_expired_secrets")
@own_connection
def delete_expired_secrets(timestamp: int) -> None:
    keys.delete_expired_secrets(now=timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="empty_trash")
@own_connection
def empty_trash(timestamp: int) -> None:
    recordings.purge_trash(older_than=timezone.now() - timedelta(days=settings.TRASH_DAYS))
    recordings.sweep_media()


@app.periodic(cron="27 3 * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="forget_deliveries")
@own_connection
def forget_deliveries(timestamp: int) -> None:
    deliveries.forget_old(now=timezone.now())


@app.periodic(cron="47 3 * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="clear_queue", pass_context=True)
async def clear_queue(context: JobContext, timestamp: int) -> None:
    """Entries of the queue that ended more than three days ago tell nobody anything: the jobs' own rows do."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=72, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="57 3 * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="clear_sessions")
@own_connection
def clear_sessions(timestamp: int) -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@app.periodic(cron="17 * * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="forget_answers")
@own_connection
def forget_answers(timestamp: int) -> None:
    answers.forget_old(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="gather_words")
@own_connection
def gather_words(timestamp: int) -> None:
    while search_words.gather_words() and not stopping.is_set():
        pass


@app.periodic(cron="17 3 * * *")
@app.task(queue=queue.MAINTENANCE_QUEUE, queueing_lock="forget_words")
@own_connection
def forget_words(timestamp: int) -> None:
    search_words.forget_words()
