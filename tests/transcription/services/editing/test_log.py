"""The log of edits replays."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from tests.factories import make_transcript, make_user
from tests.transcription.services.editing.rows import by
from transcription.editing import changes
from transcription.errors import BadRequest, WrongState
from transcription.management.benchmarks.edit_judge import Log, judge
from transcription.models import Transcript
from transcription.services import editing, edits, speakers, undoing
from transcription.services.edits import By

pytestmark = pytest.mark.django_db


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
        lambda: editing.change_times(
            **here, start=max(row.start + draw.choice([-1, -0.3, 0.5]), 0.0), end=row.end + draw.random() - 0.5
        ),
        lambda: speakers.assign_speaker(
            transcript_id=transcript.pk, by=by, indexes=[row.index], name=draw.choice(["Ada", "Grace"])
        ),
        lambda: undoing.undo(transcript_id=transcript.pk, by=by),
        lambda: undoing.redo(transcript_id=transcript.pk, by=by),
    ]
    weights = [8, 4, 4, 1, 1, 4, 2, 4, 3]
    with suppress(BadRequest, WrongState):
        draw.choices(wishes, weights)[0]()


@pytest.mark.parametrize("seed", range(4))
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
        spoken_by = {row["speaker"] for row in states[transcript.revision].values()} - {None}
        assert spoken_by <= edits.speaker_rows(transcript).keys()
        if not states[transcript.revision]:
            break

    assert edits.machine_rows(transcript) == original
    replayed = {index: dict(row) for index, row in original.items()}
    for edit in transcript.edits.order_by("revision"):
        changes.apply(replayed, edits.segment_changes(edit))
        assert replayed == states[edit.revision]
    assert transcript.edits.filter(kind="times").exists()
    requests = {str(edit.request) for edit in transcript.edits.all()}
    assert judge(Log(transcript), {}, requests=requests).is_good
    for revision, state in states.items():
        assert edits.state_at(transcript=transcript, revision=revision).segments == state
