"""Answers that are given again, to programs that ask twice."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class IdempotentAnswer(models.Model):
    """What a request with an ``Idempotency-Key`` was answered. ``fingerprint`` is a SHA-256 of the request."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty while it is being worked on.")
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes, help_text="Encrypted: a new API key is among what is answered.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="answer_of_a_key")]

    def __str__(self) -> str:
        return f"{self.status or 'no answer yet'} to {self.key[:40]}"
