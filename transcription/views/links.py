"""The panel by which a speaker lets others follow: links made, shown once, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import segno
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.client import base_url
from transcription.enums import LinkKind, RecordingState
from transcription.models import Recording, ShareLink
from transcription.services import links
from transcription.views.requests import Request


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link whose address can be shown this once. ``code`` is an SVG element."""

    link: ShareLink
    address: str
    code: SafeString


@login_required
@never_cache
@require_GET
def panel(request: Request, pk: UUID) -> HttpResponse:
    """For htmx: the panel by itself."""
    return render(request, "transcription/_share_live.html", panel_context(_own(request, pk)))


@login_required
@never_cache
@require_POST
def create(request: Request, pk: UUID) -> HttpResponse:
    """One more link. Its address is part of this answer and is kept nowhere."""
    recording = _own(request, pk)
    link, token = links.create_link(recording=recording, user=request.user)
    address = base_url(request) + reverse("watch-link", args=[token])
    context = panel_context(recording) | {"made": NewLink(link, address, qr_code(address))}
    template = "_share_live.html" if request.htmx else "share_live.html"
    return render(request, f"transcription/{template}", context)


@login_required
@never_cache
@require_POST
def withdraw(request: Request, pk: UUID, link: int) -> HttpResponse:
    """Whoever follows by it is shown out within seconds; a link that is withdrawn already stays so."""
    recording = _own(request, pk)
    found = get_object_or_404(ShareLink.objects.owned_by(request.user), pk=link, recording=recording)
    links.revoke_link(link=found)
    if not request.htmx:
        return redirect("recording", pk=recording.pk)
    context = panel_context(recording) | {"withdrawn": True}
    return render(request, "transcription/_share_live.html", context)


def panel_context(recording: Recording) -> dict[str, object]:
    """What ``_share_live.html`` needs; one query. It is of use while there is something to follow or to withdraw."""
    in_force = list(recording.links.in_force().filter(kind=LinkKind.LIVE).order_by("-created_at"))
    offered = recording.state == RecordingState.LIVE or bool(in_force)
    return {"recording": recording, "links": in_force, "links_offered": offered}


def qr_code(text: str) -> SafeString:
    """As an SVG element for the page: black on white with its quiet zone, as scanners want it in dark themes too."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308 -- made of numbers by segno


def _own(request: HttpRequest, pk: UUID) -> Recording:
    return get_object_or_404(Recording.objects.owned_by(request.user).kept().listed(), pk=pk)
