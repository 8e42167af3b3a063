"""Pages for an audience: by a link, without an account; or for those who see the recording."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from transcription.enums import LinkKind, RecordingState
from transcription.models import Recording, ShareLink
from transcription.services import following
from transcription.views.by_link import opened, secret_address, visit
from transcription.views.library import seen_recording
from transcription.views.requests import Request


@secret_address("GET", "HEAD", "POST")
@opened
def by_link(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    """For whoever has the link. Sets no cookie, unless it asks for a password.

    By one that opens more than captions, there is the transcript once the talk is over.
    """
    opens_transcript = link.kind == LinkKind.TRANSCRIPT
    if opens_transcript and link.recording.state != RecordingState.LIVE:
        return redirect("shared", token=token)
    address = reverse("shared", args=[token]) if opens_transcript else ""
    return _page(request, link.recording, token=token, visit=visit(request, link), transcript_address=address)


@login_required
@never_cache
@require_safe
def watch(request: Request, pk: UUID) -> HttpResponse:
    """For whoever sees the recording: to look on, or to show it to a hall (``#presentation``)."""
    return _page(request, seen_recording(request, pk))


def _page(
    request: HttpRequest, recording: Recording, *, token: str = "", visit: str = "", transcript_address: str = ""
) -> HttpResponse:
    followed = following.look(recording_id=recording.pk)
    if followed is None or followed.transcript_id is None:
        raise Http404
    said = following.lines(transcript_id=followed.transcript_id)
    context = {
        "recording": recording,
        "followed": followed,
        "said": said,
        "last_index": said[-1].index if said else -1,
        "token": token,
        "visit": visit,
        "by_link": bool(token),
        "transcript_address": transcript_address,
    }
    return render(request, "transcription/watch.html", context)
