"""Corrections and their conflicts."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from tests.factories import make_transcript, make_user
from tests.transcription.services.editing.rows import by, revision_of, shown, words_of
from transcription.editing.replacing import Search
from transcription.errors import BadRequest, EditConflict, WrongState
from transcription.models import MachineSegment, TranscriptEdit
from transcription.services import editing, edits, replacements, speakers

pytestmark = pytest.mark.django_db


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
    found, has_more = replacements.find(transcript=transcript, search=search, replacement="Wort")
    assert ([(each.index, each.count) for each in found], has_more) == ([(0, 5)], False)
    assert found[0].parts[:2] == [("Wort", True), (".0 ", False)]

    replacements.replace_everywhere(
        transcript_id=transcript.pk, by=by(ada), search=search, replacement="Wort", revisions={0: 0}
    )
    assert shown(transcript)[0] == (0, "Wort.0 Wort.1 Wort.2 Wort.3 Wort.4")


def test_replacement_is_all_or_nothing(transcript, ada):
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="word again")
    with pytest.raises(EditConflict, match="Nothing was replaced") as caught:
        replacements.replace_everywhere(
            transcript_id=transcript.pk, by=by(ada), search=Search("word"), replacement="x", revisions={0: 0, 1: 0}
        )
    assert caught.value.details == {"index": 1, "text": "word again", "revision": 1}
    assert shown(transcript)[0][1].startswith("word0.0")


def test_preview_without_a_replacement_shows_what_was_found(transcript):
    found, _ = replacements.find(transcript=transcript, search=Search("WORD1.2"), replacement=None)
    assert found[0].parts == [("word1.0 word1.1 ", False), ("word1.2", True), (" word1.3 word1.4", False)]


@pytest.mark.parametrize(("most", "has_more"), [(2, True), (3, False)])
def test_preview_says_that_there_is_more(transcript, monkeypatch, most, has_more):
    monkeypatch.setattr(replacements, "MOST_FOUND", most)
    assert replacements.find(transcript=transcript, search=Search("word"), replacement="")[1] is has_more


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


def test_request_is_unique_in_the_database(transcript, ada):
    edit = editing.change_text(transcript_id=transcript.pk, by=by(ada), index=0, revision=0, text="One")
    with pytest.raises(IntegrityError), transaction.atomic():
        TranscriptEdit.objects.create(transcript=transcript, revision=9, kind="text", request=edit.request)
