"""Captions by the API: what breaks a rule, and what comes from elsewhere."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from tests.factories import make_recording, make_transcript, make_user
from tests.transcription.api.conftest import problem, queries
from transcription.api.captions import CUE
from transcription.models import Recording, Transcript, TranscriptSegment

pytestmark = pytest.mark.django_db
SRT = "1\n00:00:01,000 --> 00:00:03,000\nGood morning,\neverybody.\n\n2\n00:00:04,000 --> 00:00:04,500\nBye.\n\n"


@pytest.fixture
def recording(owner: User) -> Recording:
    return make_recording(owner)


def bring(client: Client, recording: Recording, content: bytes | str = SRT, **fields):
    content = content if isinstance(content, bytes) else content.encode()
    data = {"file": SimpleUploadedFile("talk.srt", content)} | fields
    return client.post(f"/api/v1/recordings/{recording.pk}/captions/", data)


def report(client: Client, pk: int, query: str = ""):
    return client.get(f"/api/v1/transcripts/{pk}/captions/{query}")


def test_captions_come_from_a_file_and_go_back_into_one(client: Client, recording: Recording):
    before = make_transcript(recording)
    answer = bring(client, recording, language="en")
    body = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/transcripts/{body['id']}/")
    assert (body["version"], body["engine"], body["language"], body["is_complete"]) == (2, "import", "en", True)
    assert client.get(f"/api/v1/transcripts/{body['id']}/export/?format=srt").content.decode() == SRT
    assert Transcript.objects.filter(pk=before.pk).exists()


def test_report_names_each_rule_that_is_broken(client: Client, recording: Recording):
    made = bring(client, recording).json()["id"]
    body = report(client, made).json()
    assert (body["cues"], body["errors"], body["warnings"], body["next"]) == (2, 1, 0, None)
    first, second = body["results"]
    assert set(first) == set(CUE)
    assert (first["number"], first["start"], first["lines"], first["problems"]) == (
        1,
        1.0,
        ["Good morning,", "everybody."],
        [],
    )
    assert second["problems"] == [
        {
            "code": "too_short",
            "severity": "error",
            "measured": 0.5,
            "limit": 1.0,
            "message": "The caption is shown for 0.50 s; it needs at least 1 s.",
        }
    ]
    assert report(client, made, "?problems=true&format=vtt").json()["results"] == [second]


def test_report_comes_in_parts(client: Client, recording: Recording):
    transcript = make_transcript(recording, segments=5)
    first = report(client, transcript.pk, "?limit=2").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    numbers = [[cue["number"] for cue in part["results"]] for part in (first, second, third)]
    assert (numbers, third["next"]) == ([[1, 2], [3, 4], [5]], None)


def test_report_makes_as_many_queries_for_three_captions_as_for_one(client: Client, owner: User):
    pks = [make_transcript(make_recording(owner), segments=rows).pk for rows in (1, 3)]
    counts = [queries(client, f"/api/v1/transcripts/{pk}/captions/") for pk in pks]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query",
    [
        "?format=txt",
        "?format=exe",
        "?format=",
        "?speakers=1",
        "?problems=yes",
        "?after=-1",
        "?after=x",
        "?limit=0",
        "?limit=1001",
        "?page=2",
    ],
)
def test_report_that_cannot_be_is_refused(client: Client, recording: Recording, query: str):
    assert report(client, make_transcript(recording).pk, query).status_code == 400


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty."),
        (b"\x00\x01\x02PNG", "This file is not text. Choose a file of captions that ends in .srt or .vtt."),
        ("No captions here.", "This is not a file of SubRip or WebVTT captions."),
    ],
)
def test_wrong_file_is_refused_in_words(client: Client, recording: Recording, content, message):
    answer = bring(client, recording, content)
    assert problem(answer) == (400, "captions_unreadable")
    assert answer.json()["detail"] == message
    assert Transcript.objects.count() == 0


def test_request_that_means_nothing_is_refused(client: Client, recording: Recording):
    address = f"/api/v1/recordings/{recording.pk}/captions/"
    assert problem(client.post(address, {})) == (400, "invalid")
    assert problem(bring(client, recording, language="xx")) == (400, "invalid")
    assert problem(bring(client, recording, format="srt")) == (400, "invalid")
    assert problem(client.post(address, {"file": 1}, content_type="application/json")) == (
        415,
        "unsupported_media_type",
    )
    assert Transcript.objects.count() == 0


def test_same_key_imports_once(client: Client, recording: Recording):
    def send() -> dict:
        data = {"file": SimpleUploadedFile("talk.srt", SRT.encode())}
        address = f"/api/v1/recordings/{recording.pk}/captions/"
        return client.post(address, data, headers={"Idempotency-Key": "one"}).json()

    assert send() == send()
    assert Transcript.objects.count() == 1


def test_what_is_anothers_does_not_exist(client: Client):
    other = make_recording(make_user())
    assert problem(bring(client, other)) == (404, "not_found")
    assert problem(report(client, make_transcript(other).pk)) == (404, "not_found")


@pytest.mark.parametrize(("query", "status"), [("times=true", 200), ("times=1", 400), ("speakers=", 400)])
def test_choices_of_an_export_are_checked(client: Client, recording: Recording, query: str, status: int):
    address = f"/api/v1/transcripts/{make_transcript(recording).pk}/export/"
    assert client.get(f"{address}?format=txt&{query}").status_code == status
    assert problem(client.get(f"{address}?format=srt&times=true")) == (400, "invalid")


def test_export_with_times(client: Client, recording: Recording):
    address = f"/api/v1/transcripts/{make_transcript(recording, segments=1, words=2).pk}/export/?format=txt"
    assert client.get(address).content == b"word0.0 word0.1\n"
    assert client.get(f"{address}&times=true").content == b"[00:00:00] word0.0 word0.1\n"


def test_export_that_the_format_cannot_show_is_a_conflict(client: Client, recording: Recording):
    transcript = make_transcript(recording)
    TranscriptSegment.objects.filter(index=0).update(text="𓀀", words=[])
    answer = client.get(f"/api/v1/transcripts/{transcript.pk}/export/?format=pdf")
    assert problem(answer) == (409, "cannot_export")
