"""The page to speak into. What is said travels by WebSocket; see static/js/live/recorder.js."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from transcription.enums import AudioEncoding, RecordingState
from transcription.forms.recordings import LiveForm
from transcription.models import Live, Recording
from transcription.views.requests import Request

PAGE_RATE = 16_000
"""Samples a second that the page records: what recognition wants."""
LISTED = 20


@login_required
@never_cache
@require_safe
def record(request: Request) -> HttpResponse:
    return _page(request)


@login_required
@never_cache
@require_safe
def record_live(request: Request, pk: UUID) -> HttpResponse:
    """To go on with a recording, perhaps on another device. One that has ended is read instead."""
    recording = get_object_or_404(Recording.objects.owned_by(request.user).kept().listed(), pk=pk)
    if recording.state != RecordingState.LIVE:
        return redirect("recording", pk=pk)
    return _page(request, asked=pk)


def _page(request: Request, asked: UUID | None = None) -> HttpResponse:
    mine = Live.objects.owned_by(request.user).filter(
        recording__state=RecordingState.LIVE, recording__deleted_at=None, recording__delete_after=None
    )
    found = list(mine.select_related("recording").order_by("-recording__created_at", "-pk")[:LISTED])
    found.sort(key=lambda each: each.pk != asked)
    unfinished = [{"live": each, "is_resumable": _is_resumable(each)} for each in found]
    context = {
        "form": LiveForm(user=request.user, auto_id="live_%s"),
        "unfinished": unfinished,
        "asked": asked,
        "is_on": settings.LIVE,
        "consent": settings.CONSENT_NOTICE,
    }
    return render(request, "transcription/record.html", context)


def _is_resumable(spoken: Live) -> bool:
    """What programs send in other shapes, this page cannot go on with; it can end it."""
    return spoken.encoding == AudioEncoding.PCM_S16LE and spoken.sample_rate == PAGE_RATE
