"""Corrections of captions that were made elsewhere: their lines."""

from __future__ import annotations

import pytest

from tests.factories import make_recording
from tests.transcription.services.editing.rows import by, revision_of, shown
from transcription.editing.replacing import Search
from transcription.models import Transcript
from transcription.services import caption_imports, editing, exports, replacements, speakers, undoing

pytestmark = pytest.mark.django_db
SRT = """1
00:00:01,000 --> 00:00:03,000
- Are you comming?
- Yes.

2
00:00:04,000 --> 00:00:05,000
A line that is longer than what anybody reads at once

"""


@pytest.fixture
def transcript() -> Transcript:
    return caption_imports.import_captions(recording=make_recording(), content=SRT.encode(), language="en")


@pytest.fixture
def ada(transcript):
    return transcript.recording.owner


def exported(transcript: Transcript) -> str:
    return exports.export_transcript(transcript=transcript, format="srt").content.decode()


def lines(transcript: Transcript, number: int) -> list[str]:
    return exported(transcript).split("\n\n")[number].splitlines()[2:]


def test_mended_caption_keeps_its_lines(transcript, ada):
    text = "- Are you coming? - Yes."
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text=text)
    assert shown(transcript)[0] == (0, "- Are you coming?\n- Yes.")
    assert exported(transcript) == SRT.replace("comming", "coming")


def test_text_as_the_page_sends_it_is_no_edit(transcript, ada):
    text = "- Are you comming? - Yes."
    assert editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text=text) is None


def test_lines_that_are_sent_are_kept(transcript, ada):
    text = " A line that \r\n\n is  shorter "
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text=text)
    assert lines(transcript, 1) == ["A line that", "is shorter"]


def test_halves_keep_the_lines_that_are_sent(transcript, ada):
    text = "A line\nthat is longer than what\nanybody reads at once"
    editing.split_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text=text, at=21)
    assert (lines(transcript, 1), lines(transcript, 2)) == (
        ["A line", "that is longer"],
        ["than what", "anybody reads at once"],
    )


def test_replacing_keeps_lines(transcript, ada):
    revisions = {0: revision_of(transcript, 0)}
    replacements.replace_everywhere(
        transcript_id=transcript.pk, by=by(ada), search=Search("comming"), replacement="coming", revisions=revisions
    )
    assert lines(transcript, 0) == ["- Are you coming?", "- Yes."]


def test_corrected_line_that_is_too_long_is_broken(transcript, ada):
    assert lines(transcript, 1) == ["A line that is longer than what anybody reads at once"]
    text = "A line that is longer than what anybody can read at once"
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text=text)
    assert lines(transcript, 1) == ["A line that is longer", "than what anybody can read at once"]
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert exported(transcript) == SRT


def test_joined_captions_are_broken_where_they_are_too_long(transcript, ada):
    editing.merge_up(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)
    assert lines(transcript, 0) == [
        "- Are you comming? - Yes. A line that is",
        "longer than what anybody reads at once",
    ]


def test_another_speaker_breaks_no_line(transcript, ada):
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[1], name="Ada")
    assert lines(transcript, 1) == ["Ada: A line that is longer than what anybody reads at once"]
