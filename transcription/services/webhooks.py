"""Webhooks as their owners have them: added, changed, switched on again, given another secret, deleted."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from accounts.models import User
from transcription.enums import WebhookEvent
from transcription.errors import BadRequest, OutgoingError, TooManyWebhooks
from transcription.models import Webhook
from transcription.services import addresses, deliveries

MOST = 20
"""Webhooks of one person."""


def create_webhook(*, owner: User, url: str, events: Sequence[str]) -> Webhook:
    """Raises BadRequest (events), OutgoingError (address), TooManyWebhooks."""
    chosen = _checked_events(events)
    _check_url(url)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if Webhook.objects.filter(user=owner).count() >= MOST:
            raise TooManyWebhooks
        webhook: Webhook = Webhook.objects.create(user=owner, url=url, events=chosen)
        return webhook


def change_webhook(
    *, webhook: Webhook, url: str | None = None, events: Sequence[str] | None = None, is_active: bool | None = None
) -> Webhook:
    """Change what is given. Switching on forgets why it was off; switching off gives up what is on its way.

    Raises as ``create_webhook``, and WrongState when it is deleted or switched off at the same moment.
    """
    changes: dict[str, object] = {}
    if events is not None:
        changes["events"] = _checked_events(events)
    if url is not None and url != webhook.url:
        _check_url(url)
        changes |= {"url": url, "failing_since": None}
    with transaction.atomic():
        held = Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).first()
        if held is not None and is_active is not None and is_active != held.is_active:
            if is_active:
                changes |= {"is_active": True, "disabled_at": None, "disabled_reason": "", "failing_since": None}
            else:
                deliveries.disable(webhook=held)
        if changes:
            Webhook.objects.filter(pk=webhook.pk).update(**changes)
    webhook.refresh_from_db()
    return webhook


def rotate_secret(*, webhook: Webhook) -> Webhook:
    """From now on all is signed with another secret."""
    Webhook.objects.filter(pk=webhook.pk).update(secret_version=F("secret_version") + 1)
    webhook.refresh_from_db()
    return webhook


def delete_webhook(*, webhook: Webhook) -> None:
    """With its log."""
    webhook.delete()


def _checked_events(events: Sequence[str]) -> list[str]:
    if not events or not set(events) <= set(WebhookEvent.values):
        raise BadRequest(gettext("Choose at least one event, of those that there are."))
    return [event for event in WebhookEvent.values if event in events]


def _check_url(url: str) -> None:
    """A name that leads nowhere may do so only now: deliveries look again each time."""
    target = addresses.parse(url)
    try:
        addresses.resolve(target, allowed=settings.WEBHOOKS_ALLOW_PRIVATE)
    except OutgoingError as error:
        if error.code != "name_unknown":
            raise
