"""What belongs to a person beside recordings: terms, the rule by which recordings go, and copies of all own data."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from transcription.enums import ACTIVE_EXPORTS, ExportState
from transcription.querysets import DataExportQuerySet, VocabularyQuerySet


class Vocabulary(models.Model):
    """Names and terms that the recogniser is told of, for one person or for a group."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="vocabulary"
    )
    group = models.OneToOneField(Group, models.CASCADE, null=True, blank=True, related_name="vocabulary")
    terms = models.TextField(blank=True, help_text="One a line; the first are the most important.")
    updated_at = models.DateTimeField(auto_now=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
                name="vocabulary_of_one",
            )
        ]
        verbose_name_plural = "vocabularies"

    def __str__(self) -> str:
        return f"terms of {self.group or self.user}"


class RetentionRule(models.Model):
    """When a person's recordings go, counted from when they were made. Empty: they stay."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="retention_rule"
    )
    sound_days = models.PositiveIntegerField(null=True, blank=True, help_text="Then the sound goes; the text stays.")
    all_days = models.PositiveIntegerField(null=True, blank=True, help_text="Then everything goes.")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"sound after {self.sound_days} days, all after {self.all_days}"


class DataExport(models.Model):
    """A copy of all that a person has here, as one file, made by a worker and kept for some days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="data_exports")
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    progress = models.FloatField(default=0, help_text="0 to 1.")
    attempts = models.PositiveIntegerField(default=0)
    file = models.FileField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    error_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], name="one_active_export", condition=Q(state__in=sorted(ACTIVE_EXPORTS))
            )
        ]

    def __str__(self) -> str:
        return f"data of {self.user_id}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_EXPORTS

    @property
    def percent(self) -> int:
        return int(100 * self.progress)
