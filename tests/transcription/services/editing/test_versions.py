"""States and versions."""

from __future__ import annotations

import random

import pytest

from tests.factories import make_recording, make_transcript
from tests.transcription.services.editing.rows import by, shown
from transcription.errors import BadRequest, WrongState
from transcription.services import editing, edits, transcripts, versions

pytestmark = pytest.mark.django_db


def test_earlier_state_is_compared_and_brought_back(transcript, ada):
    original = edits.segment_rows(transcript)
    editing.change_text(
        transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="word0.0 new word0.2 word0.3 word0.4"
    )
    transcript.refresh_from_db()
    named = versions.name_revision(transcript=transcript, user=ada, name=" Proofread ")
    editing.merge_up(transcript_id=transcript.pk, by=by(ada), index=2, revision=0)
    assert (named.name, named.revision) == ("Proofread", 1)

    transcript.refresh_from_db()
    difference = versions.compare_states(old=(transcript, 0), new=(transcript, transcript.revision))
    assert [(run.kind, run.text) for run in difference.runs[:4]] == [
        ("same", "word0.0"),
        ("removed", "word0.1"),
        ("added", "new"),
        ("same", " ".join(f"word{n // 5}.{n % 5}" for n in range(2, 15))),
    ]

    versions.restore(transcript_id=transcript.pk, by=by(ada), revision=0)
    assert edits.segment_rows(transcript) == original
    versions.restore(transcript_id=transcript.pk, by=by(ada), revision=named.revision)
    assert shown(transcript)[0] == (0, "word0.0 new word0.2 word0.3 word0.4")
    with pytest.raises(BadRequest, match="no such revision"):
        versions.restore(transcript_id=transcript.pk, by=by(ada), revision=99)


def test_chosen_version_is_shown_until_another_is_made(transcript):
    recording = transcript.recording
    newer = make_transcript(recording, version=2)
    assert transcripts.newest_transcript(recording=recording) == newer
    versions.show_version(recording=recording, version=1)
    assert transcripts.newest_transcript(recording=recording) == transcript
    with pytest.raises(WrongState):
        versions.show_version(recording=recording, version=3)


def test_comparison_of_long_texts_is_exact_and_quick():
    draw = random.Random(1)
    recording = make_recording()
    old = make_transcript(recording, segments=1500, words=20)
    new = make_transcript(recording, segments=1500, words=20, version=2)
    for index in draw.sample(range(1500), 15):
        editing.change_text(
            transcript_id=new.pk, by=by(recording.owner), index=index, revision=0,
            text=new.segments.get(index=index).text.replace(f"word{index}.7", "seven"),
        )  # fmt: skip
    new.refresh_from_db()
    difference = versions.compare_states(old=(old, 0), new=(new, new.revision))
    assert (difference.added, difference.removed) == (15, 15)
