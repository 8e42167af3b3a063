"""What others are told of: the owner by mail, other systems by webhooks, speakers and watchers by hints."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from transcription.enums import JobState, WebhookEvent
from transcription.models import Grant, Job, Live, Recording, Webhook
from transcription.services import deliveries, mails, queue

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
    failed = job.state == JobState.FAILED
    subject = _("Not transcribed: %(title)s") if failed else _("Ready to read: %(title)s")
    link = mails.link_to("recording", job.recording_id)
    context = {"job": job, "title": job.recording.title, "link": link, "failed": failed}
    mails.send(to=job.recording.owner, subject=subject, template="job_ended", context=context)


def mail_webhook_owner(*, webhook_id: UUID) -> None:
    """Tell its owner that a webhook was disabled; nothing if it is gone or switched on again by now."""
    webhook = Webhook.objects.select_related("user").filter(pk=webhook_id, is_active=False).first()
    if webhook is None or not webhook.disabled_reason:
        return
    context = {"webhook": webhook, "link": mails.link_to("webhook", webhook.pk)}
    mails.send(to=webhook.user, subject=_("A webhook was switched off"), template="webhook_disabled", context=context)


def mail_grant(*, grant_id: int) -> None:
    """Tell a person of a recording that was shared; nothing if it was withdrawn or thrown away meanwhile."""
    shared = Grant.objects.select_related("recording", "user", "created_by")
    grant = shared.filter(pk=grant_id, user__is_active=True, recording__deleted_at=None).first()
    if grant is None or grant.user is None:
        return
    title = " ".join(grant.recording.title.split())
    by = grant.created_by.get_full_name() if grant.created_by else ""
    context = {"grant": grant, "title": title, "by": by, "link": mails.link_to("recording", grant.recording_id)}
    mails.send(to=grant.user, subject=_("Shared with you: %(title)s"), template="shared", context=context)


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
    listed = [
        (" ".join(each.recording.title.split()), mails.link_to("recording", each.recording_id)) for each in grants
    ]
    context = {
        "grant": first,
        "by": first.created_by.get_full_name() if first.created_by else "",
        "listed": listed,
        "count": len(grants),
    }
    subject = ngettext_lazy("%(count)d recording shared with you", "%(count)d recordings shared with you", len(grants))
    mails.send(to=to, subject=subject, template="shared_many", context=context)


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
