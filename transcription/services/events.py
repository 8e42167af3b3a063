"""What others are told of: the owner by mail, other systems by webhooks, speakers and watchers by hints."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from accounts.languages import language_of
from transcription.enums import JobState, WebhookEvent
from transcription.errors import stored_words
from transcription.models import Grant, Job, Live, Recording, Webhook
from transcription.services import deliveries, queue

log = structlog.get_logger(__name__)


def recording_created(*, recording: Recording) -> None:
    """Call inside the transaction that makes it."""
    _tell(WebhookEvent.RECORDING_CREATED, recording)


def recording_failed(*, recording: Recording) -> None:
    """Its file did not arrive, so that it never gets a job. Call inside the transaction that says so."""
    error = {"code": recording.error_code, "message": recording.error_message}
    _tell(WebhookEvent.TRANSCRIPT_FAILED, recording, error=error)


def live_started(*, live: Live) -> None:
    """Call inside the transaction that makes it."""
    _tell(WebhookEvent.LIVE_STARTED, live.recording, live=live)


def live_finished(*, live_id: UUID) -> None:
    """Call inside the transaction that ends the speaking."""
    live = Live.objects.select_related("recording", "transcript").get(pk=live_id)
    _tell(WebhookEvent.LIVE_FINISHED, live.recording, live=live)


def job_ended(*, job: Job) -> None:
    """Call inside the transaction that ends the job. Enqueues a mail when its owner wished for one, and webhooks."""
    if job.state == JobState.CANCELLED:
        return
    if job.notify_by_mail:
        queue.defer_mail(job_id=job.pk)
    if job.state == JobState.FAILED:
        error = {"code": job.error_code, "message": job.error_message}
        _tell(WebhookEvent.TRANSCRIPT_FAILED, job.recording, job=job, error=error)
    else:
        _tell(WebhookEvent.TRANSCRIPT_COMPLETED, job.recording, job=job)


def _tell(
    event: WebhookEvent, recording: Recording, *, job: Job | None = None, live: Live | None = None, **more: Any
) -> None:
    """Tell the owner's webhooks, unless the recording was made for one answer only."""
    if recording.delete_after is not None:
        return
    transcript = job.transcript if job is not None and event == WebhookEvent.TRANSCRIPT_COMPLETED else None
    wished = job or live
    language = (transcript.language if transcript else "") or (wished.language if wished else "")
    duration = recording.duration if recording.duration is not None or live is None else live.seconds
    described = {
        "id": str(recording.pk),
        "title": recording.title,
        "state": str(recording.state),
        "duration": duration,
        "language": language or None,
    }
    data = {
        "recording": described,
        "transcript": transcript.pk if transcript else None,
        "job": job.pk if job else None,
        **more,
    }
    deliveries.emit(owner=recording.owner, event=event, data=data)


def mail_owner(*, job_id: int) -> None:
    """Send the mail of an ended job; none if the recording or the job is gone by now."""
    job = Job.objects.select_related("recording__owner").filter(pk=job_id, recording__deleted_at=None).first()
    if job is None:
        return
    link = link_to("recording", job.recording_id)
    failed = job.state == JobState.FAILED
    with translation.override(language_of(job.recording.owner)):
        subject = gettext("Not transcribed: %(title)s") if failed else gettext("Ready to read: %(title)s")
        words = {"problem": stored_words(job.error_message), "warning": stored_words(job.warning)}
        context = words | {"recording": job.recording, "job": job, "link": link, "failed": failed}
        body = render_to_string("transcription/mail/job_ended.txt", context)
    send_mail(subject % {"title": " ".join(job.recording.title.split())}, body, None, [job.recording.owner.email])


def mail_webhook_owner(*, webhook_id: UUID) -> None:
    """Tell its owner that a webhook was disabled; nothing if it is gone or switched on again by now."""
    webhook = Webhook.objects.select_related("user").filter(pk=webhook_id, is_active=False).first()
    if webhook is None or not webhook.disabled_reason:
        return
    context = {"webhook": webhook, "link": link_to("webhook", webhook.pk)}
    with translation.override(language_of(webhook.user)):
        subject = gettext("A webhook was switched off")
        body = render_to_string("transcription/mail/webhook_disabled.txt", context)
    send_mail(subject, body, None, [webhook.user.email])


def mail_grant(*, grant_id: int) -> None:
    """Tell a person of a recording that was shared; nothing if it was withdrawn or thrown away meanwhile."""
    shared = Grant.objects.select_related("recording", "user", "created_by")
    grant = shared.filter(pk=grant_id, user__is_active=True, recording__deleted_at=None).first()
    if grant is None or grant.user is None:
        return
    title = " ".join(grant.recording.title.split())
    by = grant.created_by.get_full_name() if grant.created_by else ""
    context = {"grant": grant, "title": title, "by": by, "link": link_to("recording", grant.recording_id)}
    with translation.override(language_of(grant.user)):
        subject = gettext("Shared with you: %(title)s")
        body = render_to_string("transcription/mail/shared.txt", context)
    send_mail(subject % {"title": title}, body, None, [grant.user.email])


def mail_grants(*, grant_ids: list[int]) -> None:
    """Tell a person of recordings that were shared at once, in one mail; of what was withdrawn meanwhile nothing."""
    shared = Grant.objects.select_related("recording", "user", "created_by").order_by("recording__title", "pk")
    grants = list(shared.filter(pk__in=grant_ids, user__is_active=True, recording__deleted_at=None))
    to = grants[0].user if grants else None
    if to is None or len(grants) < 2:
        for grant in grants:
            mail_grant(grant_id=grant.pk)
        return
    first = grants[0]
    listed = [(" ".join(each.recording.title.split()), link_to("recording", each.recording_id)) for each in grants]
    context = {"grant": first, "by": first.created_by.get_full_name() if first.created_by else "", "listed": listed}
    with translation.override(language_of(to)):
        body = render_to_string("transcription/mail/shared_many.txt", context)
        subject = ngettext("%(count)d recording shared with you", "%(count)d recordings shared with you", len(grants))
    send_mail(subject % {"count": len(grants)}, body, None, [to.email])


def link_to(name: str, *arguments: object) -> str:
    """The address of a page, for a mail."""
    base = settings.PUBLIC_URL or f"http://{settings.HOST}:{settings.PORT}"
    return str(base + reverse(name, args=arguments))


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
