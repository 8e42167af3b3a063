"""Pages that belong to another lead back to it, all in the same form."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_recording, make_transcript
from transcription.models import Webhook

pytestmark = pytest.mark.django_db

BACK = re.compile(r'<a class="back-link" href="([^"]+)"><svg.+?</svg><span>(.+?)</span></a>')


@pytest.mark.parametrize(
    ("name", "to", "words"),
    [
        ("webhooks", "accounts:profile", "Back to your profile"),
        ("vocabulary", "accounts:profile", "Back to your profile"),
        ("tags", "library", "Back to the library"),
        ("trash", "library", "Back to the library"),
        ("account-delete", "storage", "Back to storage and data"),
    ],
)
def test_page_of_a_person_leads_back(client_of_owner, name, to, words):
    page = client_of_owner.get(reverse(name)).content.decode()
    assert BACK.findall(page) == [(reverse(to), words)]


@pytest.mark.parametrize(
    ("name", "to", "words"),
    [
        ("versions", "recording", "Back to the transcript"),
        ("recording-terms", "recording", "Back to the transcript"),
        ("compare", "versions", "Back to the versions"),
        ("captions", "recording", "Back to “<bdi>שלום</bdi>”"),
        ("sharing", "recording", "Back to “<bdi>שלום</bdi>”"),
    ],
)
def test_page_of_a_recording_leads_back(client_of_owner, owner, name, to, words):
    recording = make_recording(owner, title="שלום")
    make_transcript(recording)
    page = client_of_owner.get(reverse(name, args=[recording.pk])).content.decode()
    assert BACK.findall(page) == [(reverse(to, args=[recording.pk]), words)]


def test_page_of_a_webhook_leads_back_to_all(client_of_owner, owner):
    told = Webhook.objects.create(user=owner, url="https://notes.invalid/", events=["transcript.completed"])
    page = client_of_owner.get(reverse("webhook", args=[told.pk])).content.decode()
    assert BACK.findall(page) == [(reverse("webhooks"), "Back to all webhooks")]


def test_forgotten_password_leads_back_to_signing_in(client):
    page = client.get(reverse("accounts:reset")).content.decode()
    assert BACK.findall(page) == [(reverse("accounts:sign-in"), "Back to sign-in")]
