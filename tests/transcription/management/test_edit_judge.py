"""The judge of ``benchmark edit-faults`` finds each kind of loss, and none where there is none."""

from __future__ import annotations

import uuid

import pytest

from tests.factories import make_transcript, make_user
from transcription.management.benchmarks.edit_journal import Journal, Sent, Told
from transcription.management.benchmarks.edit_judge import Log, judge
from transcription.models import Transcript, TranscriptEdit
from transcription.services import editing, speakers, undoing
from transcription.services.edits import By

pytestmark = pytest.mark.django_db


class Client:
    """Writes through the service, and remembers as a real client does."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript, self.user, self.journal = transcript, make_user(), Journal()

    def write(self, index: int, text: str, *, seen: str | None = None) -> TranscriptEdit:
        row = self.transcript.segments.get(index=index)
        by = By(self.user, uuid.uuid4())
        body = {"kind": "text", "index": index, "revision": row.revision, "text": text}
        self.journal.sent[str(by.request)] = Sent(body, {index: {row.text if seen is None else seen}})
        edit = editing.change_text(
            transcript_id=self.transcript.pk, by=by, index=index, revision=row.revision, text=text
        )
        self.journal.acknowledged[str(by.request)] = edit.revision
        self.journal.typed |= set(text.split())
        return edit


@pytest.fixture
def transcript() -> Transcript:
    return make_transcript()


@pytest.fixture
def ada(transcript) -> Client:
    client = Client(transcript)
    client.write(0, "One two")
    client.write(1, "Three")
    return client


def wrong(transcript: Transcript, *clients: Client) -> list[str]:
    """The questions that were answered by no."""
    requests = {request for client in clients for request in client.journal.sent}
    journals = {str(number): client.journal for number, client in enumerate(clients)}
    return [
        question for question, found in judge(Log(transcript), journals, requests=requests).problems.items() if found
    ]


def test_honest_log_is_good(transcript, ada):
    eve = Client(transcript)
    eve.write(0, "Four")
    eve.journal.told.append(Told(0, 0, "Mine", "One two", 1))
    eve.journal.typed.add("Mine")
    eve.journal.given_up.append("Mine")
    assert wrong(transcript, ada, eve) == []


def test_row_that_the_log_does_not_explain(transcript, ada):
    transcript.segments.filter(index=2).update(text="Silently changed", revision=2)
    assert wrong(transcript, ada)[:1] == ["the log replays to the present rows"]


def test_acknowledged_edit_that_is_gone(transcript, ada):
    ada.journal.acknowledged[str(uuid.uuid4())] = 3
    assert wrong(transcript, ada) == ["acknowledged edits are in the log, once"]


def test_acknowledged_times_that_are_others(transcript, ada):
    by = By(ada.user)
    edit = editing.change_times(transcript_id=transcript.pk, by=by, index=2, revision=0, end=11.5)
    ada.journal.acknowledged[str(by.request)] = edit.revision
    ada.journal.sent[str(by.request)] = Sent({"kind": "times", "index": 2, "end": 11.5}, {})
    assert wrong(transcript, ada) == []
    ada.journal.sent[str(by.request)] = Sent({"kind": "times", "index": 2, "end": 11.6}, {})
    assert wrong(transcript, ada) == ["acknowledged edits are in the log, once"]


def test_edit_of_nobody(transcript, ada):
    editing.confirm_passage(transcript_id=transcript.pk, by=By(ada.user), index=2, revision=0)
    assert wrong(transcript, ada) == ["nothing else is in the log"]


def test_typed_word_that_was_never_written(transcript, ada):
    ada.journal.typed.add("vanished")
    assert wrong(transcript, ada) == ["what was typed was written, or let go"]


def test_text_overwritten_unseen(transcript, ada):
    ada.write(0, "Five", seen="word0.0 word0.1 word0.2 word0.3 word0.4")
    assert wrong(transcript, ada) == ["nothing was overwritten unseen"]


@pytest.mark.parametrize("told", [Told(0, 0, "Mine", "Another", 1), Told(0, 0, "Mine", None, 0)])
def test_conflict_told_with_what_never_was(transcript, ada, told):
    ada.journal.told.append(told)
    assert wrong(transcript, ada) == ["conflicts were told with both texts"]


@pytest.mark.parametrize(
    "words",
    [
        [[9.0, 9.5, " a", 1.0], [8.0, 8.5, " b", 1.0]],
        [[8.0, 12.0, " a", 1.0], [12.0, 12.5, " b", 1.0]],
        [[8.0, 9.0, " other", 1.0]],
    ],
)
def test_words_out_of_order_outside_or_of_another_text(transcript, ada, words):
    transcript.segments.filter(index=2).update(words=words, text="a b")
    assert wrong(transcript, ada) == ["word times are in order and in their passage"]


def test_passages_in_each_others_time_or_of_a_stranger(transcript, ada):
    transcript.segments.filter(index=2).update(start=5.0, speaker=7)
    assert "passages are in order, with known speakers" in wrong(transcript, ada)


def test_undone_and_done_again_is_good(transcript, ada):
    by = [By(ada.user) for _ in range(3)]
    speakers.assign_speaker(transcript_id=transcript.pk, by=by[0], indexes=[0], name="Ada")
    undoing.undo(transcript_id=transcript.pk, by=by[1])
    undoing.redo(transcript_id=transcript.pk, by=by[2])
    for each in by:
        ada.journal.sent[str(each.request)] = Sent({"kind": "undo"}, {})
    assert wrong(transcript, ada) == []
