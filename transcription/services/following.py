"""What an audience reads of a recording while it is spoken, or afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from accounts.models import User
from transcription.enums import Captions, RecordingState
from transcription.models import Recording, ShareLink, TranscriptSegment
from transcription.querysets import SegmentQuerySet
from transcription.services.links import lock_of
from transcription.services.transcripts import newest_transcript, to_segments
from transcription.speech.types import Segment


@dataclass(frozen=True, slots=True)
class Followed:
    """A recording as those who follow it need to know it, at one moment.

    ``links`` are those in force, each with its lock: see ``links.lock_of``. ``received`` counts samples or bytes as
    ``Live.received``.
    """

    recording_id: UUID
    transcript_id: int | None
    is_live: bool
    captions: str
    received: int
    links: dict[int, str]


def may_follow(recording_id: UUID, user: User) -> bool:
    """Whether the user may see the recording without a link."""
    return Recording.objects.visible_to(user).kept().listed().filter(pk=recording_id).exists()


def look(*, recording_id: UUID) -> Followed | None:
    """One query, two once it is no longer live. None when the recording is gone, in the trash, or about to be deleted.

    Read this before ``finals``: what was final when the recording ended is then among them.
    """
    links = ShareLink.objects.in_force().filter(recording=OuterRef("pk"))
    rows = links.values(row=JSONObject(pk="pk", password="password"))
    found = (
        Recording.objects.kept()
        .listed()
        .filter(pk=recording_id)
        .annotate(link_rows=ArraySubquery(rows))
        .select_related("live")
        .first()
    )
    if found is None:
        return None
    live = getattr(found, "live", None)
    if live is not None:
        transcript_id, captions, received = live.transcript_id, live.captions, live.received
    else:
        newest = newest_transcript(recording=found)
        transcript_id, captions, received = newest and newest.pk, Captions.LIVE, 0
    is_live = live is not None and found.state == RecordingState.LIVE
    locks = {row["pk"]: lock_of(link=ShareLink(**row)) for row in found.link_rows}
    return Followed(found.pk, transcript_id, is_live, captions, received, locks)


@dataclass(frozen=True, slots=True)
class Line:
    """A final segment without its words. ``start`` in seconds."""

    index: int
    start: float
    text: str
    language: str


def lines(*, transcript_id: int) -> list[Line]:
    """All that was said so far, in order."""
    rows = _rows(transcript_id).in_order().values_list("index", "start", "text", "language")
    return [Line(*row) for row in rows.iterator()]


def finals(*, transcript_id: int, after: int, limit: int) -> tuple[Segment, ...]:
    """At most ``limit`` final segments that come after ``after``, in order."""
    return to_segments(_rows(transcript_id).filter(index__gt=after).order_by("index")[:limit])


def newest_finals(*, transcript_id: int, after: int = -1, limit: int) -> tuple[Segment, ...]:
    """Of the final segments after ``after`` the last ``limit``, in order."""
    rows = _rows(transcript_id).filter(index__gt=after).order_by("-index")[:limit]
    return to_segments(reversed(rows))


def _rows(transcript_id: int) -> SegmentQuerySet:
    rows: SegmentQuerySet = TranscriptSegment.objects.filter(transcript=transcript_id)
    return rows
