"""Messages to webhooks: queued with what happened, sent, sent again, and given up.

One worker at a time sends to one webhook, what is due first: so a slow receiver takes one place and no more. The rows
say what is to be sent; an entry in the queue says only "look at this webhook", and ``sweep`` makes those that got lost.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from transcription.enums import DeliveryState, WebhookEvent
from transcription.errors import OutgoingError, WrongState
from transcription.models import Webhook, WebhookDelivery
from transcription.services import outgoing, queue, signing

log = structlog.get_logger(__name__)

PING = "ping"
DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 8 * 3600, 8 * 3600)
)
"""After each attempt that failed; after the ninth, 23 h 36 min after the first, the message is given up."""
LASTING = timedelta(days=3)
"""When nothing has arrived for so long, and a message is given up, the webhook is disabled."""
KEPT = timedelta(days=30)
LIMITS = outgoing.Limits(total=15.0)
LEASE = timedelta(seconds=90)
"""After which the work of a worker that died is another's. Longer than looking up a name and LIMITS together."""
SLICE_SECONDS = 30.0
"""Then the next webhook has its turn, and this one goes to the end of the line."""
GONE = "gone"
FAILING = "failing"
SWITCHED_OFF = "switched_off"


def emit(*, owner: User, event: WebhookEvent, data: Mapping[str, Any]) -> None:
    """Queue a message to each webhook of ``owner`` that wants to know. Call inside the transaction of what happened."""
    with transaction.atomic():
        webhooks = list(Webhook.objects.filter(user=owner, is_active=True, events__contains=[event.value]))
        event_id = uuid.uuid4()
        message = payload(event_id=event_id, event=event.value, data=data)
        for webhook in webhooks:
            _queue(webhook, event.value, message, event_id=event_id)


def payload(*, event_id: UUID, event: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(event_id), "type": event, "created_at": timezone.now().isoformat(), "data": dict(data)}


def _queue(webhook: Webhook, event: str, message: dict[str, Any], **fields: Any) -> WebhookDelivery:
    delivery: WebhookDelivery = WebhookDelivery.objects.create(
        webhook=webhook, event=event, payload=message, next_attempt_at=timezone.now(), **fields
    )
    queue.defer_deliveries(webhook_id=webhook.pk)
    return delivery


@transaction.atomic
def ping(*, webhook: Webhook) -> WebhookDelivery:
    """Send a message that means nothing. Raises WrongState when it is switched off."""
    _require_active(webhook)
    event_id = uuid.uuid4()
    message = payload(event_id=event_id, event=PING, data={"webhook": str(webhook.pk)})
    return _queue(webhook, PING, message, event_id=event_id)


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the same message again, under the identifier that it had. Raises WrongState while it is on its way."""
    _require_active(delivery.webhook)
    if delivery.state == DeliveryState.PENDING:
        raise WrongState(gettext("This message is still on its way."))
    return _queue(
        delivery.webhook, delivery.event, delivery.payload, event_id=delivery.event_id, redelivery_of=delivery
    )


def _require_active(webhook: Webhook) -> None:
    if not Webhook.objects.filter(pk=webhook.pk, is_active=True).exists():
        raise WrongState(gettext("This webhook is switched off."))


# Sending ----------------------------------------------------------------------------------------------------------


def send_due(*, webhook_id: UUID, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due to a webhook, one after the other, unless somebody else does. Returns how many were tried.

    When the worker stops, and after SLICE_SECONDS, the rest is left to a new entry in the queue.
    """
    began, tried, mine = time.monotonic(), 0, False
    while True:
        if mine and (should_stop() or time.monotonic() - began > SLICE_SECONDS):
            _hand_over(webhook_id)
            return tried
        delivery = _claim(webhook_id, mine=mine)
        if delivery is None:
            return tried
        mine = True
        _send(delivery)
        tried += 1


def _claim(webhook_id: UUID, *, mine: bool) -> WebhookDelivery | None:
    """The next one that is due, its attempt counted; None, and the webhook is free again, if there is none.

    Under the webhook's lock: a message that is queued while its sender ends is seen by one of the two.
    """
    with transaction.atomic():
        now = timezone.now()
        webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=webhook_id).first()
        if webhook is None or (not mine and webhook.busy_until is not None and webhook.busy_until > now):
            return None
        due = webhook.deliveries.filter(state=DeliveryState.PENDING, next_attempt_at__lte=now)
        delivery: WebhookDelivery | None = due.order_by("next_attempt_at", "id").first()
        webhook.busy_until = now + LEASE if delivery is not None and webhook.is_active else None
        webhook.save(update_fields=["busy_until"])
        if delivery is None or not webhook.is_active:
            return None
        delivery.webhook = webhook
        delivery.attempts += 1
        delivery.next_attempt_at = now + LEASE
        delivery.save(update_fields=["attempts", "next_attempt_at"])
        return delivery


def _hand_over(webhook_id: UUID) -> None:
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook_id).update(busy_until=None)
        queue.defer_deliveries(webhook_id=webhook_id)


def _send(delivery: WebhookDelivery) -> None:
    """One attempt, outside any transaction. The answer's body is not even read."""
    body = signing.body_of(delivery=delivery)
    headers = signing.signed_headers(delivery=delivery, body=body, at=timezone.now())
    status, code = None, ""
    try:
        with outgoing.request(
            "POST",
            delivery.webhook.url,
            limits=LIMITS,
            rules=outgoing.Rules(private=settings.WEBHOOKS_ALLOW_PRIVATE),
            headers=headers,
            body=body,
        ) as answer:
            status = answer.status
    except OutgoingError as error:
        code = error.code
    if status is not None and not 200 <= status < 300:
        code = GONE if status == 410 else "status"
    log.info("webhook sent", webhook=str(delivery.webhook_id), delivery=delivery.pk, status=status, code=code)
    _note(delivery, status, code)


def _note(delivery: WebhookDelivery, status: int | None, code: str) -> None:
    """What came of an attempt. Nothing, if another worker has taken the message over in the meantime."""
    now = timezone.now()
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
        mine = WebhookDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.PENDING)
        if webhook is None:
            return
        if not code:
            fields = {"state": DeliveryState.DELIVERED, "delivered_at": now, "next_attempt_at": None}
            if mine.update(status_code=status, error_code="", **fields):
                Webhook.objects.filter(pk=webhook.pk).update(failing_since=None)
            return
        given_up = code == GONE or delivery.attempts > len(DELAYS)
        again = None if given_up else now + DELAYS[delivery.attempts - 1]
        state = DeliveryState.FAILED if given_up else DeliveryState.PENDING
        if not mine.update(status_code=status, error_code=code, state=state, next_attempt_at=again):
            return
        _note_failure(webhook, code, given_up=given_up, now=now)
        if again is not None and webhook.is_active:
            queue.defer_deliveries(webhook_id=webhook.pk, at=again)


def _note_failure(webhook: Webhook, code: str, *, given_up: bool, now: datetime) -> None:
    if webhook.failing_since is None:
        webhook.failing_since = now
        webhook.save(update_fields=["failing_since"])
    if code == GONE:
        disable(webhook=webhook, reason=GONE)
    elif given_up and webhook.failing_since <= now - LASTING:
        disable(webhook=webhook, reason=FAILING)


def disable(*, webhook: Webhook, reason: str = "") -> None:
    """Switch it off: what is on its way is given up. With a ``reason``, which is the server's, its owner gets a mail.

    Raises WrongState when it is off already.
    """
    with transaction.atomic():
        active = Webhook.objects.filter(pk=webhook.pk, is_active=True)
        if not active.update(is_active=False, disabled_at=timezone.now(), disabled_reason=reason):
            raise WrongState(gettext("This webhook is switched off already."))
        waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.PENDING)
        waiting.update(state=DeliveryState.FAILED, error_code=SWITCHED_OFF, next_attempt_at=None)
        webhook.refresh_from_db()
        if reason:
            queue.defer_webhook_mail(webhook_id=webhook.pk)
            log.warning("webhook disabled", webhook=str(webhook.pk), reason=reason)


# What got lost, and what is old -----------------------------------------------------------------------------------


def sweep(*, now: datetime) -> int:
    """Queue anew what is overdue and nobody works on: its worker was killed. How many webhooks.

    Any number of workers may do this at once; an entry too many finds nothing to do.
    """
    overdue = Q(deliveries__state=DeliveryState.PENDING, deliveries__next_attempt_at__lt=now - timedelta(seconds=30))
    free = Q(busy_until=None) | Q(busy_until__lt=now)
    found = set(Webhook.objects.filter(overdue, free, is_active=True).values_list("pk", flat=True))
    for webhook_id in found:
        queue.defer_deliveries(webhook_id=webhook_id)
    return len(found)


def forget_old(*, now: datetime) -> int:
    """Delete what was sent more than KEPT ago."""
    ended = WebhookDelivery.objects.exclude(state=DeliveryState.PENDING)
    return int(ended.filter(created_at__lt=now - KEPT).delete()[0])
