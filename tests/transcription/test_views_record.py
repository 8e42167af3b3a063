"""The page to speak into, as the server draws it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from tests.factories import make_live, make_recording, make_user
from transcription.enums import AudioEncoding, RecordingState
from transcription.errors import TooManyUnfinished
from transcription.models import Live, Recording
from transcription.services import live
from transcription.services.live_choices import LiveChoices

pytestmark = pytest.mark.django_db


@pytest.fixture
def speaker(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def page(client: Client, *arguments: object) -> str:
    name = "record-live" if arguments else "record"
    response = client.get(reverse(name, args=arguments))
    assert response.status_code == 200
    return response.content.decode()


def test_page_is_for_people_who_have_signed_in(client):
    response = client.get(reverse("record"))
    assert (response.status_code, response["Location"]) == (302, "/accounts/sign-in/?next=/record/")


def test_page_offers_the_speaker_s_language(speaker, owner):
    User.objects.filter(pk=owner.pk).update(default_language="de")
    assert '<option value="de" selected>' in page(speaker)


def test_unfinished_recordings_are_listed_with_what_is_safe(speaker, owner):
    mine = make_live(owner)
    Live.objects.filter(pk=mine.pk).update(received=16_000 * 63)
    other = make_live(make_user("eve@example.org"))
    ended = make_live(owner)
    Recording.objects.filter(pk=ended.pk).update(state=RecordingState.CLOSING)
    text = page(speaker)
    assert f'data-id="{mine.pk}"' in text
    assert "1:03 safe on the server" in text
    assert "data-resume" in text
    assert str(other.pk) not in text
    assert str(ended.pk) not in text


def test_what_programs_record_in_other_shapes_can_only_be_ended_here(speaker, owner):
    Live.objects.filter(pk=make_live(owner).pk).update(encoding=AudioEncoding.WEBM)
    text = page(speaker)
    assert "data-resume" not in text
    assert "data-save" in text


def test_asked_recording_comes_first(speaker, owner):
    first, second = make_live(owner), make_live(owner)
    text = page(speaker, first.pk)
    assert text.index(f'data-id="{first.pk}"') < text.index(f'data-id="{second.pk}"')


def test_recording_that_has_ended_is_read(speaker, owner):
    recording = make_recording(owner)
    response = speaker.get(reverse("record-live", args=[recording.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse("recording", args=[recording.pk]))


def test_another_s_recording_is_not_found(speaker):
    other = make_live(make_user("eve@example.org"))
    for pk in (other.pk, uuid4()):
        assert speaker.get(reverse("record-live", args=[pk])).status_code == 404


def test_titles_are_escaped(speaker, owner):
    live.start_live(owner=owner, choices=LiveChoices(title='"><script>alert(1)</script>'))
    assert "<script>alert(1)" not in page(speaker)


@override_settings(CONSENT_NOTICE=True)
def test_consent_is_asked_for_where_an_administrator_wants_it(speaker):
    assert 'id="consent" required' in page(speaker)


def test_consent_is_not_asked_for_otherwise(speaker):
    assert "consent" not in page(speaker)


@override_settings(LIVE=False)
def test_page_says_that_live_is_off(speaker):
    text = page(speaker)
    assert "switched off on this server" in text
    assert "setup-form" not in text


@override_settings(LIVE_UNFINISHED=2)
def test_unfinished_recordings_are_limited(speaker, owner):
    make_live(make_user("eve@example.org"))
    make_live(owner)
    second = make_live(owner)
    with pytest.raises(TooManyUnfinished):
        live.start_live(owner=owner, choices=LiveChoices())
    response = speaker.post("/api/v1/live/", {}, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (409, "too_many_unfinished")
    live.begin_closing(live_id=second.pk, user=owner)
    live.start_live(owner=owner, choices=LiveChoices())
