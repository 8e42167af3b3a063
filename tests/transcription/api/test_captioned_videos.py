"""Videos with captions by the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_media, make_recording, make_transcript, make_user
from tests.transcription.api.conftest import JSON, problem
from transcription.api.captioned_videos import EXAMPLE
from transcription.models import CaptionedVideo, Recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(owner: User, tmp_path: Path) -> Recording:
    recording = make_media(owner, folder=tmp_path)
    make_transcript(recording)
    return recording


def url(recording: Recording, rest: str = "") -> str:
    return f"/api/v1/recordings/{recording.pk}/captioned-video/{rest}"


def finish(recording: Recording) -> None:
    video = CaptionedVideo.objects.get(recording=recording)
    name = video.file.storage.save("made.mp4", recording.media.open())
    CaptionedVideo.objects.update(state="done", file=name, size=recording.size)


def test_video_is_wished_for_followed_fetched_and_deleted(client: Client, talk: Recording):
    assert problem(client.get(url(talk))) == (404, "not_found")
    made = client.post(url(talk), {"speakers": False}, content_type=JSON)
    assert (made.status_code, made["Location"], set(made.json())) == (201, url(talk), set(EXAMPLE))
    assert (made.json()["state"], made.json()["speakers"], made.json()["file"]) == ("queued", False, None)
    assert problem(client.get(url(talk, "file/"))) == (404, "not_found")
    assert problem(client.post(url(talk), {}, content_type=JSON)) == (409, "already_running")
    finish(talk)
    body: dict[str, Any] = client.get(url(talk)).json()
    assert (body["state"], body["file"], body["size"]) == ("done", url(talk, "file/"), talk.size)
    file = client.get(body["file"], headers={"Range": "bytes=0-3"})
    assert (file.status_code, file.content, file["Content-Type"]) == (206, b"fLaC", "video/mp4")
    assert file["Content-Disposition"] == 'attachment; filename="LJ001-0001.mp4"'
    assert client.delete(url(talk)).status_code == 204
    assert problem(client.get(url(talk))) == (404, "not_found")
    assert problem(client.delete(url(talk))) == (404, "not_found")


def test_making_is_cancelled(client: Client, talk: Recording):
    client.post(url(talk), {}, content_type=JSON)
    answer = client.post(url(talk, "cancel/"))
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert problem(client.post(url(talk, "cancel/"))) == (409, "wrong_state")


@pytest.mark.parametrize("body", ['{"speakers": 1}', '{"speakers": null}', '{"size": 3}', "[]"])
def test_choices_that_mean_nothing_are_refused(client: Client, talk: Recording, body: str):
    assert client.post(url(talk), body, content_type=JSON).status_code == 400
    assert CaptionedVideo.objects.count() == 0


def test_failure_is_told(client: Client, talk: Recording):
    client.post(url(talk), {}, content_type=JSON)
    CaptionedVideo.objects.update(state="failed", error_code="media_unreadable", error_message="Damaged.")
    assert client.get(url(talk)).json()["error"] == {"code": "media_unreadable", "message": "Damaged."}


def test_recording_without_sound_gets_none(client: Client, owner: User):
    recording = make_recording(owner)
    make_transcript(recording)
    assert problem(client.post(url(recording), {}, content_type=JSON)) == (409, "wrong_state")


def test_what_is_anothers_does_not_exist(client: Client):
    other = make_recording(make_user())
    CaptionedVideo.objects.create(recording=other)
    for method, rest in (("get", ""), ("post", ""), ("delete", ""), ("post", "cancel/"), ("get", "file/")):
        assert problem(getattr(client, method)(url(other, rest))) == (404, "not_found")
