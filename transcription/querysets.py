"""Reads. Each begins with ``visible_to(user)``: what a user may not see does not exist for that user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import OuterRef, Prefetch, Subquery, Sum
from django.db.models.functions import Coalesce

from transcription.enums import ACTIVE_STATES, JobState, RecordingState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class RecordingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The user's own recordings, those in the trash too. Sharing will widen this one place."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def trashed(self) -> Self:
        return self.exclude(deleted_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def with_newest_job(self) -> Self:
        """Attach ``newest_jobs`` (a list of none or one) without a query a row."""
        jobs = self.model._meta.get_field("jobs").related_model._default_manager
        newest = jobs.filter(recording=OuterRef("recording")).order_by("-id").values("id")[:1]
        return self.prefetch_related(Prefetch("jobs", jobs.filter(id=Subquery(newest)), to_attr="newest_jobs"))

    def bytes_used(self) -> int:
        """Bytes held by these recordings; a running upload counts with its full length."""
        return int(self.aggregate(total=Coalesce(Sum("size"), 0))["total"])


class TranscriptQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()


class JobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE_STATES)

    def queued(self) -> Self:
        return self.filter(state=JobState.QUEUED)


class UploadQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def unfinished(self) -> Self:
        return self.filter(recording__state=RecordingState.UPLOADING)
