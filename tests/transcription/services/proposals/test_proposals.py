"""Proposals: asked for, compared, accepted."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_job, make_media, make_transcript, make_user
from tests.sounds import silence, write_sound
from tests.transcription.services.proposals.asking import ask, compared, heard, texts, waiting
from transcription.enums import EditKind, ProposalState, RecordingState
from transcription.errors import AlreadyRunning, BadRequest, EditConflict, TooManyProposals, WrongState
from transcription.models import Job, Proposal, Recording, Transcript, TranscriptSegment
from transcription.services import (
    editing,
    proposals,
    proposing,
    undoing,
    vocabulary,
)
from transcription.services.edits import By

pytestmark = pytest.mark.django_db


def test_passage_is_heard_again_and_the_text_stays(talk, engine):
    before = texts(talk)
    made = ask(talk)
    assert (made.state, made.start, made.end, waiting()) == ("waiting", 19.5, 23.5, 1)
    proposing.make_proposal(proposal_id=made.pk)
    (found,) = compared(talk)
    assert (found.state, found.passages, found.proposal.progress) == ("ready", [5], 1.0)
    assert found.text == "w39 w40 w41 w42 w43 w44 w45 w46"
    assert (found.added, found.removed) == (8, 5)
    assert texts(talk) == before
    assert engine.options.beam_size == 5
    begins, ends, _ = zip(*engine.heard, strict=True)
    assert (min(begins) >= 19.5 - 0.001, max(ends) <= 23.5 + 0.001) == (True, True)


def test_text_before_and_terms_are_told(talk, engine, ada):
    vocabulary.save_terms(user=ada, text="Scripta")
    job = make_job(talk.recording, vocabulary="Ångström")
    Job.objects.filter(pk=job.pk).update(transcript=talk)
    TranscriptSegment.objects.filter(index=4).update(confidence=0.9)
    heard(talk)
    assert engine.heard[0][2] == "Scripta, Ångström word4.0 word4.1 word4.2 word4.3 word4.4"


@pytest.mark.parametrize("fields", [{"doubt": "loop"}, {"confidence": 0.3}, {"end": 5.0, "start": 4.0}])
def test_text_before_that_is_doubtful_or_far_away_is_not_told(talk, engine, fields):
    TranscriptSegment.objects.filter(index=4).update(**fields)
    assert ask(talk).context == ""


def test_long_text_before_is_told_from_a_word_on(talk):
    TranscriptSegment.objects.filter(index=4).update(text="overlong " * 100)
    told = ask(talk).context
    assert (told[:9], len(told) < proposals.CONTEXT_LENGTH) == ("overlong ", True)


def test_several_passages_are_heard_as_one(talk, engine):
    made = heard(talk, 7, 5)
    assert (made.start, made.end) == (19.5, 31.5)
    assert compared(talk)[0].passages == [5, 6, 7]


def test_first_and_last_passage_have_the_sound_at_the_edges(talk):
    assert ask(talk, 0).start == 0.0
    assert ask(talk, 9).end == 40.0


def test_accepted_proposal_is_one_edit_that_can_be_undone(talk, engine, ada):
    made, before = heard(talk, 5, 6), list(talk.segments.in_order().values())
    edit = proposals.accept_proposal(proposal=made, by=By(ada), revision=0)
    assert (edit.kind, edit.revision, edit.user) == (EditKind.PROPOSAL, 1, ada)
    assert texts(talk)[5:7] == [(5, "w39 w40 w41 w42 w43 w44 w45 w46"), (6, "w47 w48 w50 w51 w52 w54")]
    row = talk.segments.get(index=5)
    assert row.words[1] == [20.0, 20.5, " w40", 0.9]
    assert (row.start, row.end, row.doubt, row.confidence) == (19.5, 23.5, "", 0.9)
    assert Proposal.objects.get().state == ProposalState.ACCEPTED
    undoing.undo(transcript_id=talk.pk, by=By(ada))
    after = list(talk.segments.in_order().values())
    revisions = [each.pop("revision") for each in (*before, *after)]
    assert (after, max(revisions)) == (before, 2)
    undoing.redo(transcript_id=talk.pk, by=By(ada))
    assert texts(talk)[5][1] == "w39 w40 w41 w42 w43 w44 w45 w46"


def test_acceptance_sent_twice_is_done_once(talk, engine, ada):
    made, by = heard(talk), By(ada, uuid.uuid4())
    first = proposals.accept_proposal(proposal=made, by=by, revision=0)
    assert proposals.accept_proposal(proposal=made, by=by, revision=0) == first
    with pytest.raises(WrongState):
        proposals.accept_proposal(proposal=made, by=By(ada), revision=1)


def test_correction_meanwhile_is_compared_and_not_overwritten(talk, engine, ada):
    made = heard(talk)
    editing.change_text(transcript_id=talk.pk, by=By(make_user()), index=5, revision=0, text="w39 w40 theirs")
    with pytest.raises(EditConflict) as caught:
        proposals.accept_proposal(proposal=made, by=By(ada), revision=0)
    assert caught.value.details == {"index": 5, "text": "w39 w40 theirs", "revision": 1}
    (found,) = compared(talk)
    assert [run.kind for run in found.runs] == ["same", "removed", "added"]
    assert proposals.accept_proposal(proposal=made, by=By(ada), revision=found.revision).revision == 2


def test_correction_elsewhere_is_no_conflict(talk, engine, ada):
    made = heard(talk)
    editing.change_text(transcript_id=talk.pk, by=By(make_user()), index=2, revision=0, text="theirs")
    assert proposals.accept_proposal(proposal=made, by=By(ada), revision=0).revision == 2


def test_passage_that_was_split_and_joined_since_is_found_again(talk, engine, ada):
    made = heard(talk)
    text = talk.segments.get(index=5).text
    editing.split_passage(transcript_id=talk.pk, by=By(ada), index=5, revision=0, text=text, at=8)
    assert compared(talk)[0].passages == [5, 10]
    editing.merge_up(transcript_id=talk.pk, by=By(ada), index=5, revision=1)
    assert compared(talk)[0].passages == [4, 10]
    proposals.accept_proposal(proposal=made, by=By(ada), revision=2)
    shown = " ".join(text for _, text in texts(talk))
    assert "word4.4 w39 w40 w41 w42 w43 w44 w45 w46 word6.0" in shown


def test_passages_that_were_deleted_since_cannot_be_replaced(talk, engine, ada):
    made = heard(talk)
    editing.delete_passage(transcript_id=talk.pk, by=By(ada), index=5, revision=0)
    with pytest.raises(EditConflict, match="deleted"):
        proposals.accept_proposal(proposal=made, by=By(ada), revision=1)
    assert compared(talk)[0].passages == []


def test_same_words_are_said_to_be_the_same(talk, engine, ada):
    made = heard(talk)
    editing.change_text(transcript_id=talk.pk, by=By(ada), index=5, revision=0, text="w39 w40 w41 w42 w43 w44 w45 w46")
    assert compared(talk)[0].state == ProposalState.EQUAL
    assert Proposal.objects.get(pk=made.pk).state == ProposalState.READY


def test_silence_proposes_to_delete(talk, engine, ada, tmp_path):
    sound = write_sound(tmp_path / "quiet.wav", silence(30))
    quiet = make_transcript(make_media(source=sound, folder=tmp_path), segments=3)
    made = heard(quiet, 1)
    (found,) = compared(quiet)
    assert (found.state, found.text, found.removed) == ("ready", "", 5)
    proposals.accept_proposal(proposal=made, by=By(ada), revision=0)
    assert [index for index, _ in texts(quiet)] == [0, 2]

    text = quiet.segments.get(index=0).text
    editing.split_passage(transcript_id=quiet.pk, by=By(make_user()), index=0, revision=0, text=text, at=15)
    undoing.undo(transcript_id=quiet.pk, by=By(ada))
    assert [index for index, _ in texts(quiet)] == [0, 3, 1, 2]


def test_second_wish_for_the_same_waits_for_the_first(talk, engine):
    made = ask(talk, 5, 6)
    with pytest.raises(AlreadyRunning):
        ask(talk, 6)
    neighbour = ask(talk, 7)
    proposing.make_proposal(proposal_id=made.pk)
    again = ask(talk, 6)
    assert set(Proposal.objects.values_list("pk", flat=True)) == {neighbour.pk, again.pk}


def test_what_was_accepted_does_not_stand_in_the_way(talk, engine, ada):
    proposals.accept_proposal(proposal=heard(talk), by=By(ada), revision=0)
    ask(talk)
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["accepted", "waiting"]


def test_one_person_may_have_some_in_line(talk, engine, ada):
    for index in range(proposals.MOST_WAITING):
        ask(talk, index)
    with pytest.raises(TooManyProposals):
        ask(talk, 9)
    ask(talk, 9, user=make_user())
    proposing.make_proposal(proposal_id=Proposal.objects.filter(user=ada).first().pk)
    ask(talk, 8)


def test_part_that_is_too_long_is_refused(talk):
    TranscriptSegment.objects.filter(index=5).update(end=20 + proposals.MOST_SECONDS + 1)
    with pytest.raises(BadRequest, match="three minutes"):
        ask(talk)


def test_passage_that_is_gone_cannot_be_asked_for(talk):
    with pytest.raises(EditConflict) as caught:
        ask(talk, 5, 99)
    assert caught.value.details == {"index": 99, "text": None, "revision": 0}


@pytest.mark.parametrize("fields", [{"media": ""}, {"deleted_at": timezone.now()}, {"state": RecordingState.CLOSING}])
def test_recording_without_sound_is_refused(talk, fields):
    Recording.objects.update(**fields)
    with pytest.raises(WrongState):
        ask(talk)


def test_text_that_is_being_written_is_refused(talk):
    Transcript.objects.update(is_complete=False)
    with pytest.raises(WrongState):
        ask(talk)


def test_model_that_is_not_offered_is_refused(talk):
    with pytest.raises(BadRequest, match="not offered"):
        ask(talk, model="../../etc")
    assert (Proposal.objects.count(), waiting()) == (0, 0)


def test_language_is_the_passage_s_own(talk):
    TranscriptSegment.objects.filter(index=5).update(language="de")
    assert ask(talk, 5).language == "de"
    assert ask(talk, 7, 8).language == "en"
    Transcript.objects.update(task="translate", language="fr")
    assert ask(talk, 3).language == "fr"


def test_list_takes_one_query_for_any_number(talk, engine):
    def cost(rows: list[Proposal]) -> int:
        with CaptureQueriesContext(connection) as made:
            assert len(proposals.compare_proposals(transcript=talk, rows=rows)) == len(rows)
        return len(made)

    rows = [heard(talk, index) for index in (0, 2, 4)]
    assert [cost(rows[:count]) for count in (0, 1, 3)] == [0, 1, 1]
