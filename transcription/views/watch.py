"""Pages for an audience: by a link, without an account; or as the owner of the recording."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.errors import TooManyAttempts
from accounts.views.throttled import client_key, too_many_attempts
from transcription.errors import LinkUnknown, LinkWithdrawn
from transcription.models import Recording
from transcription.services import following, links
from transcription.views.requests import Request


def unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The address is a secret: no search engine lists it, nothing keeps it, and no other page is told of it."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return never_cache(require_safe(wrapped))


@unlisted
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever has the link. Sets no cookie."""
    try:
        link = links.open_link(token=token, address=client_key(request))
    except (LinkWithdrawn, LinkUnknown) as error:
        return render(request, "transcription/link_closed.html", {"error": error}, status=error.status)
    except TooManyAttempts as error:
        return too_many_attempts(request, until=error.until)
    return _page(request, link.recording, token=token)


@login_required
@never_cache
@require_safe
def watch(request: Request, pk: UUID) -> HttpResponse:
    """For the owner: to look on, or to show it to a hall (``#presentation``)."""
    return _page(request, get_object_or_404(Recording.objects.visible_to(request.user).kept().listed(), pk=pk))


def _page(request: HttpRequest, recording: Recording, *, token: str = "") -> HttpResponse:
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
        "by_link": bool(token),
    }
    return render(request, "transcription/watch.html", context)
