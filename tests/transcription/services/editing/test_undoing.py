"""Undo and redo."""

from __future__ import annotations

import uuid

import pytest

from tests.factories import make_user
from tests.transcription.services.editing.rows import by, shown, times_of, who
from transcription.errors import EditConflict, NothingToRedo, NothingToUndo
from transcription.services import editing, edits, speakers, undoing

pytestmark = pytest.mark.django_db


def test_undo_and_redo_go_through_what_one_person_did(transcript, ada):
    eve = make_user()
    group = uuid.uuid4()
    original = shown(transcript)
    editing.change_text(transcript_id=transcript.pk, by=by(ada, group=group), index=0, revision=0, text="One")
    editing.change_text(transcript_id=transcript.pk, by=by(ada, group=group), index=0, revision=1, text="One two")
    editing.change_text(transcript_id=transcript.pk, by=by(eve), index=2, revision=0, text="Hers")

    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript) == [*original[:2], (2, "Hers")]
    with pytest.raises(NothingToUndo):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))

    undoing.redo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript) == [(0, "One two"), original[1], (2, "Hers")]
    with pytest.raises(NothingToRedo):
        undoing.redo(transcript_id=transcript.pk, by=by(ada))


def test_new_edit_ends_what_can_be_done_again(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="One")
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert undoing.possible_steps(transcript=transcript, user=ada) == {"can_undo": False, "can_redo": True}
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="Another")
    assert undoing.possible_steps(transcript=transcript, user=ada) == {"can_undo": True, "can_redo": False}


def test_abandoned_step_stays_so_when_the_newer_one_is_taken_back_and_done_again(transcript, ada):
    original = shown(transcript)
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="Abandoned")
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="Newer")
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript) == original

    undoing.redo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript) == [original[0], (1, "Newer"), original[2]]
    assert undoing.possible_steps(transcript=transcript, user=ada) == {"can_undo": True, "can_redo": False}
    with pytest.raises(NothingToRedo):
        undoing.redo(transcript_id=transcript.pk, by=by(ada))


def test_undo_of_what_somebody_else_changed_since_is_a_conflict(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="Mine")
    editing.change_text(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=1, text="Theirs")
    with pytest.raises(EditConflict):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript)[0] == (0, "Theirs")


def test_refused_undo_tells_the_text_as_it_is_now(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="Mine")
    editing.change_text(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=1, text="Theirs")
    with pytest.raises(EditConflict) as caught:
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert caught.value.details == {"index": 0, "text": "Theirs", "revision": 2}


def test_undo_takes_back_what_of_a_group_came_after_others(transcript, ada):
    group = uuid.uuid4()
    editing.change_text(transcript_id=transcript.pk, by=by(ada, group=group), index=0, revision=0, text="One")
    editing.change_text(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=1, text="Theirs")
    editing.change_text(transcript_id=transcript.pk, by=by(ada, group=group), index=0, revision=2, text="Mine")

    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript)[0] == (0, "Theirs")
    with pytest.raises(EditConflict):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    undoing.redo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript)[0] == (0, "Mine")


def test_word_written_and_taken_out_again_does_not_stop_undo(transcript, ada):
    original, group = shown(transcript), uuid.uuid4()
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="One two")
    editing.change_text(transcript_id=transcript.pk, by=by(ada, group=group), index=0, revision=1, text="One two three")
    editing.change_text(transcript_id=transcript.pk, by=by(ada, group=group), index=0, revision=2, text="One two")

    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert shown(transcript) == original


def test_undo_of_nothing_but_what_came_to_nothing_is_no_edit(transcript, ada):
    group = uuid.uuid4()
    for name, revision in (("Ada", 1), ("Grace", 2), ("Ada", 3)):
        if revision == 1:
            speakers.assign_speaker(transcript_id=transcript.pk, by=by(make_user()), indexes=[0], name=name)
        else:
            speakers.rename_speaker(transcript_id=transcript.pk, by=by(ada, group=group), number=1, name=name)

    assert undoing.undo(transcript_id=transcript.pk, by=by(ada)) is None
    assert undoing.possible_steps(transcript=transcript, user=ada) == {"can_undo": False, "can_redo": True}
    assert undoing.redo(transcript_id=transcript.pk, by=by(ada)) is None
    assert undoing.possible_steps(transcript=transcript, user=ada) == {"can_undo": True, "can_redo": False}


def test_deleted_passage_comes_back_behind_what_was_split_meanwhile(transcript, ada):
    editing.delete_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)
    text = transcript.segments.get(index=0).text
    editing.split_passage(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=0, text=text, at=15)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))

    rows = list(transcript.segments.in_order())
    assert [row.index for row in rows] == [0, 3, 1, 2]
    assert [row.start for row in rows] == sorted(row.start for row in rows)
    assert len({row.rank for row in rows}) == 4


def test_deleted_passage_does_not_come_back_into_a_joined_one(transcript, ada):
    editing.delete_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)
    eve = make_user()
    editing.merge_up(transcript_id=transcript.pk, by=by(eve), index=2, revision=0)
    with pytest.raises(EditConflict, match="joined or moved since"):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert [index for index, _ in shown(transcript)] == [0]

    undoing.undo(transcript_id=transcript.pk, by=by(eve))
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert [index for index, _ in shown(transcript)] == [0, 1, 2]


def test_captions_that_overlap_can_be_deleted_and_brought_back(transcript, ada):
    transcript.segments.filter(index=0).update(end=5.0)
    editing.delete_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)
    editing.confirm_passage(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=0)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert [index for index, _ in shown(transcript)] == [0, 1, 2]


def test_speaker_who_is_gone_does_not_come_back_by_undo(transcript, ada):
    eve = make_user()
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(eve), indexes=[0, 1], name="Grace")
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(eve), indexes=[2], name="Zoe")
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], number=2)
    speakers.merge_speakers(transcript_id=transcript.pk, by=by(eve), number=1, into=2)
    with pytest.raises(EditConflict, match="joined with another"):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert who(transcript) == ["Zoe"] * 3


def test_speaker_whom_others_have_chosen_stays_when_the_naming_is_undone(transcript, ada):
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], name="Grace")
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(make_user()), indexes=[1], name="Grace")
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert who(transcript) == ["", "Grace", ""]
    undoing.redo(transcript_id=transcript.pk, by=by(ada))
    assert who(transcript) == ["Grace", "Grace", ""]
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert who(transcript) == ["", "Grace", ""]


def test_speaker_nobody_else_has_chosen_is_gone_when_the_naming_is_undone(transcript, ada):
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0, 1], name="Grace")
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert not transcript.speakers.exists()


def test_undone_split_and_merge_are_as_before(transcript, ada):
    original = edits.segment_rows(transcript)
    text = transcript.segments.get(index=1).text
    editing.split_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text=text, at=10)
    editing.merge_up(transcript_id=transcript.pk, by=by(ada), index=1, revision=1)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    undoing.undo(transcript_id=transcript.pk, by=by(ada))

    assert edits.segment_rows(transcript) == original


def change_times(transcript, user, index, *, group=None, **times):
    revision = transcript.segments.get(index=index).revision
    return editing.change_times(
        transcript_id=transcript.pk, by=by(user, group=group), index=index, revision=revision, **times
    )


def test_times_are_undone_and_done_again_with_their_words(transcript, ada):
    original = edits.segment_rows(transcript)
    change_times(transcript, ada, 1, start=5.0, end=6.0)
    changed = edits.segment_rows(transcript)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert edits.segment_rows(transcript) == original
    undoing.redo(transcript_id=transcript.pk, by=by(ada))
    assert edits.segment_rows(transcript) == changed


@pytest.mark.parametrize("step", [undoing.undo, undoing.redo])
def test_times_do_not_come_back_into_what_a_neighbour_has_taken(transcript, ada, step):
    change_times(transcript, ada, 1, end=5.0 if step == undoing.undo else 7.9)
    if step == undoing.redo:
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    eve = make_user()
    change_times(transcript, eve, 2, start=5.5 if step == undoing.undo else 7.5)
    before = edits.segment_rows(transcript)
    with pytest.raises(EditConflict, match="joined or moved since"):
        step(transcript_id=transcript.pk, by=by(ada))
    assert edits.segment_rows(transcript) == before

    undoing.undo(transcript_id=transcript.pk, by=by(eve))
    step(transcript_id=transcript.pk, by=by(ada))
    assert times_of(transcript, 1) == (4.0, 7.0 if step == undoing.undo else 7.9)


def test_times_do_not_come_back_around_words_that_another_wrote_there(transcript, ada):
    change_times(transcript, ada, 1, end=7.9)
    text = transcript.segments.get(index=1).text
    editing.change_text(transcript_id=transcript.pk, by=by(make_user()), index=1, revision=1, text=f"{text} and more")
    with pytest.raises(EditConflict, match="same passage since") as caught:
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert caught.value.details == {"index": 1, "text": f"{text} and more", "revision": 2}


def test_words_do_not_come_back_into_a_passage_that_another_has_shortened(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="word1.0 word1.1")
    change_times(transcript, make_user(), 1, end=5.5)
    with pytest.raises(EditConflict, match="same passage since"):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))


def test_words_that_another_wrote_within_the_old_times_do_not_stop_undo(transcript, ada):
    change_times(transcript, ada, 1, end=7.9)
    editing.change_text(
        transcript_id=transcript.pk, by=by(make_user()), index=1, revision=1, text="word1.0 new word1.2"
    )
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert times_of(transcript, 1) == (4.0, 7.0)
    assert shown(transcript)[1] == (1, "word1.0 new word1.2")


def test_group_of_times_does_not_come_back_over_what_another_did_between(transcript, ada):
    group = uuid.uuid4()
    change_times(transcript, ada, 1, group=group, end=6.0)
    change_times(transcript, make_user(), 2, start=6.2)
    change_times(transcript, ada, 2, group=group, start=7.5)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))  # only what came after
    assert (times_of(transcript, 1), times_of(transcript, 2)) == ((4.0, 6.0), (6.2, 11.0))
    with pytest.raises(EditConflict, match="joined or moved since"):
        undoing.undo(transcript_id=transcript.pk, by=by(ada))
