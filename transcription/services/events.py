"""What others are told of. Today that is the owner, by mail; watchers of a page and webhooks belong here too."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from transcription.enums import JobState
from transcription.models import Job
from transcription.services import queue


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
