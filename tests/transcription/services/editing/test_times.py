"""Times of a passage that are changed by hand."""

from __future__ import annotations

import pytest

from tests.factories import make_user
from tests.transcription.services.editing.rows import by, revision_of, times_of, words_of
from transcription.errors import BadRequest, EditConflict
from transcription.models import TranscriptEdit
from transcription.services import editing, exports, undoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(transcript, ada):
    """As one who has just read the passage."""

    def change(index=1, *, user=ada, revision=None, **times):
        seen = revision_of(transcript, index) if revision is None else revision
        return editing.change_times(transcript_id=transcript.pk, by=by(user), index=index, revision=seen, **times)

    return change


def test_times_are_changed_and_words_inside_stay(transcript, ada, change):
    before = words_of(transcript, 1)
    edit = change(start=3.2, end=7.5)
    assert (edit.kind, edit.revision, edit.user) == ("times", 1, ada)
    assert edit.segments == [[1, {"start": 4.0, "end": 7.0}, {"start": 3.2, "end": 7.5}]]
    assert (times_of(transcript, 1), words_of(transcript, 1)) == ((3.2, 7.5), before)

    change(end=6.2)
    assert times_of(transcript, 1) == (3.2, 6.2)
    assert words_of(transcript, 1) == [*before[:3], [5.8, 6.0, *before[3][2:]], [6.0, 6.2, *before[4][2:]]]


def test_times_that_are_there_already_are_no_edit(change):
    assert change(start=4.0, end=7.004, revision=99) is None
    assert TranscriptEdit.objects.count() == 0


def test_neighbours_leave_room_up_to_them(transcript, change):
    change(start=3.0, end=8.0)
    assert times_of(transcript, 1) == (3.0, 8.0)
    change(0, start=1.0)
    change(2, end=60.0)
    assert (times_of(transcript, 0), times_of(transcript, 2)) == ((1.0, 3.0), (8.0, 60.0))


@pytest.mark.parametrize(
    ("index", "times", "message", "field"),
    [
        (1, {"start": 2.9}, "begin at 0:03.00 at the earliest", "start"),
        (1, {"end": 8.1}, "end at 0:08.00 at the latest", "end"),
        (2, {"end": 61.0}, "end at 1:00.00 at the latest", "end"),
        (1, {"start": 6.0, "end": 5.0}, "a tenth of a second", "end"),
        (1, {"end": 4.05}, "a tenth of a second", "end"),
        (1, {"start": 6.99}, "a tenth of a second", "start"),
    ],
)
def test_times_without_room_are_refused(transcript, change, index, times, message, field):
    with pytest.raises(BadRequest, match=message) as refused:
        change(index, **times)
    assert refused.value.details == {"field": field}


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -1.0, 1e300])
def test_what_is_no_time_is_refused(change, time):
    with pytest.raises(BadRequest, match="no time of"):
        change(end=time)


def test_recording_of_unknown_length_leaves_days(transcript, change):
    transcript.recording.duration = None
    transcript.recording.save()
    change(2, end=100_000.0)
    assert times_of(transcript, 2) == (8.0, 100_000.0)


def test_captions_that_overlap_may_go_on_to(transcript, change):
    transcript.segments.filter(index=0).update(end=5.0)
    change(1, start=4.5)
    assert times_of(transcript, 1) == (4.5, 7.0)
    with pytest.raises(BadRequest, match="begin at 0:04.50 at the earliest"):
        change(1, start=4.2)


def test_times_changed_by_another_are_told(transcript, change):
    change(user=make_user(), end=7.5)
    with pytest.raises(EditConflict, match="they are 0:04.00 to 0:07.50 now") as conflict:
        change(revision=0, end=7.2)
    text = transcript.segments.get(index=1).text
    assert conflict.value.details == {"index": 1, "text": text, "revision": 1, "start": 4.0, "end": 7.5}
    assert times_of(transcript, 1) == (4.0, 7.5)


def test_text_and_speaker_changed_by_another_are_no_conflict(transcript, change):
    theirs = by(make_user())
    editing.change_text(transcript_id=transcript.pk, by=theirs, index=1, revision=0, text="Theirs")
    change(revision=0, end=7.2)
    assert times_of(transcript, 1) == (4.0, 7.2)


def test_times_changed_by_another_are_no_conflict_for_the_text(transcript, ada, change):
    change(user=make_user(), end=7.5)
    text = f"{transcript.segments.get(index=1).text} more"
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text=text)
    assert words_of(transcript, 1)[-1][:3] == [7.0, 7.5, " more"]


def test_deleted_passage_is_a_conflict(transcript, change):
    editing.delete_passage(transcript_id=transcript.pk, by=by(make_user()), index=1, revision=0)
    with pytest.raises(EditConflict, match="deleted"):
        change(revision=0, end=7.2)


def captions(transcript) -> list[tuple[float, float]]:
    return [(cue.start, cue.end) for cue in exports.document_of(transcript=transcript).cues()]


def test_captions_begin_and_end_as_was_said(transcript, ada, change):
    transcript.segments.exclude(index=1).delete()
    assert captions(transcript) == [(4.0, 7.5)]
    change(start=3.4, end=7.6)
    assert captions(transcript) == [(3.4, 8.1)]
    change(start=5.0, end=6.2)
    assert captions(transcript) == [(5.0, 6.7)]
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    undoing.undo(transcript_id=transcript.pk, by=by(ada))
    assert captions(transcript) == [(4.0, 7.5)]


def test_captions_of_what_was_split_begin_and_end_as_was_said(transcript, ada, change):
    transcript.segments.exclude(index=1).delete()
    change(start=3.4, end=7.6)
    text = transcript.segments.get().text
    editing.split_passage(transcript_id=transcript.pk, by=by(ada), index=1, revision=1, text=text, at=8)
    assert captions(transcript) == [(3.4, 8.1)]


def test_captions_follow_the_words_where_only_the_text_was_corrected(transcript, ada):
    transcript.segments.exclude(index=1).delete()
    words = [[4.0 + n, 5.0 + n, f" {text}", 0.9] for n, text in enumerate(("One", "two", "three"))]
    transcript.segments.update(text="One two three", words=words)
    editing.change_text(transcript_id=transcript.pk, by=by(ada), index=1, revision=0, text="two three")
    assert captions(transcript) == [(5.0, 7.5)]


def test_files_have_the_new_times(transcript, change):
    change(1, start=3.4, end=7.6)
    assert (
        "\n00:00:03.400,00:00:07.600,"
        in exports.export_transcript(transcript=transcript, format="csv").content.decode()
    )
    assert '"start":3.4,"end":7.6,' in exports.export_transcript(transcript=transcript, format="json").content.decode()
