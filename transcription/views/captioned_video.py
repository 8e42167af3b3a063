"""The panel of a recording's video with captions: wished for, followed, cancelled, fetched, deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from transcription.downloads import answer_with_captioned_video
from transcription.errors import ScriptaError
from transcription.models import CaptionedVideo, Recording
from transcription.services import access, captioned_videos
from transcription.views.library import seen_recording
from transcription.views.requests import Request

Action = Callable[[Request, Recording], None]


def video_of(recording: Recording) -> CaptionedVideo | None:
    return CaptionedVideo.objects.filter(recording=recording).first()


@login_required
@require_GET
def panel(request: Request, pk: UUID) -> HttpResponse:
    """For htmx: the panel by itself, asked for again while the video is being made."""
    return _panel(request, seen_recording(request, pk))


def _action(view: Action) -> Callable[..., HttpResponse]:
    """A POST; what goes wrong is said in a notice, and the panel shows what is true."""

    @wraps(view)
    def wrapped(request: Request, pk: UUID) -> HttpResponse:
        recording = seen_recording(request, pk)
        try:
            access.require_editor(recording=recording, user=request.user)
            view(request, recording)
        except ScriptaError as error:
            messages.error(request, error.message)
        return _panel(request, recording) if request.htmx else redirect("captions", pk=recording.pk)

    return login_required(require_POST(wrapped))


@_action
def create(request: Request, recording: Recording) -> None:
    captioned_videos.request_video(recording=recording, speakers="speakers" in request.POST)


@_action
def cancel(request: Request, recording: Recording) -> None:
    captioned_videos.cancel_video(recording=recording)


@_action
def delete(request: Request, recording: Recording) -> None:
    captioned_videos.delete_video(recording=recording)


@login_required
@require_safe
def file(request: Request, pk: UUID) -> HttpResponseBase:
    video = get_object_or_404(CaptionedVideo.objects.select_related("recording"), recording=seen_recording(request, pk))
    return answer_with_captioned_video(request, video)


def _panel(request: Request, recording: Recording) -> HttpResponse:
    context = {"recording": recording, "video": video_of(recording), "with_toasts": True}
    return render(request, "transcription/_captioned_video.html", context)
