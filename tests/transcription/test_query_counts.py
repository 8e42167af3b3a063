"""Addresses make as many queries for many rows as for few. ``manage.py benchmark pages`` asks for very many rows.

The library of waiting jobs, and the recording's page, are counted in the tests of their views.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_job, make_recording, make_transcript, make_user
from transcription.enums import JobState, RecordingState
from transcription.models import Job, Recording, Upload
from transcription.services import recordings
from transcription.speech.captions import FORMATS
from transcription.views import recording as recording_views

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.owner = make_user()
    client.force_login(client.owner)
    return client


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as made:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(made)


def add_rows(client: Client) -> None:
    """One recording in each state that a row can show."""
    make_job(make_recording(client.owner))
    done = make_job(make_recording(client.owner))
    transcript = make_transcript(done.recording)
    Job.objects.filter(pk=done.pk).update(state=JobState.DONE, transcript=transcript)
    failed = make_job(make_recording(client.owner))
    Job.objects.filter(pk=failed.pk).update(state=JobState.FAILED)
    arriving = make_recording(client.owner, state=RecordingState.UPLOADING)
    Upload.objects.create(recording=arriving, length=1000, offset=10, expires_at=timezone.now())
    make_recording(client.owner)


@pytest.mark.parametrize("name", ["library", "trash", "recordings-status"])
def test_lists_make_as_many_queries_for_three_times_the_rows(client, name):
    counts = []
    for _ in range(2):
        add_rows(client)
        if name == "trash":
            Recording.objects.update(deleted_at=timezone.now())
        asked = "&".join(f"row={key}:old" for key in Recording.objects.values_list("id", flat=True))
        counts.append(queries(client, f"{reverse(name)}?{asked}"))
        add_rows(client)
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "address",
    [
        "status/?shown=done",
        "segments/?from=0&until=200",
        "segments/?after=0",
        "waveform/",
        *(f"export/{name}/" for name in FORMATS),
    ],
)
def test_recording_makes_as_many_queries_for_three_parts_as_for_one(client, address, monkeypatch):
    monkeypatch.setattr(recording_views, "SEGMENTS_A_PAGE", 10)
    counts = []
    for parts in (1, 3):
        recording = make_job(make_recording(client.owner)).recording
        make_transcript(recording, segments=parts * 10)
        recordings.save_waveform(recording_id=recording.pk, peaks=bytes(100 * parts), seconds=60.0)
        counts.append(queries(client, reverse("recording", args=[recording.pk]) + address))
    assert counts[0] == counts[1]
