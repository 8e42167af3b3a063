"""Comments: written by people and guests, kept when their passage goes, changed by their author alone."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from accounts.services import Limit
from accounts.services.tokens import new_token
from tests.factories import make_recording, make_transcript, share
from transcription.errors import BadRequest, CommentsClosed, NotYourComment, TooManyShares, TooManyTries, WrongState
from transcription.models import Comment, TranscriptSegment
from transcription.services import comments, links
from transcription.services.comments import Commenter
from transcription.services.links import LinkChoices

pytestmark = pytest.mark.django_db
SECRET = new_token()


@pytest.fixture
def transcript(recording):
    return make_transcript(recording)


@pytest.fixture
def by_owner(owner):
    return Commenter(user=owner)


@pytest.fixture
def by_reader(recording):
    return Commenter(user=share(recording))


@pytest.fixture
def guest(recording, owner):
    choices = LinkChoices(kind="transcript", role="comment")
    link, _ = links.create_link(recording=recording, user=owner, choices=choices)
    return Commenter(link=link, name="Guest", address="192.0.2.1", secret=SECRET)


def say(recording, by, text="Why?", *, index=1):
    transcript = recording.transcripts.first()
    return comments.add_comment(recording=recording, by=by, transcript_id=transcript.pk, index=index, text=text)


def shown(recording) -> list[tuple[str, list[str]]]:
    return [(each.root.text, [row.text for row in each.replies]) for each in comments.threads(recording=recording)]


def test_comment_keeps_time_and_words_of_its_passage(recording, transcript, by_reader):
    comment = say(recording, by_reader)
    assert (comment.start, comment.quote) == (4.0, "word1.0 word1.1 word1.2 word1.3 word1.4")
    assert (comment.author, comment.name) == (by_reader.user, by_reader.user.email)
    TranscriptSegment.objects.all().delete()
    assert shown(recording) == [("Why?", [])]
    make_transcript(recording, version=2)
    transcript.delete()
    kept = Comment.objects.get()
    assert (kept.transcript, kept.index, kept.start, kept.quote) == (None, 1, 4.0, comment.quote)


def test_threads_are_in_the_order_of_the_sound_with_answers_in_theirs(recording, transcript, by_owner, by_reader):
    late, early = say(recording, by_owner, "late", index=2), say(recording, by_reader, "early", index=0)
    first = comments.reply(parent=early, by=by_owner, text="first")
    comments.reply(parent=first, by=by_reader, text="second")
    comments.reply(parent=late, by=by_reader, text="third")
    assert shown(recording) == [("early", ["first", "second"]), ("late", ["third"])]


def test_threads_are_two_queries(recording, transcript, by_owner, django_assert_num_queries):
    for _ in range(3):
        comments.reply(parent=say(recording, by_owner), by=by_owner, text="Because.")
    with django_assert_num_queries(2):
        assert len([row.resolved_by for row in (each.root for each in comments.threads(recording=recording))]) == 3


def test_answer_opens_what_was_resolved(recording, transcript, by_owner, by_reader):
    comment = say(recording, by_reader)
    comments.set_resolved(comment=comment, by=by_owner, resolved=True)
    comment.refresh_from_db()
    assert (comment.resolved_by, comment.resolved_at is None) == (by_owner.user, False)
    comments.reply(parent=comment, by=by_reader, text="Still unclear.")
    comment.refresh_from_db()
    assert (comment.resolved_by, comment.resolved_at) == (None, None)


def test_comment_that_is_deleted_in_this_moment_is_not_changed(recording, transcript, by_owner):
    comment = say(recording, by_owner)
    Comment.objects.all().delete()  # after it was read
    for change in (partial(comments.edit_comment, text="Else"), partial(comments.set_resolved, resolved=True)):
        with pytest.raises(WrongState, match="was deleted"):
            change(comment=comment, by=by_owner)


def test_resolving_an_answer_resolves_its_thread(recording, transcript, by_owner, by_reader):
    comment = say(recording, by_owner)
    answer = comments.reply(parent=comment, by=by_owner, text="Yes.")
    comments.set_resolved(comment=answer, by=by_reader, resolved=True)
    comment.refresh_from_db()
    assert comment.resolved_by == by_reader.user
    comments.set_resolved(comment=comment, by=by_reader, resolved=False)
    comment.refresh_from_db()
    assert comment.resolved_at is None


def test_only_the_author_changes_a_text(recording, transcript, by_owner, by_reader, guest):
    comment = say(recording, by_reader)
    for other in (by_owner, guest):
        with pytest.raises(NotYourComment):
            comments.edit_comment(comment=comment, by=other, text="Changed")
    changed = comments.edit_comment(comment=comment, by=by_reader, text="Changed")
    assert (changed.text, changed.edited_at is None) == ("Changed", False)


def test_own_comment_goes_unless_it_was_answered_and_the_owners_word_is_last(
    recording, transcript, by_owner, by_reader
):
    comment = say(recording, by_reader)
    comments.reply(parent=comment, by=by_owner, text="Because.")
    with pytest.raises(WrongState):
        comments.delete_comment(comment=comment, by=by_reader)
    answer = comments.reply(parent=comment, by=by_reader, text="I see.")
    comments.delete_comment(comment=answer, by=by_reader)
    assert shown(recording) == [("Why?", ["Because."])]
    with pytest.raises(NotYourComment):
        comments.delete_comment(comment=Comment.objects.get(text="Because."), by=by_reader)
    comments.delete_comment(comment=comment, by=by_owner)
    assert shown(recording) == []


def test_answer_to_what_was_deleted_meanwhile_is_refused(recording, transcript, by_owner):
    comment = say(recording, by_owner)
    Comment.objects.all().delete()
    with pytest.raises(WrongState):
        comments.reply(parent=comment, by=by_owner, text="Late")


def test_guest_comments_with_a_name_and_is_known_again(recording, transcript, guest, by_owner):
    comment = say(recording, guest)
    assert (comment.author, comment.name, comment.link) == (None, "Guest", guest.link)
    assert SECRET not in str(Comment.objects.values().get())
    stranger = Commenter(link=guest.link, name="Guest", address="192.0.2.1", secret=new_token())
    nameless = Commenter(link=guest.link, name="Guest", address="192.0.2.1")
    for other in (stranger, nameless):
        with pytest.raises(NotYourComment):
            comments.edit_comment(comment=comment, by=other, text="Changed")
        with pytest.raises(NotYourComment):
            comments.set_resolved(comment=comment, by=other, resolved=True)
    comments.edit_comment(comment=comment, by=guest, text="Changed")
    assert comments.set_resolved(comment=comment, by=guest, resolved=True).resolved_by is None
    comments.delete_comment(comment=comment, by=guest)
    assert shown(recording) == []


def test_guest_comments_on_the_version_that_is_shown_alone(recording, transcript, guest, by_reader):
    newer = make_transcript(recording, version=2)
    place = {"recording": recording, "index": 0, "text": "Why?"}
    with pytest.raises(BadRequest, match="not there any more"):
        comments.add_comment(**place, by=guest, transcript_id=transcript.pk)
    assert comments.add_comment(**place, by=guest, transcript_id=newer.pk).transcript == newer
    assert comments.add_comment(**place, by=by_reader, transcript_id=transcript.pk).transcript == transcript


@pytest.mark.parametrize("choices", [{"kind": "transcript"}, {"kind": "live"}])
def test_link_for_reading_takes_no_comments(recording, transcript, owner, guest, choices):
    link, _ = links.create_link(recording=recording, user=owner, choices=LinkChoices(**choices))
    reader = Commenter(link=link, name="Guest", secret=SECRET)
    comment = say(recording, guest)
    for attempt in (
        lambda: say(recording, reader),
        lambda: comments.reply(parent=comment, by=reader, text="x"),
        lambda: comments.edit_comment(comment=comment, by=reader, text="x"),
        lambda: comments.delete_comment(comment=comment, by=reader),
        lambda: comments.set_resolved(comment=comment, by=reader, resolved=True),
    ):
        with pytest.raises(CommentsClosed):
            attempt()


@pytest.mark.parametrize("text", ["", " \n\t ", "\0\0", "\u202e", "x" * 4001, "👍" * 4001])
def test_text_that_cannot_be_is_refused(recording, transcript, by_owner, text):
    with pytest.raises(BadRequest):
        say(recording, by_owner, text)
    assert not Comment.objects.exists()


def test_odd_text_is_kept_as_it_was_meant(recording, transcript, by_owner):
    comment = say(recording, by_owner, "<b>bold?</b>\r\n\0\u202eevil 👩‍👩‍👧")
    assert comment.text == "<b>bold?</b>\nevil 👩‍👩‍👧"
    assert len(say(recording, by_owner, "x" * 4000).text) == 4000


@pytest.mark.parametrize("name", ["", "  ", "\0"])
def test_guest_without_a_name_is_asked_for_one(recording, transcript, guest, name):
    with pytest.raises(BadRequest):
        say(recording, Commenter(link=guest.link, name=name, secret=SECRET))


def test_passage_of_another_recording_is_refused(recording, transcript, by_owner):
    other = make_transcript(make_recording())
    for transcript_id, index in ((other.pk, 0), (transcript.pk, 99), (10**9, 0)):
        with pytest.raises(BadRequest):
            comments.add_comment(
                recording=recording, by=by_owner, transcript_id=transcript_id, index=index, text="Where?"
            )


def test_comments_are_limited_for_people_and_guests(recording, transcript, by_owner, guest, monkeypatch):
    monkeypatch.setattr(comments, "OF_A_PERSON", Limit("comment", 1, timedelta(hours=1)))
    monkeypatch.setattr(comments, "BY_A_GUEST", Limit("comment-guest", 1, timedelta(hours=1)))
    monkeypatch.setattr(comments, "BY_A_LINK", Limit("comment-link", 2, timedelta(hours=1)))
    say(recording, by_owner)
    say(recording, guest)
    elsewhere = Commenter(link=guest.link, name="Guest", address="192.0.2.2", secret=SECRET)
    for by in (by_owner, guest):
        with pytest.raises(TooManyTries):
            say(recording, by)
    say(recording, elsewhere)
    with pytest.raises(TooManyTries):
        say(recording, Commenter(link=guest.link, name="Guest", address="192.0.2.3", secret=SECRET))
    assert Comment.objects.count() == 3


def test_recording_has_a_number_of_comments_and_no_more(recording, transcript, by_owner, monkeypatch):
    monkeypatch.setattr(comments, "MOST_COMMENTS", 1)
    say(recording, by_owner)
    with pytest.raises(TooManyShares):
        say(recording, by_owner)


def test_comments_outlive_account_and_link(recording, transcript, by_reader, guest):
    say(recording, by_reader, "of a person")
    say(recording, guest, "of a guest")
    name = by_reader.user.email
    by_reader.user.delete()
    guest.link.delete()
    rows = Comment.objects.order_by("pk").values_list("text", "name", "author", "link")
    assert list(rows) == [("of a person", name, None, None), ("of a guest", "Guest", None, None)]
