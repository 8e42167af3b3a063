"""Recordings in German: pages, what workers wrote down, the API, mails, and text in every script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.services import keys
from tests.factories import add_finals, make_job, make_live, make_recording, make_transcript, make_user
from transcription import tasks
from transcription.enums import JobState, RecordingState
from transcription.models import Job, Recording, TranscriptSegment, Upload
from transcription.services import attempts, events, links
from transcription.speech.errors import NoAudioTrack
from transcription.views import status

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de"}


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def reader() -> User:
    return make_user(language="de")


@pytest.fixture
def as_reader(reader: User) -> Client:
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(answer: HttpResponse) -> str:
    """What the page shows, tags left out."""
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# Pages ---------------------------------------------------------------------------------------------------------------


def test_library_is_german(as_reader: Client, reader: User) -> None:
    failed = make_job(make_recording(reader))
    Job.objects.filter(pk=failed.pk).update(state=JobState.FAILED, error_message=NoAudioTrack.message)
    make_job(make_recording(reader))
    arriving = make_recording(reader, state=RecordingState.UPLOADING)
    Upload.objects.create(recording=arriving, length=3 * 2**20, offset=2**20, expires_at=timezone.now())
    Recording.objects.filter(pk=arriving.pk).update(created_at=datetime(2026, 3, 5, 14, 3, tzinfo=UTC))
    page = words(as_reader.get("/"))
    shown = [
        "Bibliothek",
        "Diese Datei hat keine Tonspur.",
        "Wird hochgeladen, 33 %",
        "1,0\u00a0MB von 3,0\u00a0MB",
        "als Nächstes an der Reihe",
        "Einfacher Text",
        "05.03.2026, 14:03",
    ]
    shown = [word.replace("\u00a0", " ") for word in shown]
    assert [word for word in shown if word not in page.replace("\u00a0", " ")] == []


def test_page_of_a_recording_is_german_and_its_numbers_stay_numbers(as_reader: Client, reader: User) -> None:
    recording = make_recording(reader, duration=63.25, media="somewhere")
    make_transcript(recording)
    answer = as_reader.get(f"/recordings/{recording.pk}/")
    page = answer.content.decode()
    assert [word for word in ("Tastenkürzel", "Sprache: Englisch", "Mitlaufen") if word not in words(answer)] == []
    assert 'data-duration="63.250"' in page
    assert 'data-start="4.00"' in page
    assert '<div class="transcript" id="transcript" lang="en"' in page
    assert page.count('class="seg-time numbers" href="#t=0.00" lang="de"') == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("trash", "Papierkorb"),
        ("record", "Aufnehmen"),
        ("webhooks", "Wer benachrichtigt wird"),
        ("api", "Ihrem Profil"),
    ],
)
def test_other_pages_are_german(as_reader: Client, name: str, shown: str) -> None:
    assert shown in words(as_reader.get(reverse(name)))


def test_page_of_a_link_follows_the_browser_of_the_audience(reader: User) -> None:
    live = make_live(reader)
    add_finals(live, 1)
    _, token = links.create_link(recording=live.recording, user=reader)
    address = reverse("watch-link", args=[token])
    pages = [Client().get(address, headers={"Accept-Language": asked}) for asked in ("de", "fr")]
    assert ["Live-Untertitel" in words(page) for page in pages] == [True, False]
    assert [dict(page.cookies) for page in pages] == [{}, {}]


def test_status_for_administrators_is_german() -> None:
    administrator = make_user(admin=True, language="de")
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    page = words(client.get(reverse("admin-status")))
    assert [word for word in ("Warteschlange", "Festplatte", "Kein Worker läuft.") if word not in page] == []
    make_job()
    page = words(client.get("/admin/transcription/job/"))
    assert [word for word in ("Auftrag", "Fortschritt", "Eingereiht am") if word not in page] == []


def test_language_of_a_person_costs_no_query(as_reader: Client, reader: User) -> None:
    counts = []
    for language in ("de", ""):
        User.objects.filter(pk=reader.pk).update(language=language)
        with CaptureQueriesContext(connection) as made:
            as_reader.get("/")
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_whoever_has_no_session_is_not_looked_up(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/nowhere/", headers=GERMAN).status_code == 404


# Numbers and words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (30, "less than a minute left", "noch weniger als eine Minute"),
        (600, "about 10 min left", "noch etwa 10 min"),
        (5400, "about 1.5 hours left", "noch etwa 1,5 Stunden"),
        (7200, "about 2 hours left", "noch etwa 2 Stunden"),
    ],
)
def test_time_left_in_words(seconds: float, english: str, german: str) -> None:
    said = []
    for language in ("en", "de"):
        with translation.override(language):
            said.append(status._time_left(seconds))
    assert said == [english, german]


# What is stored, and what is sent ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_writes_down_is_english_on_a_german_server(reader: User, settings, monkeypatch) -> None:
    job = make_job(make_recording(reader))
    claimed = attempts.claim_job(job_id=job.pk, worker="test")

    def fail(**_: object) -> None:
        attempts.fail_job(job=claimed, code="test", message=translation.gettext("The sound could not be decoded."))

    monkeypatch.setattr(tasks.events, "mail_owner", fail)
    with translation.override("de"):
        tasks.mail_owner(job_id=job.pk)
    job.refresh_from_db()
    assert job.error_message == "The sound could not be decoded."


def test_mail_about_a_job_is_in_the_language_of_its_owner(reader: User) -> None:
    job = make_job(make_recording(reader, title="Vortrag"))
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error_message=NoAudioTrack.message)
    events.mail_owner(job_id=job.pk)
    [sent] = mail.outbox
    assert sent.subject == "Nicht transkribiert: Vortrag"
    assert sent.body.startswith("„Vortrag“ konnte nicht transkribiert werden.\n\nDiese Datei hat keine Tonspur.\n")


def test_errors_of_the_api_follow_the_program_and_keep_their_code(owner: User) -> None:
    _, key = keys.create_key(user=owner, name="test", scopes=["read", "write"])
    asked = {"Authorization": f"Bearer {key}"}
    address = "/api/v1/recordings/?limit=0"
    answers = [Client().get(address, headers=asked | {"Accept-Language": language}).json() for language in ("en", "de")]
    assert [answer["code"] for answer in answers] == ["bad_request", "bad_request"]
    assert [answer["detail"].split()[1:3] for answer in answers] == [["must", "be"], ["muss", "eine"]]


def test_error_of_a_recording_is_in_the_language_of_whoever_asks(as_reader: Client, reader: User) -> None:
    recording = make_recording(reader, state=RecordingState.FAILED)
    Recording.objects.filter(pk=recording.pk).update(error_code="no_audio", error_message=NoAudioTrack.message)
    answer = as_reader.get(f"/api/v1/recordings/{recording.pk}/", headers={"Accept-Language": "en"}).json()
    assert answer["error"] == {"code": "no_audio", "message": "Diese Datei hat keine Tonspur."}


def test_description_of_the_api_stays_english(as_reader: Client) -> None:
    english, german = (client.get("/api/v1/schema/").content for client in (Client(), as_reader))
    assert english == german


# Text in every script ------------------------------------------------------------------------------------------------


def test_titles_and_passages_have_their_own_direction(as_reader: Client, reader: User) -> None:
    recording = make_recording(reader, title="مقدمة في الفيزياء")
    transcript = make_transcript(recording, segments=1, language="ar")
    TranscriptSegment.objects.filter(transcript=transcript).update(language="ar", text="مرحبا بكم", words=[])
    page = as_reader.get(f"/recordings/{recording.pk}/").content.decode()
    assert f'<h1 class="recording-title" dir="auto" title="{recording.title}">{recording.title}</h1>' in page
    assert 'id="transcript" lang="ar"' in page
    assert '<p class="seg-text" dir="auto"><span data-start="0.00">مرحبا بكم</span></p' in page
    assert f'<a class="row-title" dir="auto" href="/recordings/{recording.pk}/">{recording.title}</a>' in (
        as_reader.get("/").content.decode()
    )
