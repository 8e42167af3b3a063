"""The page of captions: what it shows, what it takes, and the video that is made there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.factories import make_media, make_recording, make_transcript, make_user
from transcription.models import CaptionedVideo, Transcript, TranscriptSegment
from transcription.views import captions as captions_views

pytestmark = pytest.mark.django_db
SRT = b"1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n\n"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def page(client: Client, recording, **query: str) -> str:
    answer = client.get(reverse("captions", args=[recording.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def cues(content: str) -> int:
    return len(re.findall(r'<li class="cue[^"]*" id="c[0-9]+">', content))


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def bring(client: Client, recording, content: bytes):
    file = SimpleUploadedFile("talk.srt", content)
    return client.post(reverse("captions-import", args=[recording.pk]), {"file": file})


def test_captions_are_listed_with_their_problems(client_of_owner, recording):
    make_transcript(recording, segments=2)
    TranscriptSegment.objects.filter(index=1).update(text="<b>word</b> " * 20, words=[])
    content = page(client_of_owner, recording)
    assert cues(content) == 4
    assert f'/recordings/{recording.pk}/#t=0.00"' in content
    assert "&lt;b&gt;word&lt;/b&gt;" in content
    assert "<b>word" not in content
    assert "characters a second is too fast to read; at most 20." in content
    problems = page(client_of_owner, recording, show="problems", format="vtt")
    assert (problems.count('<li class="cue cue-bad"'), cues(problems)) == (3, 4)


def test_numbers_of_problems_are_written_in_the_readers_language(client_of_owner, owner, recording):
    make_transcript(recording, segments=1)
    TranscriptSegment.objects.update(text="word " * 20, words=[], end=3.0)
    User.objects.filter(pk=owner.pk).update(language="de")
    assert "34,1 Zeichen je Sekunde sind zu schnell zu lesen; höchstens 20." in page(client_of_owner, recording)


def test_captions_have_the_direction_of_their_language(client_of_owner, recording):
    make_transcript(recording, segments=2, words=1)
    TranscriptSegment.objects.filter(index=0).update(text="ABC نتحدث", words=[], language="ar")
    content = page(client_of_owner, recording, format="srt")
    assert '<span class="cue-text" dir="rtl" lang="ar">ABC نتحدث</span>' in content
    assert '<span class="cue-text" dir="auto" lang="en">word1.0</span>' in content


def test_page_of_many_captions_is_cut(client_of_owner, recording, monkeypatch):
    monkeypatch.setattr(captions_views, "CUES_A_PAGE", 2)
    make_transcript(recording, segments=5)
    assert [cues(page(client_of_owner, recording, page=n)) for n in ("1", "2", "3", "x")] == [
        2,
        2,
        1,
        2,
    ]
    assert 'rel="next" href="?format=ass&amp;page=2"' in page(client_of_owner, recording, format="ass")


def test_page_makes_as_many_queries_for_three_captions_as_for_one(client_of_owner, owner):
    counts = []
    for segments in (1, 3):
        recording = make_recording(owner)
        make_transcript(recording, segments=segments)
        with CaptureQueriesContext(connection) as made:
            page(client_of_owner, recording)
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_page_says_when_there_is_nothing_to_show(client_of_owner, recording):
    assert "This recording has no transcript yet." in page(client_of_owner, recording)
    make_transcript(recording, segments=0)
    assert "There is no text yet" in page(client_of_owner, recording)
    make_transcript(recording, segments=1, version=2)
    assert "All captions keep the rules." in page(client_of_owner, recording, show="problems")


def test_import_leads_to_the_new_version(client_of_owner, recording):
    make_transcript(recording)
    answer = bring(client_of_owner, recording, SRT)
    assert answer["Location"] == reverse("recording", args=[recording.pk])
    assert said(answer) == ["1 captions were imported as version 2."]
    assert "Good morning." in client_of_owner.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty."),
        (b"Once upon a time.", "This is not a file of SubRip or WebVTT captions."),
        (b"x" * (8 * 2**20 + 1), "This file is too large to be one of captions."),
    ],
)
def test_wrong_file_is_told_what_is_wrong(client_of_owner, recording, content, message):
    answer = bring(client_of_owner, recording, content)
    assert (answer["Location"], said(answer)) == (reverse("captions", args=[recording.pk]), [message])
    assert Transcript.objects.count() == 0


def test_import_without_a_file_says_so(client_of_owner, recording):
    answer = client_of_owner.post(reverse("captions-import", args=[recording.pk]))
    assert said(answer) == ["Choose a file of captions."]


def test_export_by_the_form_takes_only_what_the_format_has(client_of_owner, recording):
    make_transcript(recording, segments=1, words=1)
    address = reverse("export-chosen", args=[recording.pk])
    assert client_of_owner.get(address, {"format": "txt", "times": "on"}).content == b"[00:00:00] word0.0\n"
    assert client_of_owner.get(address, {"format": "txt"}).content == b"word0.0\n"
    assert client_of_owner.get(address, {"format": "srt", "times": "on"}).status_code == 200
    assert client_of_owner.get(address, {"format": "exe"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"), [({"times": "true"}, 200), ({"times": "1"}, 404), ({"speakers": "x"}, 404)]
)
def test_choices_in_the_address_are_checked(client_of_owner, recording, query, status):
    make_transcript(recording)
    assert client_of_owner.get(reverse("export", args=[recording.pk, "txt"]), query).status_code == status
    assert client_of_owner.get(reverse("export", args=[recording.pk, "srt"]), {"times": "true"}).status_code == 404


def test_export_that_the_format_cannot_show_is_said(client_of_owner, recording):
    make_transcript(recording)
    TranscriptSegment.objects.filter(index=0).update(text="𓀀", words=[])
    answer = client_of_owner.get(reverse("export", args=[recording.pk, "pdf"]))
    assert answer["Location"] == reverse("recording", args=[recording.pk])
    assert "no font" in said(answer)[0]


def test_video_is_made_cancelled_fetched_and_deleted(client_of_owner, owner, tmp_path):
    talk = make_media(owner, folder=tmp_path)
    make_transcript(talk)

    def post(name: str, **data: str):
        return client_of_owner.post(
            reverse(name, args=[talk.pk]), data, headers={"HX-Request": "true"}
        ).content.decode()

    assert "Make the video" in page(client_of_owner, talk)
    made = post("captioned-video-create", speakers="on")
    assert ("Waiting for a worker" in made, 'hx-trigger="every 2s"' in made) == (True, True)
    assert "is being made of this recording already" in post("captioned-video-create")
    assert "The making of the video was cancelled." in post("captioned-video-cancel")
    CaptionedVideo.objects.update(state="done", file=talk.media.name, size=2048)
    panel = client_of_owner.get(reverse("captioned-video", args=[talk.pk])).content.decode()
    assert ("MP4, 2.0" in panel, "hx-trigger" in panel) == (True, False)
    file = client_of_owner.get(reverse("captioned-video-file", args=[talk.pk]), headers={"Range": "bytes=0-3"})
    assert (file.status_code, file.content) == (206, b"fLaC")
    assert "Make the video" in post("captioned-video-delete")
    assert CaptionedVideo.objects.count() == 0


def test_what_is_anothers_does_not_exist(client_of_owner, tmp_path):
    other = make_media(make_user(), folder=tmp_path)
    make_transcript(other)
    CaptionedVideo.objects.create(recording=other)
    for name in ("captions", "captioned-video", "captioned-video-file", "export-chosen"):
        assert client_of_owner.get(reverse(name, args=[other.pk])).status_code == 404
    for name in ("captions-import", "captioned-video-create", "captioned-video-cancel", "captioned-video-delete"):
        assert client_of_owner.post(reverse(name, args=[other.pk])).status_code == 404
        assert Client().post(reverse(name, args=[other.pk])).status_code == 302
