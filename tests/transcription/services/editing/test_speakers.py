"""Speakers: chosen, renamed, joined."""

from __future__ import annotations

import pytest

from tests.factories import make_transcript
from tests.transcription.services.editing.rows import by, who
from transcription.errors import BadRequest, EditConflict, WrongState
from transcription.services import editing, speakers, undoing

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


def test_whole_turns_are_chosen_in_the_order_of_the_text(ada):
    transcript = make_transcript(segments=8)

    def assign(**who):
        return speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), **who)

    first = transcript.segments.get(index=0)
    editing.split_passage(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text=first.text, at=8)
    assign(indexes=[2, 3, 6], name="Ada")
    assert who(transcript) == ["", "", "", "Ada", "Ada", "", "", "Ada", ""]
    assign(indexes=[8], turn=True, name="Grace")  # made by splitting: the second in the text
    assert who(transcript) == ["", "Grace", "Grace", "Ada", "Ada", "", "", "Ada", ""]
    assign(indexes=[3], turn=True, name="Radia")
    assert who(transcript) == ["", "Grace", "Grace", "Radia", "Radia", "", "", "Ada", ""]
    assign(indexes=[4, 8], turn=True, number=1)
    assert who(transcript) == ["", "Ada", "Ada", "Radia", "Radia", "Ada", "Ada", "Ada", ""]


def test_passage_that_is_gone_gets_no_speaker(transcript, ada):
    editing.delete_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)
    for turn in (False, True):
        with pytest.raises(EditConflict) as caught:
            speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0, 1], turn=turn, name="Ada")
        assert caught.value.details == {"index": 1, "text": None, "revision": 0, "joined": False}
    assert who(transcript) == ["", ""]
    assert not transcript.speakers.exists()


def test_speaker_who_is_removed_says_nothing_any_more(transcript, ada):
    for name, indexes in (("Ada", [0, 1]), ("Grace", [2])):
        speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=indexes, name=name)
    speakers.remove_speaker(transcript_id=transcript.pk, by=by(ada), number=1)
    assert who(transcript) == ["", "", "Grace"]
    with pytest.raises(WrongState, match="no longer there"):
        speakers.remove_speaker(transcript_id=transcript.pk, by=by(ada), number=1)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert who(transcript) == ["Ada", "Ada", "Grace"]


def test_silent_speaker_can_be_removed(transcript, ada):
    for number in ("Ada", "Grace"):
        speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], name=number)
    speakers.remove_speaker(transcript_id=transcript.pk, by=by(ada), number=1)
    assert speakers.names_of(transcript) == {2: "Grace"}


def test_speaker_without_a_name_has_a_number(transcript, ada):
    with pytest.raises(BadRequest, match="give the speaker a name"):
        speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], name=" \n")
    with pytest.raises(WrongState, match="no longer there"):
        speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], number=4)
