"""Recordings, and what they are made of while they arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Prefetch, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Lower

from transcription.enums import (
    ACTIVE_STATES,
    GrantRole,
    JobState,
    RecordingState,
    Role,
    RowState,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


SORTS: dict[str, tuple[Any, ...]] = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "title": (Lower("title"), "-created_at", "-id"),
    "longest": (F("duration").desc(nulls_last=True), "-created_at", "-id"),
    "shortest": (F("duration").asc(nulls_last=True), "-created_at", "-id"),
}
"""By what a library can be sorted."""
COUNTED = F("size") + Coalesce(F("captioned__size"), 0)
"""Bytes of a recording that a quota counts: its file, and its video with captions."""
_AT_WORK = Q(state__in=[RecordingState.UPLOADING, RecordingState.LIVE, RecordingState.CLOSING])
_TO_LOOK_AT = [JobState.FAILED, JobState.CANCELLED, JobState.DONE_WITH_WARNING]


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
        return self.order_by(*SORTS["newest"])

    def sorted_by(self, name: str) -> Self:
        """``name`` is one of ``SORTS``."""
        return self.order_by(*SORTS[name])

    def spoken_in(self, language: str) -> Self:
        """With a transcript in that language."""
        transcripts = self.model._meta.get_field("transcripts").related_model._default_manager
        return self.filter(Exists(transcripts.filter(recording=OuterRef("pk"), language=language)))

    def tagged(self, tag_ids: Iterable[int], *, of: User) -> Self:
        """With all of these tags of that person: nothing with a tag of somebody else's."""
        uses = self.model._meta.get_field("tag_uses").related_model._default_manager
        rows = self
        for tag_id in tag_ids:
            rows = rows.filter(Exists(uses.filter(recording=OuterRef("pk"), tag=tag_id, tag__owner=of)))
        return rows

    def favourites_of(self, user: User) -> Self:
        return self.filter(self._is_favourite_of(user))

    def in_row_state(self, state: str) -> Self:
        """As people see it: a value of ``RowState``."""
        jobs = self.model._meta.get_field("jobs").related_model._default_manager
        newest = jobs.filter(recording=OuterRef("pk")).order_by("-id").values("state")[:1]
        rows = self.annotate(newest_state=Subquery(newest))
        match state:
            case RowState.WORKING:
                return rows.filter(_AT_WORK | Q(newest_state__in=ACTIVE_STATES))
            case RowState.DONE:
                return rows.filter(newest_state=JobState.DONE)
            case RowState.ATTENTION:
                return rows.filter(Q(state=RecordingState.FAILED) | Q(newest_state__in=_TO_LOOK_AT))
        return rows.filter(state=RecordingState.READY, newest_state=None)

    def with_marks_of(self, user: User) -> Self:
        """Attach ``own_tags`` and ``is_favourite``: one query more for any number of rows."""
        tags = self.model._meta.get_field("tags").related_model._default_manager
        own = tags.filter(owner=user).order_by(Lower("name"))
        rows = self.annotate(is_favourite=self._is_favourite_of(user))
        return rows.prefetch_related(Prefetch("tags", own, to_attr="own_tags"))

    def _is_favourite_of(self, user: User) -> Exists:
        favourites = self.model._meta.get_field("favourites").related_model._default_manager
        return Exists(favourites.filter(user=user, recording=OuterRef("pk")))

    def with_newest_job(self) -> Self:
        """Attach ``newest_jobs`` (a list of none or one) without a query a row."""
        jobs = self.model._meta.get_field("jobs").related_model._default_manager
        newest = jobs.filter(recording=OuterRef("recording")).order_by("-id").values("id")[:1]
        shown = jobs.filter(id=Subquery(newest)).select_related("transcript").with_place()
        return self.prefetch_related(Prefetch("jobs", shown, to_attr="newest_jobs"))

    def for_display(self) -> Self:
        """With all that a page says of a recording, in two queries for any number of them."""
        return self.select_related("upload", "live", "owner__retention_rule").with_newest_job()

    def bytes_used(self) -> int:
        """Bytes held by these recordings and their videos with captions, as a quota counts them.

        A running upload counts with its full length.
        """
        return int(self.aggregate(total=Coalesce(Sum(COUNTED), 0))["total"])


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


class UploadQuerySet(models.QuerySet[Any]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()

    def unfinished(self) -> Self:
        return self.filter(recording__state=RecordingState.UPLOADING)


class LiveQuerySet(models.QuerySet[Any]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        """Whoever may speak into it. Following is another right: see ``RecordingQuerySet.visible_to`` and links."""
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()
