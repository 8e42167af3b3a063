"""What a person wrote, and what others wrote in the person's recordings: comments and corrections, for the own copy.

In others' recordings only what the person sees now; a comment is the person's own words, and stays without its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from transcription.models import Comment, Grant, NamedRevision, Recording, ShareLink, Transcript, TranscriptEdit

_COMMENT = ("id", "parent", "start", "quote", "name", "text", "created_at", "edited_at", "resolved_at")
_LINK = ("kind", "role", "label", "created_at", "expires_at", "revoked_at", "visits", "last_visit_at")


def comments_on(recording: Recording) -> list[dict[str, Any]]:
    """Everybody's, in the order in which they were written, guests' too."""
    return list(Comment.objects.filter(recording=recording).order_by("pk").values(*_COMMENT))


def comments_elsewhere(user: User) -> list[dict[str, Any]]:
    """Those that the person wrote in others' recordings."""
    written = Comment.objects.filter(author=user).exclude(recording__owner=user).order_by("pk")
    seen = dict(Recording.objects.shared_with(user).values_list("pk", "title"))
    rows = []
    for row in written.values("recording", *_COMMENT).iterator():
        is_seen = row["recording"] in seen
        rows.append(row | {"title": seen.get(row["recording"])} | ({} if is_seen else {"quote": None}))
    return rows


def edits_of(transcript: Transcript) -> dict[str, Any]:
    """Of a version of an own recording: the log of everybody's corrections, and states with a name."""
    names = NamedRevision.objects.filter(transcript=transcript).order_by("revision", "pk")
    return {
        "edits": list(_edits(TranscriptEdit.objects.filter(transcript=transcript))),
        "names": list(names.values("revision", "name", "created_at")),
    }


def edits_elsewhere(user: User) -> Iterator[tuple[Transcript, dict[str, Any]]]:
    """The person's corrections of each version of others' recordings, one version at a time."""
    mine = TranscriptEdit.objects.filter(user=user)
    seen = Transcript.objects.filter(recording__in=Recording.objects.shared_with(user))
    corrected = seen.filter(pk__in=mine.values("transcript")).select_related("recording").order_by("pk")
    for transcript in corrected.iterator(chunk_size=100):
        about = {"recording": transcript.recording_id, "title": transcript.recording.title}
        yield transcript, {**about, "edits": list(_edits(mine.filter(transcript=transcript)))}


def _edits(rows: Any) -> Iterator[dict[str, Any]]:
    for edit in rows.order_by("revision").select_related("user").iterator(chunk_size=500):
        yield {
            "revision": edit.revision,
            "kind": edit.kind,
            "by": edit.user.get_full_name() if edit.user else None,
            "is_undone": edit.is_undone,
            "created_at": edit.created_at,
            "segments": edit.segments,
            "speakers": edit.speakers,
        }


def shares_of(recording: Recording) -> dict[str, Any]:
    """Whom it is shared with, and its links, without what opens them."""
    grants = Grant.objects.filter(recording=recording).select_related("user", "group").order_by("created_at", "pk")
    links = ShareLink.objects.filter(recording=recording).order_by("created_at", "pk")
    return {
        "people": [
            {"email": grant.user.email, "role": grant.role, "created_at": grant.created_at}
            for grant in grants
            if grant.user
        ],
        "groups": [
            {"name": grant.group.name, "role": grant.role, "created_at": grant.created_at}
            for grant in grants
            if grant.group
        ],
        "links": [
            {name: getattr(link, name) for name in _LINK} | {"has_password": link.has_password} for link in links
        ],
    }


def shared_with(user: User) -> list[dict[str, Any]]:
    """What others share with the person, directly or by a group."""
    held = Grant.objects.held_by(user).filter(recording__deleted_at=None, recording__delete_after=None)
    rows = held.select_related("recording__owner", "group").order_by("created_at", "pk")
    return [
        {
            "recording": grant.recording_id,
            "title": grant.recording.title,
            "by": grant.recording.owner.get_full_name(),
            "group": grant.group.name if grant.group else None,
            "role": grant.role,
            "created_at": grant.created_at,
        }
        for grant in rows
        if grant.recording.owner_id != user.pk
    ]
