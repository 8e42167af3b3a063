"""What was said in a recording, and the work on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from transcription.enums import (
    ACTIVE_PROPOSALS,
    ACTIVE_STATES,
    ACTIVE_VIDEO_STATES,
    EditKind,
    JobState,
)
from transcription.querysets.recordings import OfRecordingQuerySet

if TYPE_CHECKING:
    from accounts.models import User


class SegmentQuerySet(models.QuerySet[Any]):
    def in_order(self) -> Self:
        """As they were spoken: numbers do not tell, once a passage was split."""
        return self.order_by("rank", "index")


class EditQuerySet(models.QuerySet[Any]):
    def own_steps(self, user: User) -> Self:
        """What this person did and may take back: not the taking back itself."""
        return self.filter(user=user).exclude(kind__in=[EditKind.UNDO, EditKind.REDO])

    def done(self) -> Self:
        return self.filter(undone_revision=None)


class TranscriptQuerySet(OfRecordingQuerySet):
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


class CaptionedVideoQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(state__in=ACTIVE_VIDEO_STATES)


class ProposalQuerySet(models.QuerySet[Any]):
    """The rights are those in the recording; what was accepted is text by now, and listed nowhere."""

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE_PROPOSALS)

    def in_order(self) -> Self:
        return self.order_by("start", "pk")
