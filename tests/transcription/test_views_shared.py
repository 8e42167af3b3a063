"""What a link opens: a transcript to read and hear, without an account, as long as the link is good."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.services import Limit
from accounts.services.tokens import new_token
from tests.factories import add_finals, make_live, make_media, make_segments, make_transcript
from transcription.enums import RecordingState
from transcription.models import Recording, ShareLink
from transcription.services import links, recordings
from transcription.services.links import LinkChoices

pytestmark = pytest.mark.django_db
PARTS = ("shared", "shared-segments", "shared-waveform", "shared-media")


@pytest.fixture
def recording(owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    made = make_media(owner, folder=tmp_path)
    recordings.save_waveform(recording_id=made.pk, peaks=b"\x01\x02", seconds=9.0)
    make_transcript(made)
    return made


@pytest.fixture
def make(recording, owner):
    def link(**choices) -> str:
        chosen = LinkChoices(**{"kind": "transcript"} | choices)
        return links.create_link(recording=recording, user=owner, choices=chosen)[1]

    return link


def statuses(client: Client, token: str) -> list[int]:
    return [client.get(reverse(name, args=[token])).status_code for name in PARTS]


def test_name_of_a_speaker_stands_above_the_first_passage_of_a_turn(client, make, recording):
    transcript = recording.transcripts.get()
    transcript.speakers.create(number=1, name="Ada")
    spoken = (1, 1, None, 1, 1)
    make_segments(transcript, range(3, len(spoken)))
    for index, number in enumerate(spoken):
        transcript.segments.filter(index=index).update(speaker=number)
    page = client.get(reverse("shared", args=[make()])).content.decode()
    assert [" goes-on" in row for row in re.findall(r'<li class="seg[^"]*"', page)] == [False, True, False, False, True]


def test_link_opens_text_sound_and_waveform_and_nothing_else(client, make, recording):
    token = make()
    assert statuses(client, token) == [200] * 4
    page = client.get(reverse("shared", args=[token])).content.decode()
    assert "word0.0" in page
    assert f"/shared/{token}/media/" in page
    assert ("/recordings/" in page, 'href="/"' in page, "data-editable" in page) == (False, False, False)
    for name in ("recording", "media", "segments"):
        assert client.get(reverse(name, args=[recording.pk])).status_code in {302, 403}
    assert client.get(reverse("shared", args=[token])).cookies == {}


def test_sound_comes_by_range_and_is_kept_by_nobody(client, make):
    answer = client.get(reverse("shared-media", args=[make()]), headers={"Range": "bytes=0-99"})
    assert (answer.status_code, len(answer.content)) == (206, 100)
    assert "no-store" in answer["Cache-Control"]
    assert "max-age=0" in answer["Cache-Control"]
    whole = client.get(reverse("shared-media", args=[make()]) + "?download")
    assert whole["Content-Disposition"].startswith("inline")


def test_address_is_told_to_nobody(client, make):
    token = make()
    for name in PARTS:
        answer = client.get(reverse(name, args=[token]))
        assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
        assert "no-store" in answer["Cache-Control"]
    assert (
        '<meta name="robots" content="noindex, nofollow">'
        in client.get(reverse("shared", args=[token])).content.decode()
    )


def test_withdrawn_and_expired_links_open_nothing(client, make):
    token = make(expires_at=timezone.now() + timedelta(hours=1))
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert statuses(client, token) == [410] * 4
    assert "This link has expired" in client.get(reverse("shared", args=[token])).content.decode()
    ShareLink.objects.update(expires_at=None)
    assert statuses(client, token) == [200] * 4
    links.revoke_link(link=links.resolve(token=token))
    assert statuses(client, token) == [410] * 4
    assert "This link was withdrawn" in client.get(reverse("shared", args=[token])).content.decode()
    assert statuses(client, new_token()) == [404] * 4


def test_link_to_the_trash_is_closed(client, make, recording):
    token = make()
    recordings.move_to_trash(recording=recording)
    assert statuses(client, token) == [410] * 4


def test_guessing_is_answered_with_a_time(client, monkeypatch):
    monkeypatch.setattr(links, "WRONG_TOKENS", Limit("share-link", 2, timedelta(minutes=15)))
    assert [client.get(reverse("shared", args=[new_token()])).status_code for _ in range(3)] == [404, 404, 429]


# Languages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["shared", "watch", "password", "withdrawn", "unknown"])
def test_whoever_has_a_link_chooses_the_language(make, owner, page):
    token = {"password": lambda: make(password="correct horse"), "unknown": new_token}.get(page, make)()
    if page == "watch":
        token = links.create_link(recording=make_live(owner).recording, user=owner)[1]
    if page == "withdrawn":
        links.revoke_link(link=links.resolve(token=token))
    address = reverse("watch-link" if page == "watch" else "shared", args=[token])
    client = Client(enforce_csrf_checks=True)
    shown = client.get(address)
    assert ('name="language" value="de" lang="de" >Deutsch</button>' in shown.content.decode(), shown.cookies) == (
        True,
        {},
    )
    answer = client.post(address, {"language": "de"}, headers={"Origin": "null"})
    assert (answer.status_code, answer.url, answer.cookies["django_language"].value) == (302, address, "de")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert 'html lang="de"' in client.get(address).content.decode()


def test_language_that_is_not_offered_is_refused(client, make):
    assert client.post(reverse("shared", args=[make()]), {"language": "../de"}).status_code == 400


# Passwords ------------------------------------------------------------------------------------------------------------


def test_password_opens_the_page_and_what_belongs_to_it(make):
    token = make(password="correct horse")
    client, another = Client(enforce_csrf_checks=True), Client()
    address = reverse("shared", args=[token])
    assert statuses(client, token) == [403] * 4
    assert "This link asks for a password" in client.get(address).content.decode()
    wrong = client.post(address, {"password": "wrong horse"})
    assert (wrong.status_code, "This is not the password." in wrong.content.decode()) == (403, True)
    assert "word0.0" not in wrong.content.decode()
    right = client.post(address, {"password": "correct horse"})
    assert (right.status_code, right.url) == (302, address)
    (cookie,) = right.cookies.values()
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert statuses(client, token) == [200] * 4
    assert statuses(another, token) == [403] * 4


def test_password_of_one_link_opens_no_other(make):
    first, second = make(password="correct horse"), make(password="correct horse")
    client = Client()
    client.post(reverse("shared", args=[first]), {"password": "correct horse"})
    assert (statuses(client, first), statuses(client, second)) == ([200] * 4, [403] * 4)


def test_wrong_passwords_are_answered_with_a_time(client, make, monkeypatch):
    monkeypatch.setattr(links, "WRONG_PASSWORDS", Limit("link-password", 2, timedelta(minutes=15)))
    address = reverse("shared", args=[make(password="correct horse")])
    sent = ["wrong 1", "wrong 2", "correct horse"]
    assert [client.post(address, {"password": each}).status_code for each in sent] == [403, 403, 429]


def test_link_for_captions_can_ask_for_a_password_too(client, owner):
    live = make_live(owner)
    choices = LinkChoices(password="correct horse")
    _, token = links.create_link(recording=live.recording, user=owner, choices=choices)
    address = reverse("watch-link", args=[token])
    assert client.get(address).status_code == 403
    assert client.post(address, {"password": "correct horse"}).url == address
    assert client.get(address).status_code == 200


# Visits ---------------------------------------------------------------------------------------------------------------


def visits() -> int:
    return ShareLink.objects.get().visits


def test_opening_counts_and_what_the_page_asks_for_does_not(client, make):
    address = reverse("shared", args=[make()])
    page = client.get(address, headers={"Cache-Control": "no-cache"})
    assert visits() == 1
    for part in page.context["addresses"].values():
        assert client.get(part).status_code == 200
    client.head(address)
    assert visits() == 1
    client.get(address)
    assert visits() == 2


@pytest.mark.parametrize("name", PARTS[1:])
@pytest.mark.parametrize("sign", ["", "visit:1", "a stranger's"])
def test_what_is_asked_for_without_the_page_counts(client, make, name, sign):
    assert client.get(reverse(name, args=[make()]), {"visit": sign}).status_code == 200
    assert visits() == 1


def test_comments_are_of_the_visit_of_their_page(client, make):
    token = make(role="comment")
    address = reverse("shared-comments", args=[token])
    assert client.get(address).status_code == 200
    assert visits() == 1
    sign = client.get(reverse("shared", args=[token])).context["visit"]
    client.get(address, {"visit": sign, "threads": 100})
    assert visits() == 2
    client.get(reverse("shared-comments", args=[make()]))  # by a link without comments there are none
    assert sum(ShareLink.objects.values_list("visits", flat=True)) == 2


def test_sign_is_good_for_its_link_and_for_a_while(client, make, monkeypatch):
    addresses = [client.get(reverse("shared", args=[make()])).context["addresses"] for _ in range(2)]
    one, other = ShareLink.objects.order_by("pk")
    client.get(addresses[0]["media"].partition("?")[0] + "?" + addresses[1]["media"].partition("?")[2])
    one.refresh_from_db()
    assert one.visits == 2
    monkeypatch.setattr(links, "VISIT_SECONDS", -1)
    client.get(addresses[1]["media"])
    other.refresh_from_db()
    assert other.visits == 2


def test_link_with_a_password_counts_who_gave_it(client, make):
    address = reverse("shared", args=[make(password="correct horse")])
    client.get(address)
    client.post(address, {"password": "wrong horse"})
    assert visits() == 0
    client.post(address, {"password": "correct horse"})
    assert visits() == 0
    for count in (1, 2):
        client.get(address)
        assert visits() == count


# Live -----------------------------------------------------------------------------------------------------------------


def test_link_for_captions_gains_nothing_when_the_talk_is_over(client, make, recording, owner):
    token = make(kind="live")
    page = client.get(reverse("watch-link", args=[token])).content.decode()
    assert ("word0.0" in page, "/shared/" in page) == (True, False)
    assert [client.get(reverse(name, args=[token])).status_code for name in PARTS] == [302, 404, 404, 404]
    assert client.get(reverse("shared", args=[token])).url == reverse("watch-link", args=[token])


def test_link_to_a_transcript_shows_captions_while_it_is_spoken(client, owner):
    live = make_live(owner)
    add_finals(live, 1)
    _, token = links.create_link(recording=live.recording, user=owner, choices=LinkChoices(kind="transcript"))
    watching, reading = reverse("watch-link", args=[token]), reverse("shared", args=[token])
    assert client.get(reading).url == watching
    page = client.get(watching).content.decode()
    assert ("data-socket" in page, f'href="{reading}"' in page) == (True, True)
    assert [client.get(reverse(name, args=[token])).status_code for name in PARTS[1:]] == [404, 404, 404]
    Recording.objects.update(state=RecordingState.READY)
    assert client.get(watching).url == reading
    assert "word0.0" in client.get(reading).content.decode()


def test_page_makes_as_many_queries_for_long_transcripts_as_for_short(client, make, recording):
    token, counts = make(), []
    for version, count in ((2, 1), (3, 300)):
        make_transcript(recording, version=version, segments=count)
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("shared", args=[token]))
        counts.append(len(made))
    assert counts[0] == counts[1]
