"""The stored file of a recording: in pieces for the player, whole for a download."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from transcription.downloads import answer_with_media
from transcription.models import Recording


@require_safe
def media(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    if not request.user.is_authenticated:
        # A page is led to the sign-in; a player could do nothing with that page.
        wants_page = "text/html" in request.headers.get("Accept", "")
        return redirect_to_login(request.get_full_path()) if wants_page else HttpResponseForbidden()
    recording = get_object_or_404(Recording.objects.visible_to(request.user).listed(), pk=pk)
    return answer_with_media(request, recording, download="download" in request.GET)
