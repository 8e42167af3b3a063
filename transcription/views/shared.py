"""Pages for whoever has a link: the transcript with its player, read without an account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from transcription.downloads import answer_with_media
from transcription.enums import LinkKind, RecordingState
from transcription.models import ShareLink
from transcription.services import transcripts
from transcription.views.by_link import of_a_visit, opened, secret_address, visit
from transcription.views.comments import comments_context
from transcription.views.guests import commenter
from transcription.views.recording import answer_with_segments, answer_with_waveform, transcript_context


@secret_address("GET", "HEAD", "POST")
@opened
def transcript_page(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    """While it is spoken, live captions; and so always by a link that is for these alone."""
    found = link.recording
    if link.kind != LinkKind.TRANSCRIPT or found.state == RecordingState.LIVE:
        return redirect("watch-link", token=token)
    sign = visit(request, link)
    counted = urlencode({"visit": sign})
    shown = transcripts.newest_transcript(recording=found)
    names = {"segments": "shared-segments", "media": "shared-media", "waveform": "shared-waveform"}
    addresses = {key: f"{reverse(name, args=[token])}?{counted}" for key, name in names.items()}
    context: dict[str, Any] = {"recording": found, "transcript": shown, "addresses": addresses}
    context |= {"link": link, "by_link": True, "visit": sign}
    context |= transcript_context(request, shown)
    if link.may_comment:
        context |= comments_context(
            request, found, commenter(request, link), base=reverse("shared-comments", args=[token])
        )
    return render(request, "transcription/shared.html", context)


def of_transcript(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What the page of a transcript asks for: not by a link for live captions."""

    @wraps(view)
    def wrapped(request: HttpRequest, link: ShareLink, **kwargs: Any) -> HttpResponseBase:
        if link.kind != LinkKind.TRANSCRIPT or link.recording.state == RecordingState.LIVE:
            raise Http404
        return view(request, link, **kwargs)

    return wrapped


@secret_address("GET", "HEAD")
@opened
@of_transcript
@of_a_visit
def segments(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    """Also asked now and then by an open page, whether its link still opens something."""
    return answer_with_segments(request, link.recording)


@secret_address("GET", "HEAD")
@opened
@of_transcript
@of_a_visit
def waveform(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    return answer_with_waveform(link.recording)


@secret_address("GET", "HEAD")
@opened
@of_transcript
@of_a_visit
def media(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponseBase:
    """For the player only: never as a download. A browser keeps nothing of it, or it would outlive the link."""
    return answer_with_media(request, link.recording, download=False)
