"""What workers do with proposals, and what ends one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_recording, make_transcript
from tests.server import ROOT
from tests.transcription.services.proposals.asking import ask, heard, texts, waiting
from tests.web import environment_for_process
from transcription import whisper_service
from transcription.errors import WrongState
from transcription.models import Proposal, Recording, TranscriptSegment
from transcription.services import (
    proposal_attempts,
    proposals,
    proposing,
    recordings,
)
from transcription.services.edits import By
from transcription.speech.errors import ModelUnavailable

pytestmark = pytest.mark.django_db


def test_dismissed_one_leaves_the_line(talk, engine):
    made = ask(talk)
    proposals.dismiss_proposal(proposal=made)
    proposals.dismiss_proposal(proposal=made)
    assert (Proposal.objects.count(), waiting()) == (0, 0)
    proposing.make_proposal(proposal_id=made.pk)
    assert engine.heard == []


def test_accepted_one_is_not_dismissed(talk, engine, ada):
    made = heard(talk)
    proposals.accept_proposal(proposal=made, by=By(ada), revision=0)
    with pytest.raises(WrongState):
        proposals.dismiss_proposal(proposal=made)


@pytest.mark.parametrize("ending", ["dismiss", "trash", "other attempt"])
def test_work_that_nobody_wants_any_more_ends_and_writes_nothing(talk, engine, monkeypatch, ending):
    made = ask(talk)

    def load(**_: Any) -> Any:
        if ending == "dismiss":
            proposals.dismiss_proposal(proposal=made)
        elif ending == "trash":
            recordings.move_to_trash(recording=talk.recording)
        else:
            Proposal.objects.update(attempt=7)
        return engine

    monkeypatch.setattr(whisper_service, "get_engine", load)
    proposing.make_proposal(proposal_id=made.pk)
    expected = {"dismiss": [], "trash": ["running"], "other attempt": ["running"]}[ending]
    assert list(Proposal.objects.values_list("state", flat=True)) == expected
    assert (engine.heard, Proposal.objects.exclude(words=[]).exists()) == ([], False)
    if ending == "trash":
        ProcrastinateJob.objects.all().delete()
        assert proposal_attempts.resume_proposals() == 0
        recordings.restore_recording(recording=talk.recording)
        assert proposal_attempts.resume_proposals() == 1


def test_worker_that_stops_gives_it_back(talk, engine):
    made = ask(talk)
    proposing.make_proposal(proposal_id=made.pk, should_stop=lambda: True)
    row = Proposal.objects.get()
    assert (row.state, row.idle_attempts, waiting()) == ("waiting", 0, 2)
    proposing.make_proposal(proposal_id=made.pk)
    assert Proposal.objects.get().state == "ready"


def test_failure_says_why_and_changes_nothing(talk, engine, monkeypatch, ada):
    before = texts(talk)

    def refuse(**_: Any) -> None:
        raise ModelUnavailable

    monkeypatch.setattr(whisper_service, "get_engine", refuse)
    row = heard(talk)
    assert (row.state, row.error_code, row.error_message) == ("failed", "model_unavailable", ModelUnavailable.message)
    assert texts(talk) == before
    with pytest.raises(WrongState):
        proposals.accept_proposal(proposal=row, by=By(ada), revision=0)
    monkeypatch.setattr(whisper_service, "get_engine", lambda **_: engine)
    assert heard(talk).state == "ready"


def test_sound_that_went_meanwhile_is_said(talk, engine):
    made = ask(talk)
    Recording.objects.update(media="")
    proposing.make_proposal(proposal_id=made.pk)
    assert Proposal.objects.get().error_message == "The sound of this recording was deleted in the meantime."


def test_passage_behind_the_end_of_the_file_is_said(talk, engine):
    TranscriptSegment.objects.filter(index=9).update(start=100, end=103, words=[])
    assert heard(talk, 9).error_message == "The file ends before this passage."


def test_damaged_file_fails_with_words(talk, engine):
    Path(talk.recording.media.path).write_text("These are not sounds.")
    row = heard(talk)
    assert (row.state, row.error_code) == ("failed", "media_unreadable")


@pytest.mark.django_db(transaction=True)
def test_worker_that_is_killed_leaves_nothing_half(talk, engine):
    made = ask(talk)
    command = [sys.executable, "-m", "tests.transcription.dying_proposal", str(made.pk)]
    done = subprocess.run(command, cwd=ROOT, env=environment_for_process(), capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()
    row = Proposal.objects.get()
    assert (row.state, row.attempt, row.words) == ("running", 1, [])
    ProcrastinateJob.objects.all().delete()
    assert proposal_attempts.resume_proposals() == 1
    assert proposal_attempts.resume_proposals() == 0
    proposing.make_proposal(proposal_id=made.pk)
    row = Proposal.objects.get()
    assert (row.state, row.attempt) == ("ready", 2)


def test_proposal_that_kills_its_workers_is_given_up(talk, engine):
    made = ask(talk)
    Proposal.objects.update(state="running", idle_attempts=proposal_attempts.MOST_ATTEMPTS)
    proposing.make_proposal(proposal_id=made.pk)
    assert engine.heard == []
    ProcrastinateJob.objects.all().delete()
    assert proposal_attempts.resume_proposals() == 1
    row = Proposal.objects.get()
    assert (row.state, row.error_code) == ("failed", "worker_lost")


def test_recording_without_a_file_has_no_proposal():
    transcript = make_transcript(make_recording())
    with pytest.raises(WrongState, match="no sound"):
        ask(transcript, 0)
