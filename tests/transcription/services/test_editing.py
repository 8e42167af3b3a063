"""Corrections, their log, undo and redo; conflicts; states and versions."""

from __future__ import annotations

import random
import uuid
from contextlib import suppress

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from tests.factories import make_recording, make_transcript, make_user
from transcription.editing import changes
from transcription.editing.replacing import Search
from transcription.errors import BadRequest, EditConflict, NothingToRedo, NothingToUndo, WrongState
from transcription.models import MachineSegment, Transcript, TranscriptEdit
from transcription.services import editing, edits, speakers, transcripts, undoing, versions
from transcription.services.edits import By

pytestmark = pytest.mark.django_db


@pytest.fixture
def transcript() -> Transcript:
    """Three passages, "word0.0 … word0.4" and so on, four seconds apart."""
    return make_transcript()


@pytest.fixture
def ada(transcript):
    return transcript.recording.owner


def by(user, **more) -> By:
    return By(user, **more)


def shown(transcript) -> list[tuple[int, str]]:
    return list(transcript.segments.in_order().values_list("index", "text"))


def words_of(transcript, index) -> list[list]:
    return transcript.segments.get(index=index).words


def revision_of(transcript, index) -> int:
    return transcript.segments.get(index=index).revision


def test_corrected_text_keeps_the_times_of_other_words(transcript, ada):
    before = words_of(transcript, 1)
    edit = editing.change_text(
        transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="word1.0 changed word1.2 word1.3 word1.4"
    )

    after = words_of(transcript, 1)
    assert [after[0], *after[2:]] == [before[0], *before[2:]]
    assert after[1] == [before[1][0], before[1][1], " changed", 1.0, True]
    assert (edit.kind, edit.revision, edit.user) == ("text", 1, ada)
    transcript.refresh_from_db()
    assert (transcript.revision, revision_of(transcript, 1), revision_of(transcript, 0)) == (1, 1, 0)


def test_text_that_is_there_already_is_no_edit(transcript, ada):
    text = transcript.segments.get(index=0).text
    assert editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=99, text=f"  {text} ") is None
    assert TranscriptEdit.objects.count() == 0


def test_older_revision_is_a_conflict_with_the_text_as_it_is_now(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=0, text="Theirs")
    with pytest.raises(EditConflict) as caught:
        editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="Mine")

    assert caught.value.details == {"index": 0, "text": "Theirs", "revision": 1}
    assert shown(transcript)[0] == (0, "Theirs")


def test_another_speaker_is_no_conflict_for_the_text(transcript, ada):
    speakers.assign_speaker(transcript_id=transcript.pk, by=by(ada), indexes=[0], name="Ada")
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="Mine")
    assert shown(transcript)[0] == (0, "Mine")


def test_deleted_passage_is_a_conflict_without_text(transcript, ada):
    editing.delete_passage(transcript_id=transcript.pk, by=by(make_user()), index=0, revision=0)
    with pytest.raises(EditConflict) as caught:
        editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="Mine")
    assert caught.value.details["text"] is None


def test_edit_sent_twice_is_done_once(transcript, ada):
    again = by(ada, request=uuid.uuid4())
    values = {"index": 0, "revision": 0, "text": "word0.0 word0.1 word0.2", "at": 8}
    first = editing.split_passage(transcript_id=transcript.pk, by=again, **values)
    second = editing.split_passage(transcript_id=transcript.pk, by=again, **values)

    assert first == second
    assert [index for index, _ in shown(transcript)] == [0, 3, 1, 2]


def test_split_begins_with_the_next_words_start(transcript, ada):
    text = transcript.segments.get(index=0).text
    editing.split_passage(
        transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text=text, at=text.index("word0.2") + 2
    )

    rows = list(transcript.segments.in_order())
    assert [row.text for row in rows[:2]] == ["word0.0 word0.1 word0.2", "word0.3 word0.4"]
    assert (rows[0].end, rows[1].start, rows[1].end) == (1.8, 1.8, 3.0)
    assert (rows[1].index, rows[1].rank) == (3, 0.5)
    assert [word[:3] for word in rows[1].words] == [[1.8, 2.4, " word0.3"], [2.4, 3.0, " word0.4"]]


@pytest.mark.parametrize("at", [0, 1000])
def test_split_with_nothing_on_one_side_is_refused(transcript, ada, at):
    with pytest.raises(BadRequest, match="no text on one side"):
        editing.split_passage(
            transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="word0.0 word0.1", at=at
        )
    assert len(shown(transcript)) == 3


def test_merge_joins_to_the_passage_above(transcript, ada):
    words = words_of(transcript, 0) + words_of(transcript, 1)
    editing.merge_up(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)

    row = transcript.segments.get(index=0)
    assert [index for index, _ in shown(transcript)] == [0, 2]
    assert (row.text, row.start, row.end, row.words) == (
        "word0.0 word0.1 word0.2 word0.3 word0.4 word1.0 word1.1 word1.2 word1.3 word1.4", 0.0, 7.0, words,
    )  # fmt: skip


def test_first_passage_has_none_above(transcript, ada):
    with pytest.raises(WrongState, match="no passage above"):
        editing.merge_up(transcript_id=transcript.pk, by=by(ada), index=0, revision=0)


def test_confirmed_passage_is_not_doubtful(transcript, ada):
    transcript.segments.filter(index=0).update(doubt="unsure")
    editing.confirm_passage(transcript_id=transcript.pk, by=by(ada), index=0, revision=0)

    row = transcript.segments.get(index=0)
    assert (row.doubt, {word[3] for word in row.words}) == ("", {1.0})


def test_replacement_changes_what_the_preview_named(transcript, ada):
    search = Search("WORD0", whole_words=True)
    found = editing.find(transcript=transcript, search=search, replacement="Wort")
    assert [(each.index, each.count) for each in found] == [(0, 5)]
    assert found[0].parts[:2] == [("Wort", True), (".0 ", False)]

    editing.replace_everywhere(
        transcript_id=transcript.pk, by=by(ada), search=search, replacement="Wort", revisions={0: 0}
    )
    assert shown(transcript)[0] == (0, "Wort.0 Wort.1 Wort.2 Wort.3 Wort.4")


def test_replacement_is_all_or_nothing(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="word again")
    with pytest.raises(EditConflict):
        editing.replace_everywhere(
            transcript_id=transcript.pk, by=by(ada), search=Search("word"), replacement="x", revisions={0: 0, 1: 0}
        )
    assert shown(transcript)[0][1].startswith("word0.0")


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


def test_undone_split_and_merge_are_as_before(transcript, ada):
    original = edits.segment_rows(transcript)
    text = transcript.segments.get(index=1).text
    editing.split_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text=text, at=10)
    editing.merge_up(transcript_id=transcript.pk, by=by(ada), index=1, revision=1)
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    undoing.undo(transcript_id=transcript.pk, by=by(ada))

    assert edits.segment_rows(transcript) == original


def test_machine_rows_stay_and_cannot_be_updated(transcript, ada):
    original = edits.segment_rows(transcript)
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="One")
    editing.delete_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=0)

    assert edits.machine_rows(transcript) == original
    with pytest.raises(ProgrammingError), transaction.atomic():
        MachineSegment.objects.update(row={})
    transcript.recording.delete()  # goes with the recording
    assert MachineSegment.objects.count() == 0


def test_transcript_that_is_being_written_is_not_edited(ada):
    unfinished = make_transcript(is_complete=False)
    with pytest.raises(WrongState, match="still being written"):
        editing.change_text(transcript_id=unfinished.pk, by=by(ada), index=0, revision=0, text="One")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs some text"),
        ("\u200b \u202e", "needs some text"),
        ("x" * 10_001, "too long"),
        ("x" * 100_000, "too long"),
    ],
)
def test_text_that_cannot_be_is_refused(transcript, ada, text, message):
    with pytest.raises(BadRequest, match=message):
        editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text=text)


def test_odd_characters_are_kept_or_cleaned(transcript, ada):
    text = "👩\u200d👧 <b>שלום</b>\u202e\0\n e\u0301\ud800"
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text=text)
    assert shown(transcript)[0][1] == "👩\u200d👧 <b>שלום</b> e\u0301\ufffd"


# Speakers ------------------------------------------------------------------------------------------------------------


def who(transcript) -> list[str]:
    names = speakers.names_of(transcript)
    return [names.get(number, "") for number in transcript.segments.in_order().values_list("speaker", flat=True)]


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


# States and versions -------------------------------------------------------------------------------------------------


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


# The whole -----------------------------------------------------------------------------------------------------------


def random_edit(draw: random.Random, transcript: Transcript, by: By) -> None:
    row = draw.choice(list(transcript.segments.all()))
    tokens = row.text.split()
    draw.shuffle(tokens)
    text = " ".join([*tokens[: draw.randrange(1, len(tokens) + 1)], *(["extra"] * draw.randrange(3))])
    here = {"transcript_id": transcript.pk, "by": by, "index": row.index, "revision": row.revision}
    wishes = [
        lambda: editing.change_text(**here, text=text),
        lambda: editing.split_passage(**here, text=row.text, at=draw.randrange(len(row.text) + 1)),
        lambda: editing.merge_up(**here),
        lambda: editing.delete_passage(**here),
        lambda: editing.confirm_passage(**here),
        lambda: speakers.assign_speaker(
            transcript_id=transcript.pk, by=by, indexes=[row.index], name=draw.choice(["Ada", "Grace"])
        ),
        lambda: undoing.undo(transcript_id=transcript.pk, by=by),
        lambda: undoing.redo(transcript_id=transcript.pk, by=by),
    ]
    weights = [8, 4, 4, 1, 1, 2, 4, 3]
    with suppress(BadRequest, WrongState):
        draw.choices(wishes, weights)[0]()


@pytest.mark.parametrize("seed", range(2))
def test_log_replays_to_the_same_text_after_any_edits_of_two(seed):
    draw = random.Random(seed)
    transcript = make_transcript(segments=6, words=6)
    original = edits.segment_rows(transcript)
    people = [make_user(), make_user()]
    states = {}
    for _ in range(120):
        random_edit(draw, transcript, by(draw.choice(people)))
        transcript.refresh_from_db()
        states[transcript.revision] = edits.segment_rows(transcript)
        if not states[transcript.revision]:
            break

    assert edits.machine_rows(transcript) == original
    replayed = {index: dict(row) for index, row in original.items()}
    for edit in transcript.edits.order_by("revision"):
        changes.apply(replayed, edits.segment_changes(edit))
        assert replayed == states[edit.revision]
    for revision, state in states.items():
        assert edits.state_at(transcript=transcript, revision=revision).segments == state


def test_request_is_unique_in_the_database(transcript, ada):
    edit = editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="One")
    with pytest.raises(IntegrityError), transaction.atomic():
        TranscriptEdit.objects.create(transcript=transcript, revision=9, kind="text", request=edit.request)
