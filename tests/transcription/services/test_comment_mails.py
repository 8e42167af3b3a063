"""Mails about new comments: who is told of what, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from tests.factories import make_recording, make_transcript, make_user, share
from tests.transcription.queue_entries import leave_entry
from transcription.models import Comment, CommentMail
from transcription.services import comment_mails, comments, links, mails, queue, recordings, sharing
from transcription.services.comments import Commenter
from transcription.services.links import LinkChoices

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    recording = make_recording(make_user("ada@example.org", name="Ada"), title="A\ntalk")
    make_transcript(recording)
    return recording


@pytest.fixture
def grace(talk):
    return share(talk, make_user("grace@example.org", name="Grace Hopper"))


def say(talk, user: User, text: str = "Why?") -> Comment:
    transcript = talk.transcripts.get()
    return comments.add_comment(
        recording=talk, by=Commenter(user=user), transcript_id=transcript.pk, index=1, text=text
    )


def waiting() -> list[str]:
    """Who is told, if nothing happens."""
    return sorted(CommentMail.objects.exclude(due_at=None).values_list("user__email", flat=True))


def send_all() -> None:
    for row in CommentMail.objects.exclude(due_at=None):
        comment_mails.send(mail_id=row.pk)


def sent() -> list[tuple[str, str]]:
    """To whom, and about what."""
    return sorted((message.to[0], message.subject) for message in mail.outbox)


def test_owner_is_told_of_others_comments_and_nobody_of_own_ones(talk, grace):
    say(talk, talk.owner)
    assert waiting() == []
    comment = say(talk, grace, "Is <this> right?")
    assert waiting() == ["ada@example.org"]
    send_all()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "New comment: A talk")
    for line in ("Grace Hopper, 0:04, “word1.0 word1.1 word1.2 word1.3 word1.4”", "Is <this> right?"):
        assert line in message.body.splitlines()
    assert f"/recordings/{talk.pk}/?reach={comment.pk}#comment-{comment.pk}" in message.body
    assert "/accounts/profile/" in message.body
    assert waiting() == []


def test_who_takes_part_in_a_thread_is_told_of_answers_there_alone(talk, grace):
    root = say(talk, grace)
    bystander = share(talk, make_user("other@example.org"))
    say(talk, bystander, "Another thread.")
    send_all()
    mail.outbox.clear()
    comments.reply(parent=root, by=Commenter(user=talk.owner), text="Because.")
    assert waiting() == ["grace@example.org"]
    say(talk, talk.owner, "Something else.")
    send_all()
    (message,) = mail.outbox
    assert ("Because." in message.body, "Something else." in message.body) == (True, False)


def test_who_is_named_and_sees_the_recording_is_told(talk, grace):
    group = Group.objects.create(name="Newsroom")
    talk.owner.groups.add(group)
    member = make_user("member@example.org", name="Max")
    member.groups.add(group)
    sharing.share_with_group(recording=talk, by=talk.owner, group_id=group.pk, role="reader")
    make_user("stranger@example.org", name="Eve")
    say(talk, talk.owner, "@grace hopper and @MEMBER@example.org, not @Eve: look.")
    assert waiting() == ["grace@example.org", "member@example.org"]
    send_all()
    assert [to for to, _ in sent()] == ["grace@example.org", "member@example.org"]


def test_guest_is_told_of_and_names_nobody(talk, grace):
    link, _ = links.create_link(recording=talk, user=talk.owner, choices=LinkChoices(kind="transcript", role="comment"))
    guest = Commenter(link=link, name="Guest", secret="x" * 43)
    root = comments.add_comment(
        recording=talk, by=guest, transcript_id=talk.transcripts.get().pk, index=0, text="@Grace Hopper"
    )
    assert waiting() == ["ada@example.org"]
    comments.reply(parent=root, by=Commenter(user=talk.owner), text="Yes.")
    send_all()
    assert sent() == [("ada@example.org", "New comment: A talk")]


def test_many_are_gathered_and_the_next_mail_waits_ten_minutes(talk, grace):
    now = timezone.now()
    for number in range(3):
        say(talk, grace, f"Number {number}.")
    (task,) = ProcrastinateJob.objects.filter(task_name=queue.MAIL_COMMENTS)
    assert now < task.scheduled_at <= timezone.now() + comment_mails.FIRST
    send_all()
    send_all()
    assert sent() == [("ada@example.org", "3 new comments: A talk")]
    say(talk, grace, "Later.")
    row = CommentMail.objects.get()
    assert row.due_at == row.sent_at + comment_mails.BETWEEN
    CommentMail.objects.update(sent_at=now - timedelta(hours=1), due_at=None)
    say(talk, grace, "Much later.")
    assert CommentMail.objects.get().due_at < timezone.now() + comment_mails.FIRST


def test_comment_that_comes_while_the_mail_is_sent_is_in_the_next(talk, grace, monkeypatch):
    say(talk, grace, "First.")
    real = mails.send

    def send(**arguments) -> None:
        monkeypatch.setattr(mails, "send", real)
        say(talk, grace, "Meanwhile.")
        real(**arguments)

    monkeypatch.setattr(mails, "send", send)
    send_all()
    row = CommentMail.objects.get()
    assert row.due_at == row.sent_at + comment_mails.BETWEEN
    send_all()
    assert ["First." in message.body for message in mail.outbox] == [True, False]
    assert "Meanwhile." in mail.outbox[1].body


def test_mail_that_fails_is_tried_again(talk, grace, monkeypatch):
    say(talk, grace)
    with monkeypatch.context() as patched:
        patched.setattr(mails, "send", lambda **_: (_ for _ in ()).throw(OSError("no server")))
        with pytest.raises(OSError, match="no server"):
            send_all()
    assert waiting() == ["ada@example.org"]
    send_all()
    assert (len(mail.outbox), waiting()) == (1, [])


def test_mail_that_failed_for_good_is_made_up_for_with_the_next_comment(talk, grace):
    first = say(talk, grace, "First.")
    say(talk, grace, "While it waits.")
    (lost,) = ProcrastinateJob.objects.filter(task_name=queue.MAIL_COMMENTS)
    leave_entry(lost.pk, status="failed", attempts=queue.MAIL_ATTEMPTS)
    say(talk, grace, "Later.")
    entries = ProcrastinateJob.objects.filter(task_name=queue.MAIL_COMMENTS).order_by("pk")
    assert [entry.status for entry in entries] == ["failed", "todo"]
    row = CommentMail.objects.get()
    assert (row.since, row.due_at) == (first.pk, entries[1].scheduled_at)
    send_all()
    assert (sent(), waiting()) == ([("ada@example.org", "3 new comments: A talk")], [])


def test_what_was_deleted_withdrawn_or_switched_off_meanwhile_is_not_told(talk, grace):
    comment = say(talk, talk.owner, "@Grace Hopper")
    comments.delete_comment(comment=comment, by=Commenter(user=talk.owner))
    send_all()
    say(talk, talk.owner, "@Grace Hopper")
    talk.grants.all().delete()
    send_all()
    say(talk, share(talk))
    User.objects.filter(pk=talk.owner_id).update(notify_of_comments=False)
    send_all()
    say(talk, share(talk))
    assert (mail.outbox, waiting()) == ([], [])


def test_trash_and_a_server_without_mail_tell_nothing(talk, grace, settings):
    say(talk, talk.owner, "@Grace Hopper")
    recordings.move_to_trash(recording=talk)
    send_all()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    say(talk, grace)
    assert (mail.outbox, waiting()) == ([], [])


def test_long_mail_names_the_rest(talk, grace, monkeypatch):
    monkeypatch.setattr(comment_mails, "MOST_IN_MAIL", 1)
    for text in ("One.", "Two.", "Three."):
        say(talk, grace, text)
    send_all()
    (message,) = mail.outbox
    assert ("One." in message.body, "Two." in message.body, "… and 2 more." in message.body) == (True, False, True)
