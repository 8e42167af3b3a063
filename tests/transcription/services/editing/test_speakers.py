"""Speakers: chosen, renamed, joined."""

from __future__ import annotations

import pytest

from tests.transcription.services.editing.rows import by, who
from transcription.errors import BadRequest, WrongState
from transcription.services import speakers, undoing

pytestmark = pytest.mark.django_db


def test_speakers_are_chosen_renamed_and_joined(transcript, ada):
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0, 1], name="Ada")
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[2], name="Grace")
    assert who(transcript) == ["Ada", "Ada", "Grace"]

    speakers.rename_speaker(transcript_id=transcript.pk, by=by(ada), number=1, name="Ada Lovelace")
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[1], name="grace")
    assert who(transcript) == ["Ada Lovelace", "Grace", "Grace"]
    with pytest.raises(WrongState, match="Another speaker"):
        speakers.rename_speaker(transcript_id=transcript.pk, by=by(ada), number=2, name="ada lovelace")

    speakers.merge_speakers(transcript_id=transcript.pk, by=by(ada), number=2, into=1)
    assert who(transcript) == ["Ada Lovelace"] * 3
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert who(transcript) == ["Ada Lovelace", "Grace", "Grace"]


def test_speaker_without_a_name_has_a_number(transcript, ada):
    with pytest.raises(BadRequest, match="give the speaker a name"):
        speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], name=" \n")
    with pytest.raises(WrongState, match="no longer there"):
        speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], number=4)
