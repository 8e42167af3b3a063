"""Captions from elsewhere as versions of a transcript."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.factories import make_job, make_recording, make_transcript
from transcription.enums import RecordingState
from transcription.errors import BadCaptions, WrongState
from transcription.models import Recording, Transcript
from transcription.services import attempts, caption_imports, exports, transcripts

pytestmark = pytest.mark.django_db
SRT = b"1\n00:00:01,000 --> 00:00:03,000\nGood morning,\neverybody.\n\n2\n00:00:04,000 --> 00:00:05,000\nBye.\n\n"


def test_file_becomes_the_version_that_is_shown():
    recording = make_recording()
    before = make_transcript(recording, language="de")
    made = caption_imports.import_captions(recording=recording, content=SRT)
    assert (made.version, made.engine, made.model, made.language, made.position, made.is_complete) == (
        2,
        "import",
        "",
        "de",
        60.0,
        True,
    )
    rows = made.segments.order_by("index").values_list("index", "start", "end", "text", "language", "words")
    assert list(rows) == [
        (0, 1.0, 3.0, "Good morning,\neverybody.", "de", []),
        (1, 4.0, 5.0, "Bye.", "de", []),
    ]
    assert transcripts.newest_transcript(recording=recording) == made
    assert exports.export_transcript(transcript=made, format="srt").content == SRT
    assert before.segments.count() == 3


def test_speakers_of_webvtt_are_kept_and_edited_as_others_are():
    names = ["Ann", "Bo & Co", "Ann", ""]
    cues = "".join(
        f"00:00:0{n}.000 --> 00:00:0{n}.900\n" + (f"<v {name.replace('&', '&amp;')}>" if name else "") + "Words\n\n"
        for n, name in enumerate(names)
    )
    recording = make_recording()
    made = caption_imports.import_captions(recording=recording, content=f"WEBVTT\n\n{cues}".encode())
    assert list(made.speakers.order_by("number").values_list("number", "name")) == [(1, "Ann"), (2, "Bo & Co")]
    assert list(made.segments.in_order().values_list("speaker", flat=True)) == [1, 2, 1, None]
    again = exports.export_transcript(transcript=made, format="vtt").content.decode()
    assert [line for line in again.splitlines() if "Words" in line] == [
        "<v Ann>Words",
        "<v Bo &amp; Co>Words",
        "<v Ann>Words",
        "Words",
    ]
    many = "".join(f"00:00:01.000 --> 00:00:02.000\n<v Person {n}>x\n\n" for n in range(101))
    with pytest.raises(BadCaptions, match="more than 100 speakers"):
        caption_imports.import_captions(recording=recording, content=f"WEBVTT\n\n{many}".encode())


def test_import_is_shown_even_if_another_version_was_chosen():
    recording = make_recording(shown_version=1)
    make_transcript(recording)
    made = caption_imports.import_captions(recording=recording, content=SRT)
    assert transcripts.newest_transcript(recording=Recording.objects.get()) == made


def test_first_version_may_be_an_import():
    recording = make_recording(duration=None)
    made = caption_imports.import_captions(recording=recording, content=SRT, language="fr")
    assert (made.version, made.language, made.position) == (1, "fr", 5.0)


def test_wrong_file_changes_nothing():
    recording = make_recording()
    with pytest.raises(BadCaptions) as raised:
        caption_imports.import_captions(recording=recording, content=b"\x89PNG\x00\x01")
    assert raised.value.message == "This file is not text. Choose a file of captions that ends in .srt or .vtt."
    with pytest.raises(BadCaptions, match="after the end of the recording"):
        caption_imports.import_captions(recording=make_recording(duration=0.5), content=SRT.replace(b"05,0", b"09,0"))
    assert Transcript.objects.count() == 0


@pytest.mark.parametrize("fields", [{"state": RecordingState.UPLOADING}, {"deleted_at": timezone.now()}])
def test_recording_that_is_not_there_takes_none(fields):
    recording = make_recording()
    Recording.objects.update(**fields)
    with pytest.raises(WrongState):
        caption_imports.import_captions(recording=recording, content=SRT)
    assert Transcript.objects.count() == 0


def test_import_while_a_job_is_running_stays_shown():
    job = make_job(make_recording())
    running = attempts.claim_job(job_id=job.pk, worker="w")
    made = caption_imports.import_captions(recording=job.recording, content=SRT)
    attempts.start_transcribing(job=running)
    attempts.finish_job(job=running, duration=60.0)
    assert transcripts.newest_transcript(recording=job.recording) == made
