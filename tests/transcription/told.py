"""Webhooks, and what is to be sent to them."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_user
from transcription.enums import WebhookEvent
from transcription.models import Webhook
from transcription.services import queue

ALL = list(WebhookEvent.values)


def make_webhook(url: str = "http://127.0.0.1:1/", user: Any = None, **fields: Any) -> Webhook:
    # Made by hand: the port of nobody is one that the service would refuse.
    return Webhook.objects.create(user=user or make_user(), url=url, events=fields.pop("events", ALL), **fields)


def told(webhook: Webhook) -> list[str]:
    return list(webhook.deliveries.order_by("id").values_list("event", flat=True))


def looks(webhook: Webhook, **conditions: Any) -> int:
    """Entries of the queue that say: look whether there is something to send to it."""
    entries = ProcrastinateJob.objects.filter(task_name=queue.SEND_DELIVERIES, **conditions)
    return entries.filter(args={"webhook_id": str(webhook.pk)}).count()
