"""Proposals over the API: asked for, compared, accepted, dismissed, and what is refused."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_media, make_transcript, make_user
from tests.transcription.api.conftest import problem, program, queries
from transcription.models import Proposal, Transcript
from transcription.services import editing, proposal_attempts, proposals
from transcription.services.edits import By
from transcription.speech.types import Word

pytestmark = pytest.mark.django_db
HEARD = [Word(0.0, 1.0, " word0.0", 0.9), Word(1.0, 3.0, " other", 0.8)]


@pytest.fixture
def transcript(owner: User, tmp_path: Path) -> Transcript:
    return make_transcript(make_media(owner, folder=tmp_path))


@pytest.fixture
def client(owner: User) -> Client:
    return program(owner)


def address(transcript: Transcript, *more: object) -> str:
    return "/".join(["/api/v1/transcripts", str(transcript.pk), "proposals", *map(str, more), ""])


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def ready(transcript: Transcript, first: int = 0) -> Proposal:
    made = proposals.request_proposal(transcript_id=transcript.pk, user=transcript.recording.owner, first=first)
    claimed = proposal_attempts.claim_proposal(proposal_id=made.pk)
    assert claimed is not None
    proposal_attempts.finish_proposal(proposal=claimed, words=HEARD, doubt="unsure")
    return claimed


def test_proposal_from_the_wish_to_the_edit(client, transcript, owner):
    answer = post(client, address(transcript), first=0, last=1, model="base")
    body = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, address(transcript, body["id"]))
    assert (body["state"], body["segments"], body["model"], body["by"]) == ("waiting", [0, 1], "base", str(owner))
    claimed = proposal_attempts.claim_proposal(proposal_id=body["id"])
    proposal_attempts.finish_proposal(proposal=claimed, words=HEARD, doubt="")
    shown = client.get(address(transcript, body["id"])).json()
    assert (shown["state"], shown["text"], shown["added"], shown["removed"]) == ("ready", "word0.0 other", 1, 9)
    assert [run["kind"] for run in shown["runs"]] == ["same", "removed", "added"]
    named = str(uuid.uuid4())
    for _ in range(2):
        done = post(client, address(transcript, body["id"], "accept"), revision=shown["revision"], request=named)
        assert (done.status_code, done.json()["edit"]["kind"], done.json()["can_undo"]) == (201, "proposal", True)
    assert [row["state"] for row in client.get(address(transcript)).json()["results"]] == ["accepted"]


def test_accepting_against_an_older_text_is_a_conflict(client, transcript):
    made = ready(transcript)
    editing.change_text(transcript_id=transcript.pk, by=By(make_user()), index=0, revision=0, text="Theirs")
    answer = post(client, address(transcript, made.pk, "accept"), revision=0)
    body = answer.json()
    assert (answer.status_code, body["code"], body["text"], body["revision"]) == (409, "edit_conflict", "Theirs", 1)


def test_dismissed_one_is_gone(client, transcript):
    made = ready(transcript)
    assert client.delete(address(transcript, made.pk)).status_code == 204
    assert problem(client.get(address(transcript, made.pk))) == (404, "not_found")


def test_failure_is_told(client, transcript):
    made = proposals.request_proposal(transcript_id=transcript.pk, user=transcript.recording.owner, first=0)
    claimed = proposal_attempts.claim_proposal(proposal_id=made.pk)
    proposal_attempts.fail_proposal(proposal=claimed, code="model_unavailable", message="There is none.")
    body = client.get(address(transcript, made.pk)).json()
    assert (body["state"], body["error"]) == ("failed", {"code": "model_unavailable", "message": "There is none."})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid")),
        ({"first": -1}, (400, "invalid")),
        ({"first": 0, "last": 2**31}, (400, "invalid")),
        ({"first": 0, "speed": 2}, (400, "invalid")),
        ({"first": 0, "model": "\0"}, (400, "invalid")),
        ({"first": 0, "model": "nothing"}, (400, "bad_request")),
    ],
)
def test_bad_wishes_are_refused_and_leave_nothing(client, transcript, body, expected):
    assert problem(post(client, address(transcript), **body)) == expected
    assert Proposal.objects.count() == 0


def test_segment_that_is_gone_is_a_conflict(client, transcript):
    answer = post(client, address(transcript), first=9)
    assert (answer.status_code, answer.json()["code"], answer.json()["index"]) == (409, "edit_conflict", 9)


def test_list_costs_the_same_for_any_number(client, transcript):
    ready(transcript)
    once = queries(client, address(transcript))
    for index in (1, 2):
        ready(transcript, index)
    assert queries(client, address(transcript)) == once
