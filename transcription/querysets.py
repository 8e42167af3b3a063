"""Reads. Each begins with ``visible_to(user)``: what a user may not see does not exist for that user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from transcription.enums import ACTIVE_STATES, EditKind, JobState, RecordingState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class RecordingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The user's own recordings, those in the trash too. Sharing will widen this one place."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def listed(self) -> Self:
        """What a library shows: not what was made for one answer only."""
        return self.filter(delete_after=None)

    def trashed(self) -> Self:
        return self.exclude(deleted_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def with_newest_job(self) -> Self:
        """Attach ``newest_jobs`` (a list of none or one) without a query a row."""
        jobs = self.model._meta.get_field("jobs").related_model._default_manager
        newest = jobs.filter(recording=OuterRef("recording")).order_by("-id").values("id")[:1]
        shown = jobs.filter(id=Subquery(newest)).select_related("transcript").with_place()
        return self.prefetch_related(Prefetch("jobs", shown, to_attr="newest_jobs"))

    def for_display(self) -> Self:
        """With all that a page says of a recording, in two queries for any number of them."""
        return self.select_related("upload", "live").with_newest_job()

    def bytes_used(self) -> int:
        """Bytes held by these recordings; a running upload counts with its full length."""
        return int(self.aggregate(total=Coalesce(Sum("size"), 0))["total"])


class TranscriptQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def in_library(self) -> Self:
        """Of recordings that a library shows."""
        return self.filter(recording__deleted_at=None, recording__delete_after=None)

    def shown_first(self) -> Self:
        """Of one recording: the first is the version that pages, exports and search show. The only place that says so.

        The one that somebody chose, else the newest complete one, else the newest that is being written. Who has it
        transcribed again goes on reading what is there until the new version is whole: an improvement must not begin
        by taking the text away. One that was given up on the way is shown only if there is no other.
        """
        given_up = Q(is_complete=False) & ~Q(job__state__in=ACTIVE_STATES)
        chosen = Case(When(is_complete=True, version=F("recording__shown_version"), then=True), default=False)
        return self.annotate(given_up=given_up, chosen=chosen).order_by(
            "-chosen", "-is_complete", "given_up", "-version"
        )


class SegmentQuerySet(models.QuerySet[Any]):
    def in_order(self) -> Self:
        """As they were spoken: numbers do not tell, once a passage was split."""
        return self.order_by("rank", "index")


class EditQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(transcript__recording__owner=user) if user.is_authenticated else self.none()

    def own_steps(self, user: User) -> Self:
        """What this person did and may take back: not the taking back itself."""
        return self.filter(user=user).exclude(kind__in=[EditKind.UNDO, EditKind.REDO])


class JobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def in_library(self) -> Self:
        """Of recordings that a library shows."""
        return self.filter(recording__deleted_at=None, recording__delete_after=None)

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE_STATES)

    def queued(self) -> Self:
        return self.filter(state=JobState.QUEUED)

    def with_place(self) -> Self:
        """Attach ``place``: 1 is next in line, 0 is not waiting."""
        mine = {"priority": OuterRef("priority"), "queued_at__lt": OuterRef("queued_at")}
        ahead = Q(**mine) | Q(priority__gt=OuterRef("priority"))
        counted = self.model._default_manager.queued().filter(ahead).order_by().values("state").annotate(n=Count("pk"))
        place = Coalesce(Subquery(counted.values("n")), 0) + 1
        return self.annotate(place=Case(When(state=JobState.QUEUED, then=place), default=0))


class UploadQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def unfinished(self) -> Self:
        return self.filter(recording__state=RecordingState.UPLOADING)


class LiveQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Whoever may speak into it. Following is another right: see ``RecordingQuerySet.visible_to`` and links."""
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()


class ShareLinkQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        return self.filter(revoked_at=None, recording__deleted_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()


class WebhookQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(user=user) if user.is_authenticated else self.none()


class WebhookDeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(webhook__user=user) if user.is_authenticated else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")
