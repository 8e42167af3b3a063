from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.factories import make_transcript
from transcription.services import editing, edits, speakers, undoing
from transcription.views import editing as views

pytestmark = pytest.mark.django_db


@pytest.fixture
def changes(client_of_owner, recording):
    transcript = make_transcript(recording)

    def ask(revision: int) -> Any:
        query = {"transcript": transcript.pk, "revision": revision}
        return client_of_owner.get(reverse("changes", args=[recording.pk]), query)

    return ask


def test_what_has_changed_is_told_once(changes, recording):
    assert changes(0).status_code == 204
    by = edits.By(recording.owner)
    transcript = recording.transcripts.get()
    editing.delete_passage(transcript_id=transcript.pk, by=by, index=1, revision=0)
    speakers.assign_speaker(transcript_id=transcript.pk, by=edits.By(recording.owner), indexes=[2], name="Ada")
    told = changes(0).json()
    assert (told["revision"], told["removed"], [row["index"] for row in told["rows"]]) == (2, [1], [2])
    assert (told["many"], told["speakers"], told["can_undo"]) == (False, {"1": "Ada"}, True)
    assert [row["index"] for row in changes(1).json()["rows"]] == [2]
    assert changes(2).status_code == 204


def test_joined_passage_is_told_from_a_deleted_one(changes, recording):
    transcript = recording.transcripts.get()
    for service, index in ((editing.merge_up, 1), (editing.delete_passage, 2)):
        service(transcript_id=transcript.pk, by=edits.By(recording.owner), index=index, revision=0)
    told = changes(0).json()
    assert (told["removed"], told["joined"]) == ([1, 2], [1])
    undoing.undo(transcript_id=transcript.pk, by=edits.By(recording.owner))
    assert (changes(0).json()["removed"], changes(0).json()["joined"]) == ([1], [1])


def test_too_many_are_named_as_such(changes, recording, monkeypatch):
    transcript = recording.transcripts.get()
    speakers.assign_speaker(transcript_id=transcript.pk, by=edits.By(recording.owner), indexes=[0, 1], name="Ada")
    monkeypatch.setattr(views, "MOST_CHANGED", 1)
    told = changes(0).json()
    assert (told["revision"], told["many"], told["rows"], told["speakers"]) == (1, True, [], {"1": "Ada"})


def test_another_version_is_loaded_anew(changes, recording):
    make_transcript(recording, version=2)
    assert changes(0).json() == {"reload": True}
