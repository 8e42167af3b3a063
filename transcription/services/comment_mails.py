"""Mails about new comments: to the owner of the recording, to whoever takes part in a thread, and to whoever is named.

Gathered: one row for each recording and person says from which comment on that person was not told, and when the mail
is due; a task at that time sends all of them in one mail. Whoever has just got one waits ten minutes for the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from accounts import mail
from accounts.models import User
from transcription.models import Comment, CommentMail, Recording
from transcription.services import mails, mentions, queue

FIRST = timedelta(minutes=1)
"""After a comment, in case more follow at once, or it is deleted again."""
BETWEEN = timedelta(minutes=10)
MOST_IN_MAIL = 20


def comment_written(*, comment: Comment) -> None:
    """Enqueue mails to whom it concerns. Call inside the transaction that writes it and holds the recording's row."""
    if not mail.is_set_up():
        return
    now = timezone.now()
    people = {person.pk: person for person in [*_takers(comment), *_named(comment)]}
    for person in people.values():
        if person.pk != comment.author_id and person.is_active and person.notify_of_comments:
            _schedule(comment, person, now)


def _takers(comment: Comment) -> list[User]:
    """The owner, and those with an account who wrote in the thread."""
    root = comment.parent_id or comment.pk
    thread = Comment.objects.filter(Q(pk=root) | Q(parent=root)).exclude(author=None)
    own = Q(pk=comment.recording.owner_id)
    return list(User.objects.filter(own | Q(pk__in=thread.values("author"))))


def _named(comment: Comment) -> list[User]:
    """Guests name nobody."""
    if comment.author_id is None:
        return []
    return mentions.people_named(recording_id=comment.recording_id, text=comment.text)


def _schedule(comment: Comment, person: User, now: datetime) -> None:
    row, _made = CommentMail.objects.select_for_update().get_or_create(recording_id=comment.recording_id, user=person)
    if row.due_at is None:
        row.since = comment.pk
    elif queue.is_comment_mail_under_way(mail_id=row.pk):  # it will tell of this one, too
        return
    # Else the mail was lost: a new one tells of what that one would have told.
    row.due_at = max(now + FIRST, row.sent_at + BETWEEN if row.sent_at else now)
    row.save(update_fields=["since", "due_at"])
    queue.defer_comment_mail(mail_id=row.pk, at=row.due_at)


def send(*, mail_id: int) -> None:
    """Send what is due: nothing when it was sent, deleted or switched off meanwhile. What came while it was being sent
    is due ten minutes later. A crash in between sends a mail twice."""
    row = CommentMail.objects.select_related("user", "recording").filter(pk=mail_id).exclude(due_at=None).first()
    if row is None:
        return
    found = list(_concerning(row.recording, row.user, row.since)) if _may_be_told(row) else []
    if found:
        _send(row, found)
    _finish(row, told=max((comment.pk for comment in found), default=row.since), is_sent=bool(found))


def _may_be_told(row: CommentMail) -> bool:
    if not (row.user.is_active and row.user.notify_of_comments and mail.is_set_up()):
        return False
    return Recording.objects.visible_to(row.user).kept().listed().filter(pk=row.recording_id).exists()


def _concerning(recording: Recording, person: User, since: int) -> list[Comment]:
    """Others' comments from ``since`` on, oldest first, of which the person is told."""
    new: QuerySet[Comment] = Comment.objects.filter(recording=recording, pk__gte=since).exclude(author=person)
    new = new.select_related("parent").order_by("pk")
    if recording.owner_id == person.pk:
        return list(new)
    mine = set(Comment.objects.filter(recording=recording, author=person).values_list("parent", "pk"))
    threads = {parent or pk for parent, pk in mine}
    return [
        each
        for each in new
        if (each.parent_id or each.pk) in threads or (each.author_id is not None and mentions.names(each.text, person))
    ]


def _finish(row: CommentMail, *, told: int, is_sent: bool) -> None:
    with transaction.atomic():
        # As whoever writes a comment does: so none is written between the look and what it leads to.
        recording = Recording.objects.select_for_update(no_key=True).filter(pk=row.recording_id).first()
        held = CommentMail.objects.select_for_update().filter(pk=row.pk, due_at=row.due_at).first()
        if recording is None or held is None:
            return
        now = timezone.now()
        newer = _concerning(recording, row.user, told + 1)
        held.sent_at = now if is_sent else held.sent_at
        held.due_at = now + BETWEEN if newer else None
        held.since = newer[0].pk if newer else held.since
        held.save(update_fields=["sent_at", "due_at", "since"])
        if held.due_at is not None:
            queue.defer_comment_mail(mail_id=held.pk, at=held.due_at)


def _send(row: CommentMail, found: list[Comment]) -> None:
    shown = found[:MOST_IN_MAIL]
    context = {
        "title": row.recording.title,
        "count": len(found),
        "comments": shown,
        "more": len(found) - len(shown),
        "link": f"{mails.link_to('recording', row.recording_id)}?reach={found[0].pk}#comment-{found[0].pk}",
        "profile": mails.link_to("accounts:profile"),
    }
    subject = ngettext_lazy("New comment: %(title)s", "%(count)d new comments: %(title)s", len(found))
    mails.send(to=row.user, subject=subject, template="comments", context=context)
