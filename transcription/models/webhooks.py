"""Whom to tell of what happens to recordings, and what was told."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from transcription.enums import DeliveryState, WebhookEvent
from transcription.querysets import WebhookDeliveryQuerySet, WebhookQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Webhook(models.Model):
    """An address of another system that one person wants told. Its secret is derived, and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.CharField("address", max_length=2000)
    events = ArrayField(models.CharField(max_length=40, choices=WebhookEvent.choices))
    is_active = models.BooleanField(default=True)
    secret_version = models.PositiveIntegerField(default=1, help_text="Raised to give it another secret.")
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=40, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Nothing has arrived there since.")
    busy_until = models.DateTimeField(null=True, blank=True, help_text="Some worker sends to it now.")

    objects = WebhookQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="webhook_of_user")]

    def __str__(self) -> str:
        return self.url

    @property
    def state(self) -> str:
        """``active``, ``failing``, ``off`` (by its owner) or ``disabled`` (because nothing arrived)."""
        if self.is_active:
            return "failing" if self.failing_since else "active"
        return "disabled" if self.disabled_reason else "off"

    @property
    def state_label(self) -> StrOrPromise:
        return WEBHOOK_STATES[self.state]


WEBHOOK_STATES: dict[str, StrOrPromise] = {
    "active": pgettext_lazy("webhook", "active"),
    "failing": pgettext_lazy("webhook", "failing"),
    "off": pgettext_lazy("webhook", "off"),
    "disabled": pgettext_lazy("webhook", "disabled"),
}


class WebhookDelivery(models.Model):
    """One message to one webhook. The row is the truth; entries in the queue only say "look whether there is any"."""

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(default=uuid.uuid4, help_text="The same for all who are told, and when told again.")
    event = models.CharField(max_length=40)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveIntegerField(null=True, blank=True, help_text="Of the newest answer.")
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    redelivery_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="redeliveries")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_log"),
            models.Index(
                fields=["webhook", "next_attempt_at"], name="delivery_due", condition=Q(state=DeliveryState.PENDING)
            ),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]
        verbose_name_plural = "webhook deliveries"

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"
