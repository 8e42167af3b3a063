"""Comments on passages, and answers to them: written, changed, resolved, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from accounts import services as accounts
from accounts.errors import TooManyAttempts
from accounts.models import User
from accounts.services.tokens import digest
from transcription.errors import (
    BadRequest,
    CommentsClosed,
    NotYourComment,
    TooManyShares,
    TooManyTries,
    WrongState,
)
from transcription.models import Comment, Recording, ShareLink, TranscriptSegment
from transcription.models.sharing import LONGEST_COMMENT, LONGEST_NAME, LONGEST_QUOTE
from transcription.querysets import CommentQuerySet
from transcription.services import comment_mails
from transcription.services.texts import clean_line, clean_text

OF_A_PERSON = accounts.Limit("comment", 100, timedelta(hours=1))
BY_A_GUEST = accounts.Limit("comment-guest", 20, timedelta(minutes=15))
"""For one link and address; ``BY_A_LINK`` for one link, wherever the guests are."""
BY_A_LINK = accounts.Limit("comment-link", 200, timedelta(hours=1))
MOST_COMMENTS = 5_000
"""Of one recording, answers too."""
DELETED = gettext_lazy("This comment was deleted in the meantime.")


@dataclass(frozen=True, slots=True)
class Commenter:
    """Who speaks: a person with an account who sees the recording, or a guest with a link.

    ``secret`` is what the guest's browser keeps, so that the guest can change what it has written; "" for none yet.
    """

    user: User | None = None
    link: ShareLink | None = None
    name: str = ""
    address: str = ""
    secret: str = ""

    def wrote(self, comment: Comment) -> bool:
        if self.user is not None:
            return comment.author_id == self.user.pk
        is_here = self.link is not None and comment.link_id == self.link.pk
        return is_here and bool(self.secret) and comment.guest_hash == digest(self.secret)

    def owns(self, recording: Recording) -> bool:
        return self.user is not None and recording.owner_id == self.user.pk


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with its answers, oldest first."""

    root: Comment
    replies: Sequence[Comment]


def threads(*, recording: Recording, resolved: bool | None = None, most: int | None = None) -> list[Thread]:
    """The first ``most`` in the order of the sound; all, or only those that are resolved, or open. Two queries."""
    replies = Prefetch("replies", Comment.objects.order_by("pk"))
    rows = _roots(recording, resolved).select_related("resolved_by").prefetch_related(replies)
    return [Thread(row, list(row.replies.all())) for row in rows[:most]]


@dataclass(frozen=True, slots=True)
class Overview:
    """All threads of a recording. ``open_places``: for each version the numbers of passages with an open one; threads
    whose version was deleted are counted only."""

    open: int
    resolved: int
    open_places: dict[int, list[int]]


def overview(*, recording: Recording) -> Overview:
    """One query, however many there are."""
    places: dict[int, set[int]] = {}
    count = {"open": 0, "resolved": 0}
    for transcript_id, index, resolved_at in _roots(recording, None).values_list("transcript", "index", "resolved_at"):
        count["resolved" if resolved_at else "open"] += 1
        if transcript_id is not None and not resolved_at:
            places.setdefault(transcript_id, set()).add(index)
    numbers = {transcript_id: sorted(found) for transcript_id, found in sorted(places.items())}
    return Overview(**count, open_places=numbers)


def place_of(*, comment: Comment) -> int:
    """Which one in the order of the open, or of the resolved threads its thread is; 1 is the first."""
    root = comment.parent or comment
    before = Q(start__lt=root.start) | Q(start=root.start, pk__lte=root.pk)
    return _roots(root.recording, root.resolved_at is not None).filter(before).order_by().count()


def _roots(recording: Recording, resolved: bool | None) -> CommentQuerySet:
    rows: CommentQuerySet = Comment.objects.filter(recording=recording).threads()
    return rows if resolved is None else rows.filter(resolved_at__isnull=not resolved)


def add_comment(*, recording: Recording, by: Commenter, transcript_id: int, index: int, text: str) -> Comment:
    """On the passage ``index``, whose time and words it keeps; guests only in the version that they are shown.

    Raises BadRequest, CommentsClosed, TooManyTries, TooManyShares.
    """
    versions = recording.transcripts.all()
    if by.user is None:
        versions = versions.shown_first()[:1]
    passage = TranscriptSegment.objects.filter(
        transcript=transcript_id, transcript__in=versions.values("pk"), index=index
    ).first()
    if passage is None:
        raise BadRequest(
            gettext("This passage is not there any more. Copy your comment, load the page again, and choose one.")
        )
    quote = clean_line(passage.text, limit=LONGEST_QUOTE)
    where = {"transcript_id": transcript_id, "index": index, "start": passage.start, "quote": quote}
    return _write(recording, by, text, where)


def reply(*, parent: Comment, by: Commenter, text: str) -> Comment:
    """An answer to a thread; it opens what was resolved. Raises as ``add_comment``."""
    root = parent.parent or parent
    where = {"transcript_id": root.transcript_id, "index": root.index, "start": root.start}
    with transaction.atomic():
        answer = _write(root.recording, by, text, where, parent=root)
        Comment.objects.filter(pk=root.pk).update(resolved_at=None, resolved_by=None)
    return answer


def edit_comment(*, comment: Comment, by: Commenter, text: str) -> Comment:
    """Only by whoever wrote it. Raises NotYourComment, BadRequest, CommentsClosed, WrongState."""
    _require_open(by)
    if not by.wrote(comment):
        raise NotYourComment
    return _change(comment, text=_checked(text), edited_at=timezone.now())


def delete_comment(*, comment: Comment, by: Commenter) -> None:
    """By whoever wrote it, as long as nobody has answered; by the owner always, with all answers.

    Raises NotYourComment, WrongState, CommentsClosed.
    """
    _require_open(by)
    if by.owns(comment.recording):
        comment.delete()
        return
    if not by.wrote(comment):
        raise NotYourComment
    with transaction.atomic():
        _hold(comment.recording_id)
        if Comment.objects.filter(parent=comment).exists():
            raise WrongState(
                gettext("Somebody has answered. Only the owner of the recording can delete the whole thread.")
            )
        comment.delete()


def set_resolved(*, comment: Comment, by: Commenter, resolved: bool) -> Comment:
    """Of a whole thread; open again with ``resolved=False``. Guests: only what they began themselves.

    Raises NotYourComment, CommentsClosed, WrongState.
    """
    _require_open(by)
    root = comment.parent or comment
    if by.user is None and not by.wrote(root):
        raise NotYourComment
    moment = (root.resolved_at or timezone.now()) if resolved else None
    return _change(root, resolved_at=moment, resolved_by=by.user if resolved else None)


def _change(comment: Comment, **changes: Any) -> Comment:
    """Raises WrongState for one that was deleted in this moment."""
    for name, value in changes.items():
        setattr(comment, name, value)
    if not Comment.objects.filter(pk=comment.pk).update(**changes):
        raise WrongState(DELETED)
    return comment


def remove_comment(*, comment: Comment) -> None:
    """For administrators: whoever wrote it, with its answers."""
    comment.delete()


def _write(
    recording: Recording, by: Commenter, text: str, where: dict[str, Any], *, parent: Comment | None = None
) -> Comment:
    _require_open(by)
    name = by.user.get_full_name() if by.user else clean_line(by.name, limit=LONGEST_NAME)
    if not name:
        raise BadRequest(gettext("Please say who you are: a name is shown beside the comment."))
    kept = _checked(text)
    with transaction.atomic():
        _hold(recording.pk)
        if parent is not None and not Comment.objects.filter(pk=parent.pk).exists():
            raise WrongState(DELETED)
        if Comment.objects.filter(recording=recording).count() >= MOST_COMMENTS:
            raise TooManyShares(gettext("This recording has as many comments as one can have."))
        comment = Comment.objects.create(
            recording=recording,
            parent=parent,
            author=by.user,
            link=by.link if by.user is None else None,
            guest_hash=digest(by.secret) if by.user is None and by.secret else "",
            name=name[:150],
            text=kept,
            **where,
        )
        _count(by)
        comment_mails.comment_written(comment=comment)
    return comment


def _hold(recording_id: UUID) -> None:
    """Of those who write and delete at once, one comes after the other."""
    Recording.objects.select_for_update(no_key=True).values_list("pk").get(pk=recording_id)


def _require_open(by: Commenter) -> None:
    if by.user is None and not (by.link is not None and by.link.may_comment):
        raise CommentsClosed


def _checked(text: str) -> str:
    """Raises BadRequest."""
    kept = clean_text(text)
    if not kept:
        raise BadRequest(gettext("A comment needs some words."))
    if len(kept) > LONGEST_COMMENT:
        raise BadRequest(
            gettext("A comment has at most %(most)d characters; this one has %(count)d.")
            % {"most": LONGEST_COMMENT, "count": len(kept)}
        )
    return kept


def _count(by: Commenter) -> None:
    """In the transaction that writes: what fails counts nothing. Raises TooManyTries."""
    try:
        if by.user is not None:
            accounts.count_attempt(limit=OF_A_PERSON, key=str(by.user.pk))
        elif by.link is not None:
            accounts.count_attempt(limit=BY_A_LINK, key=str(by.link.pk))
            accounts.count_attempt(limit=BY_A_GUEST, key=f"{by.link.pk}:{by.address}")
    except TooManyAttempts as error:
        raise TooManyTries from error
