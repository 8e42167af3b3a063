"""What others are told of: the owner by mail, speakers and watchers of live recordings by hints."""

from __future__ import annotations

from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from transcription.enums import JobState
from transcription.models import Job
from transcription.services import queue

log = structlog.get_logger(__name__)


def job_ended(*, job: Job) -> None:
    """Call inside the transaction that ends the job. Enqueues a mail when its owner wished for one."""
    if job.notify_by_mail and job.state != JobState.CANCELLED:
        queue.defer_mail(job_id=job.pk)


def mail_owner(*, job_id: int) -> None:
    """Send the mail of an ended job; none if the recording or the job is gone by now."""
    job = Job.objects.select_related("recording__owner").filter(pk=job_id, recording__deleted_at=None).first()
    if job is None:
        return
    base = settings.PUBLIC_URL or f"http://{settings.HOST}:{settings.PORT}"
    link = base + reverse("recording", args=[job.recording_id])
    context = {"job": job, "recording": job.recording, "link": link, "failed": job.state == JobState.FAILED}
    title = " ".join(job.recording.title.split())
    subject = f"Not transcribed: {title}" if context["failed"] else f"Ready to read: {title}"
    body = render_to_string("transcription/mail/job_ended.txt", context)
    send_mail(subject, body, None, [job.recording.owner.email])


def live_group(*, live_id: UUID) -> str:
    """The channel layer's name for all who speak into or follow a live recording."""
    return f"live.{live_id.hex}"


def live_changed(*, live_id: UUID) -> None:
    """Hint, once the transaction is committed, that a live recording is another's now, or has ended.

    Hints may get lost: whoever gets them also looks for itself now and then.
    """

    def send() -> None:
        layer = get_channel_layer()
        try:
            async_to_sync(layer.group_send)(live_group(live_id=live_id), {"type": "live.hint"})
        except Exception as error:  # whatever the layer raises: what happened has happened, told or not
            log.warning("hint not sent", live=str(live_id), error=type(error).__name__)

    transaction.on_commit(send, robust=True)
