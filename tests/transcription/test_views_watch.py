from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services import Limit
from accounts.services.tokens import new_token
from tests.factories import add_finals, make_live, make_recording, make_transcript
from transcription.enums import RecordingState
from transcription.models import Recording
from transcription.services import links, recordings

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(owner):
    return make_live(owner)


@pytest.fixture
def token(live, owner):
    return links.create_link(recording=live.recording, user=owner)[1]


def test_link_shows_what_was_said_without_an_account(client, live, token):
    add_finals(live, 3)
    answer = client.get(reverse("watch-link", args=[token]))
    page = answer.content.decode()
    assert [f"word{index}.0" in page for index in range(4)] == [True, True, True, False]
    assert 'data-after="2"' in page
    assert f'data-socket="/recordings/{live.pk}/watch/"' in page
    assert f'data-token="{token}"' in page
    assert not answer.cookies


def test_page_of_a_link_keeps_its_address_secret(client, token):
    answer = client.get(reverse("watch-link", args=[token]))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()


def test_withdrawn_link_says_so(client, live, token):
    links.revoke_link(link=live.recording.links.get())
    answer = client.get(reverse("watch-link", args=[token]))
    assert answer.status_code == 410
    assert "This link was withdrawn" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"


def test_link_of_a_recording_in_the_trash_is_closed(client, live, token):
    recordings.move_to_trash(recording=live.recording)
    assert client.get(reverse("watch-link", args=[token])).status_code == 410


@pytest.mark.parametrize("token", ["x", "a" * 43, "ä", "a" * 5000])
def test_link_that_never_was_is_not_found(client, token):
    answer = client.get(reverse("watch-link", args=[token]))
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.content.decode()


def test_guessing_is_answered_with_a_time(client, monkeypatch):
    monkeypatch.setattr(links, "WRONG_TOKENS", Limit("share-link", 2, timedelta(minutes=15)))
    statuses = [client.get(reverse("watch-link", args=[new_token()])).status_code for _ in range(3)]
    assert statuses == [404, 404, 429]


def test_ended_recording_can_be_read_and_asks_for_no_socket(client, live, token):
    add_finals(live, 2)
    Recording.objects.filter(pk=live.pk).update(state=RecordingState.CLOSING)
    page = client.get(reverse("watch-link", args=[token])).content.decode()
    assert "word1.0" in page
    assert "That was all" in page
    assert "data-socket" not in page
    live.delete()
    Recording.objects.filter(pk=live.recording_id).update(state=RecordingState.READY)
    assert "word1.0" in client.get(reverse("watch-link", args=[token])).content.decode()


def test_owner_looks_on_without_a_link(client_of_owner, live):
    page = client_of_owner.get(reverse("watch", args=[live.pk])).content.decode()
    assert 'data-token=""' in page
    assert "Open the transcript" in page


def test_recording_of_somebody_else_is_not_found(client_of_owner):
    other = make_recording()
    make_transcript(other)
    assert client_of_owner.get(reverse("watch", args=[other.pk])).status_code == 404


def test_recording_without_any_text_has_no_such_page(client_of_owner, recording):
    assert client_of_owner.get(reverse("watch", args=[recording.pk])).status_code == 404


def test_nobody_is_asked_to_sign_in(client, live):
    assert client.get(reverse("watch", args=[live.pk])).url.startswith(reverse("accounts:sign-in"))


def test_text_that_looks_like_markup_is_text(client, live, token):
    add_finals(live, 1, text="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(reverse("watch-link", args=[token])).content.decode()


def test_page_makes_as_many_queries_for_long_talks_as_for_short(client, live, token):
    counts = []
    for count in (1, 300):
        add_finals(live, count)
        with CaptureQueriesContext(connection) as made:
            assert client.get(reverse("watch-link", args=[token])).status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1]
