"""Proposals on a recording's page: drawn by the server, put under their passages by a script. The API acts on them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from transcription import whisper_service
from transcription.enums import ProposalState, RecordingState
from transcription.models import Recording, Transcript
from transcription.services import access, transcripts
from transcription.services.proposals import compare_proposals
from transcription.views.library import seen_recording
from transcription.views.requests import Request
from transcription.views.versions import shown_run

MOST_SHOWN = 100


@login_required
@require_GET
def proposals(request: Request, pk: UUID) -> HttpResponse:
    """For the page's script: those of the version that is shown, compared with the text as it is now."""
    found = seen_recording(request, pk)
    transcript = transcripts.newest_transcript(recording=found)
    if transcript is None:
        return HttpResponse(status=204)
    rows = transcript.proposals.exclude(state=ProposalState.ACCEPTED).in_order()[:MOST_SHOWN]
    compared = compare_proposals(transcript=transcript, rows=list(rows))
    context = {
        "proposals": [(each, [shown_run(run) for run in each.runs]) for each in compared],
        "recording": found,
        "text_language": transcript.language,
        "may_edit": access.may_edit(recording=found, user=request.user),
    }
    return render(request, "transcription/_proposals.html", context)


def can_propose(recording: Recording) -> bool:
    """Whether there is sound that could be transcribed again."""
    return bool(recording.media) and recording.state == RecordingState.READY


def dialog_context(recording: Recording, transcript: Transcript | None) -> dict[str, Any]:
    """For the dialog that asks for a proposal."""
    if transcript is None or not can_propose(recording):
        return {}
    models = [(name, whisper_service.model_title(name)) for name in whisper_service.offered_models()]
    return {"again_models": models, "again_model": whisper_service.best_model(transcript.language)}
