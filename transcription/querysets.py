"""Reads. Each begins with ``visible_to(user)``: what a user may not see does not exist for that user.

There are three rights in a recording. Whoever sees it (``visible_to``) reads, hears and comments; whoever may edit it
(``editable_by``) corrects its text; its owner (``owned_by``) does all the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Count, Exists, F, Func, OuterRef, Prefetch, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from transcription.enums import ACTIVE_STATES, GrantRole, JobState, RecordingState, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class IsAnyOf(Func):
    """``IsAnyOf(value, array)``: whether the value is in the array, as an index can tell.

    ``IN (SELECT …)`` or ``EXISTS`` beside ``OR`` would have Postgres read all rows; of ``= ANY (ARRAY (SELECT …))`` it
    makes the array once and looks both sides up.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class GrantQuerySet(models.QuerySet[Any]):
    def held_by(self, user: User) -> Self:
        """Given to the user, or to a group that the user is in."""
        groups = user.groups.through._default_manager.filter(user_id=user.pk).values("group_id")
        return self.filter(Q(user=user) | Q(IsAnyOf(F("group"), ArraySubquery(groups))))


class RecordingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The user's own recordings, those in the trash too, and those of others that are shared and not in the trash.

        One query, each recording once.
        """
        return self._own_or_granted(user) if user.is_authenticated else self.none()

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Those whose text the user may correct."""
        return self._own_or_granted(user, role=GrantRole.EDITOR) if user.is_authenticated else self.none()

    def owned_by(self, user: User | AnonymousUser) -> Self:
        """Those that the user may rename, delete, share and transcribe again; they count in the user's quota."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def shared_with(self, user: User | AnonymousUser) -> Self:
        """Those of others that the user sees."""
        return self.visible_to(user).exclude(owner=user) if user.is_authenticated else self.none()

    def _own_or_granted(self, user: User, **grant: Any) -> Self:
        shared = self._grants.held_by(user).filter(**grant).values("recording_id")
        return self.filter(Q(owner=user) | Q(IsAnyOf(F("pk"), ArraySubquery(shared)), deleted_at=None))

    @property
    def _grants(self) -> GrantQuerySet:
        grants: GrantQuerySet = self.model._meta.get_field("grants").related_model._default_manager.all()
        return grants

    def with_role(self, user: User) -> Self:
        """Attach ``role``: what the user is to each, who sees all of them."""
        edits = self._grants.held_by(user).filter(recording=OuterRef("pk"), role=GrantRole.EDITOR)
        cases = When(owner=user, then=Value(Role.OWNER)), When(Exists(edits), then=Value(Role.EDITOR))
        return self.annotate(role=Case(*cases, default=Value(Role.READER), output_field=models.CharField()))

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
        return self.select_related("upload", "live", "owner").with_newest_job()

    def bytes_used(self) -> int:
        """Bytes held by these recordings; a running upload counts with its full length."""
        return int(self.aggregate(total=Coalesce(Sum("size"), 0))["total"])


class OfRecordingQuerySet(models.QuerySet[Any]):
    """Of what belongs to a recording: the rights are those in the recording."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__in=self._recordings.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__in=self._recordings.editable_by(user))

    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def in_library(self) -> Self:
        """Of recordings that a library shows."""
        return self.filter(recording__deleted_at=None, recording__delete_after=None)

    @property
    def _recordings(self) -> RecordingQuerySet:
        rows: RecordingQuerySet = self.model._meta.get_field("recording").related_model._default_manager.all()
        return rows


class TranscriptQuerySet(OfRecordingQuerySet):
    pass


class JobQuerySet(OfRecordingQuerySet):
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
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def unfinished(self) -> Self:
        return self.filter(recording__state=RecordingState.UPLOADING)


class LiveQuerySet(models.QuerySet[Any]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        """Whoever may speak into it. Following is another right: see ``RecordingQuerySet.visible_to`` and links."""
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()


class ShareLinkQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """That open something now."""
        living = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(living, revoked_at=None, recording__deleted_at=None)

    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()


class CommentQuerySet(OfRecordingQuerySet):
    def threads(self) -> Self:
        """What begins a thread, in the order of the sound."""
        return self.filter(parent=None).order_by("start", "pk")


class WebhookQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(user=user) if user.is_authenticated else self.none()


class WebhookDeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(webhook__user=user) if user.is_authenticated else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")
