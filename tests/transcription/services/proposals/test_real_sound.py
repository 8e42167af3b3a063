"""What a real model proposes."""

from __future__ import annotations

import pytest

from tests.factories import DATA, make_media, make_transcript
from transcription.models import Proposal
from transcription.services import (
    proposals,
    proposing,
)
from transcription.services.edits import By
from transcription.speech.metrics import word_errors

pytestmark = pytest.mark.django_db
LJ = (
    "Printing, in the only sense with which we are at present concerned, differs from most if not from all the arts and"
    " crafts represented in the Exhibition"
)


@pytest.mark.model
def test_real_model_hears_what_was_said(tmp_path, settings):
    """The middle of a recording whose text is wrong there, with silence and another reading before it."""
    settings.ENGINE = "faster-whisper"
    recording = make_media(source=DATA / "LJ001-0001.flac", folder=tmp_path)
    transcript = make_transcript(recording, segments=1)
    duration = recording.duration
    wrong = "Printing in the lonely sense with witch we are"
    transcript.segments.update(text=wrong, words=[], start=0.0, end=round(duration, 2), doubt="unsure")
    made = proposals.request_proposal(transcript_id=transcript.pk, user=recording.owner, first=0, model="base")
    proposing.make_proposal(proposal_id=made.pk)
    (found,) = proposals.compare_proposals(transcript=transcript, rows=[Proposal.objects.get()])
    assert (found.state, found.proposal.error_message) == ("ready", "")
    assert word_errors(LJ, found.text).rate <= 0.05
    proposals.accept_proposal(proposal=made, by=By(recording.owner), revision=0)
    row = transcript.segments.get()
    times = [time for word in row.words for time in word[:2]]
    assert (row.text, row.doubt, times) == (found.text, "", sorted(times))
    assert 0 <= times[0] < times[-1] <= duration + 0.1
