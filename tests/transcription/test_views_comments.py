"""The panel of comments, for people with an account and for guests with a link."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_recording, make_transcript, make_user, share
from transcription.models import Comment
from transcription.services import links
from transcription.services.links import LinkChoices
from transcription.views.guests import COOKIE

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def transcript(recording):
    return make_transcript(recording)


@pytest.fixture
def token(recording, owner):
    choices = LinkChoices(kind="transcript", role="comment")
    return links.create_link(recording=recording, user=owner, choices=choices)[1]


def act(client, base: str, number: int | None = None, what: str = "", **data):
    address = base if number is None else f"{base}{number}/{what}/"
    return client.post(address, data, **HTMX)


@pytest.fixture
def base(recording):
    return reverse("comments", args=[recording.pk])


def test_thread_from_its_first_word_to_its_end(client_of_owner, recording, transcript, base):
    reader = Client()
    reader.force_login(share(recording), backend="django.contrib.auth.backends.ModelBackend")
    page = act(reader, base, transcript=transcript.pk, index=1, text="Why <b>so</b>?").content.decode()
    assert "Why &lt;b&gt;so&lt;/b&gt;?" in page
    assert 'href="#t=4.00"' in page
    comment = Comment.objects.get()
    assert "Because." in act(client_of_owner, base, comment.pk, "reply", text="Because.").content.decode()
    assert "(edited)" in act(reader, base, comment.pk, "edit", text="Why?").content.decode()
    assert "1 resolved" in act(reader, base, comment.pk, "resolve").content.decode()
    assert "1 resolved" not in act(client_of_owner, base, comment.pk, "reopen").content.decode()
    refused = act(reader, base, comment.pk, "delete")
    assert (refused.status_code, refused["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert "No comments yet." in act(client_of_owner, base, comment.pk, "delete").content.decode()


def test_page_that_knows_no_transcript_yet_comments_on_the_one_shown(client_of_owner, transcript, base):
    assert act(client_of_owner, base, transcript="", index=0, text="Early.").status_code == 200
    assert Comment.objects.get().transcript == transcript


@pytest.mark.parametrize(
    "sent",
    [
        {"index": "0", "text": ""},
        {"index": "x", "text": "Hm."},
        {"index": "-1", "text": "Hm."},
        {"index": "99", "text": "Hm."},
        {"index": "9" * 30, "text": "Hm."},
        {"transcript": "9" * 30, "index": "0", "text": "Hm."},
        {"index": "0", "text": "x" * 4001},
        {},
    ],
)
def test_what_cannot_be_a_comment_is_refused_in_words(client_of_owner, transcript, base, sent):
    answer = act(client_of_owner, base, **sent)
    assert (answer.status_code, bool(answer.content), Comment.objects.count()) == (400, True, 0)


def test_comment_of_another_recording_is_not_found(client_of_owner, recording, transcript, base):
    other = make_transcript(make_recording(recording.owner))
    there = reverse("comments", args=[other.recording_id])
    act(client_of_owner, there, transcript=other.pk, index=0, text="There.")
    number = Comment.objects.get().pk
    assert act(client_of_owner, base, number, "delete").status_code == 404
    assert act(client_of_owner, there, number, "explode").status_code == 404
    assert client_of_owner.get(f"{there}{number}/delete/").status_code == 405
    assert Comment.objects.exists()


def test_form_without_javascript_leads_back_to_the_page(client_of_owner, recording, transcript, base):
    answer = client_of_owner.post(base, {"index": 0, "text": "Plain."})
    assert answer.url == reverse("recording", args=[recording.pk])


def test_panel_makes_as_many_queries_for_three_as_for_one(client_of_owner, transcript, base):
    counts = []
    for _ in range(2):
        act(client_of_owner, base, index=0, text="One.")
        with CaptureQueriesContext(connection) as made:
            client_of_owner.get(base)
        counts.append(len(made))
        act(client_of_owner, base, Comment.objects.first().pk, "reply", text="Two.")
        act(client_of_owner, base, index=1, text="Three.")
    assert counts[0] == counts[1]


# Guests ---------------------------------------------------------------------------------------------------------------


def test_guest_comments_and_is_known_again_in_the_same_browser(token, transcript):
    base = reverse("shared-comments", args=[token])
    guest, another = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    answer = act(guest, base, index=0, name="Grace", text="By link.")
    assert answer.status_code == 200
    comment = Comment.objects.get()
    assert (comment.name, comment.author) == ("Grace", None)
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert act(another, base, comment.pk, "edit", text="Mine.").status_code == 403
    assert act(guest, base, comment.pk, "edit", text="Changed.").status_code == 200
    assert "Changed." in another.get(base).content.decode()
    assert f"{comment.pk}/edit/" not in another.get(base).content.decode()
    assert act(guest, base, comment.pk, "delete").status_code == 200


def test_guest_without_a_name_is_refused(token, transcript):
    answer = act(Client(), reverse("shared-comments", args=[token]), index=0, text="Nameless.")
    assert (answer.status_code, Comment.objects.count()) == (400, 0)


def test_guest_is_shown_no_words_of_another_version(recording, token, transcript):
    transcript.segments.update(text="withdrawn words")
    make_transcript(recording, version=2)
    base = reverse("shared-comments", args=[token])
    answer = act(Client(), base, transcript=transcript.pk, index=0, name="Grace", text="Hm.")
    assert (answer.status_code, Comment.objects.count()) == (400, 0)
    assert "withdrawn words" not in answer.content.decode()


def test_link_for_reading_shows_no_comments(recording, owner, transcript, client_of_owner, base):
    act(client_of_owner, base, index=0, text="Between us.")
    _, token = links.create_link(recording=recording, user=owner, choices=LinkChoices(kind="transcript"))
    page = Client().get(reverse("shared", args=[token])).content.decode()
    assert ("word0.0" in page, "Between us." in page) == (True, False)
    for method in ("get", "post"):
        assert getattr(Client(), method)(reverse("shared-comments", args=[token])).status_code == 404


def test_withdrawn_link_takes_no_comment(token, transcript):
    links.revoke_link(link=links.resolve(token=token))
    answer = act(Client(), reverse("shared-comments", args=[token]), index=0, name="Grace", text="Late.")
    assert (answer.status_code, Comment.objects.count()) == (410, 0)


def test_guest_finds_own_comments_again_after_a_reload(token, transcript):
    guest, another = Client(), Client()
    act(guest, reverse("shared-comments", args=[token]), index=0, name="Grace", text="By link.")
    comment = Comment.objects.get()
    for client, is_own in ((guest, True), (another, False)):
        page = client.get(reverse("shared", args=[token])).content.decode()
        assert "By link." in page
        assert [f"{comment.pk}/{what}/" in page for what in ("edit", "delete")] == [is_own, is_own]


# Many -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(recording, transcript, monkeypatch):
    """Five open threads and three that are resolved, two of each a page."""
    monkeypatch.setattr("transcription.views.comments.THREADS_A_PAGE", 2)
    for number in range(8):
        resolved_at = timezone.now() if number > 4 else None
        fields = {"start": float(number), "index": number, "transcript": transcript, "resolved_at": resolved_at}
        Comment.objects.create(recording=recording, name="Ada", text=f"Number {number}.", **fields)


def numbers(page) -> list[int]:
    return [int(number) for number in re.findall(r"Number (\d)\.</p>", page.content.decode())]


def test_many_threads_come_in_pages_and_all_are_counted(client_of_owner, recording, transcript, base, many):
    for address in (base, reverse("recording", args=[recording.pk])):
        page = client_of_owner.get(address)
        assert numbers(page) == [0, 1, 5, 6]
        for said in ('data-open="5"', "3 resolved", "Show more of 3 further threads", "Show 1 more thread"):
            assert said in page.content.decode()
        assert f'data-places="{transcript.pk}:0,1,2,3,4"' in page.content.decode()
        assert numbers(client_of_owner.get(address, {"threads": "4"})) == [0, 1, 2, 3, 5, 6, 7]
        assert numbers(client_of_owner.get(address, {"threads": "9999"})) == [*range(8)]
    for wrong in ("x", "-1", "²", "9" * 30, ""):
        assert numbers(client_of_owner.get(base, {"threads": wrong})) == [0, 1, 5, 6]


def test_thread_that_was_changed_is_on_the_list_however_late_it_stands(client_of_owner, recording, base, many):
    late = Comment.objects.get(start=4.0)
    assert numbers(act(client_of_owner, base, late.pk, "reply", text="Late."))[:5] == [0, 1, 2, 3, 4]
    resolved = Comment.objects.get(start=7.0)
    assert numbers(act(client_of_owner, base, resolved.pk, "reopen"))[:6] == [0, 1, 2, 3, 4, 7]
    page = act(client_of_owner, base, Comment.objects.get(start=0.0).pk, "resolve", threads="4")
    assert 'data-shown="4"' in page.content.decode()
    act(client_of_owner, base, index=2, text="Newest.")
    assert b"Newest." in act(client_of_owner, base, index=2, text="Newest.").content


def test_pages_of_threads_take_as_many_queries(client_of_owner, base, many):
    counts = []
    for asked in ("2", "8"):
        with CaptureQueriesContext(connection) as made:
            client_of_owner.get(base, {"threads": asked})
        counts.append(len(made))
    assert counts[0] == counts[1]


# Long threads ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(recording, transcript) -> Comment:
    """A comment with nine answers."""
    where = {"recording": recording, "transcript": transcript, "start": 0.0, "name": "Ada"}
    root = Comment.objects.create(**where, text="Why?")
    for number in range(9):
        Comment.objects.create(**where, parent=root, text=f"Number {number}.")
    return root


def test_of_many_answers_the_first_and_the_newest_are_shown(client_of_owner, recording, base, answered):
    for address in (base, reverse("recording", args=[recording.pk])):
        page = client_of_owner.get(address)
        assert (numbers(page), "Show 5 more answers" in page.content.decode()) == ([0, 6, 7, 8], True)
        assert f"&amp;whole={answered.pk}#thread-{answered.pk}" in page.content.decode()
        page = client_of_owner.get(address, {"whole": answered.pk})
        assert (numbers(page), "more answer" in page.content.decode()) == ([*range(9)], False)
    Comment.objects.filter(text__in=[f"Number {number}." for number in range(4)]).delete()
    assert numbers(client_of_owner.get(base)) == [*range(4, 9)]


def test_thread_stays_whole_when_something_is_written(client_of_owner, base, answered):
    page = act(client_of_owner, base, answered.pk, "reply", text="Number 9.")
    assert numbers(page) == [0, 7, 8, 9]
    page = act(client_of_owner, base, answered.pk, "resolve", whole=answered.pk)
    assert (numbers(page), f'data-whole="{answered.pk}"' in page.content.decode()) == ([*range(10)], True)


def test_address_of_a_comment_opens_its_thread(client_of_owner, base, many, answered):
    Comment.objects.filter(pk=answered.pk).update(start=9.0)  # the last of six
    hidden = Comment.objects.get(text="Number 3.", parent=answered)
    page = client_of_owner.get(base, {"reach": hidden.pk})
    assert f'id="comment-{hidden.pk}"' in page.content.decode()
    assert 'data-shown="6"' in page.content.decode()
    strangers = Comment.objects.create(recording=make_recording(), start=0.0, name="Eve", text="Number 5.")
    for wrong in (strangers.pk, "x", "9" * 30, "-1", ""):
        page = client_of_owner.get(base, {"reach": wrong, "whole": wrong})
        assert (page.status_code, f'id="comment-{hidden.pk}"' in page.content.decode()) == (200, False)


# Names behind "@" -----------------------------------------------------------------------------------------------------


@pytest.fixture
def named(recording):
    for name in ("Grace <b>Hopper", "Grace Kelly", "Max"):
        share(recording, make_user(name=name))
    return reverse("comment-names", args=[recording.pk])


def offered(page) -> list[str]:
    assert page.status_code == 200
    return re.findall(r'role="option".*?<span dir="auto">(.*?)</span>', page.content.decode())


def test_names_are_offered_that_begin_as_typed(client_of_owner, named):
    assert offered(client_of_owner.get(named)) == ["Grace &lt;b&gt;Hopper", "Grace Kelly", "Max"]
    assert offered(client_of_owner.get(named, {"q": "grace k"})) == ["Grace Kelly"]
    for nobody in ("zz", "a\0b", "\ud800", "x" * 5000, "%"):
        query = urlencode({"q": nobody}, errors="surrogatepass")
        assert offered(client_of_owner.get(f"{named}?{query}")) == []


def test_no_more_names_than_fit_are_offered(client_of_owner, recording, named):
    for number in range(9):
        share(recording, make_user(name=f"Reader {number}"))
    assert len(offered(client_of_owner.get(named))) == 8


def test_guest_is_offered_no_names(client_of_owner, recording, token, transcript, named):
    page = client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
    assert f'data-names="{named}"' in page
    guest = Client()
    by_link = guest.get(reverse("shared", args=[token])).content.decode()
    assert ('id="comments"' in by_link, "data-names" in by_link, "comment-names" in by_link) == (True, False, False)
    assert guest.get(named).status_code == 302
    assert guest.get(reverse("shared-comments", args=[token]) + "names/").status_code == 404
