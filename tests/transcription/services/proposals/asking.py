"""Asking for proposals, and looking at what came of it."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from transcription.models import Proposal, Transcript
from transcription.services import (
    proposals,
    proposing,
    queue,
)
from transcription.speech.engines.scripted import ScriptedEngine


class Listener(ScriptedEngine):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[float, float, str]] = []
        self.options: Any = None

    def transcribe(self, windows, options):
        self.heard += [(window.start, window.end, window.prompt) for window in windows]
        self.options = options
        return super().transcribe(windows, options)


def ask(talk: Transcript, first: int = 5, last: int | None = None, **more: Any) -> Proposal:
    return proposals.request_proposal(
        transcript_id=talk.pk, user=more.pop("user", talk.recording.owner), first=first, last=last, **more
    )


def heard(talk: Transcript, first: int = 5, last: int | None = None) -> Proposal:
    made = ask(talk, first, last)
    proposing.make_proposal(proposal_id=made.pk)
    return Proposal.objects.get(pk=made.pk)


def compared(talk: Transcript) -> list[Any]:
    talk.refresh_from_db()
    return proposals.compare_proposals(transcript=talk, rows=list(talk.proposals.in_order()))


def texts(talk: Transcript) -> list[tuple[int, str]]:
    return list(talk.segments.in_order().values_list("index", "text"))


def waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name=queue.PROPOSE, status="todo").count()
