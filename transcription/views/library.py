"""The library: all recordings of a person, newest first, and what is happening to each."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from transcription.forms.library import LibraryFilterForm
from transcription.forms.recordings import JobOptionsForm
from transcription.models import Recording, Tag
from transcription.querysets import RecordingQuerySet
from transcription.services import retention
from transcription.speech import captions
from transcription.views.requests import Request
from transcription.views.status import describe, language_of

PAGE_SIZE = 50
MAX_ROWS_ASKED = 200


def shown(request: Request) -> RecordingQuerySet:
    """The recordings that this person may see, with what a row needs."""
    visible = Recording.objects.visible_to(request.user).kept().listed()
    return visible.for_display().with_role(request.user).with_marks_of(request.user)


def seen_recording(request: Request, pk: UUID) -> Recording:
    """One that this person sees, as it stands in the library. Raises Http404."""
    return get_object_or_404(Recording.objects.visible_to(request.user).kept().listed(), pk=pk)


def row_context(recording: Recording) -> dict[str, object]:
    return {
        "recording": recording,
        "status": describe(recording),
        "language": language_of(recording),
        "upcoming": retention.upcoming(recording, now=timezone.now()),
    }


@login_required
@require_safe
def library(request: Request) -> HttpResponse:
    """Narrowed and sorted by its address, which works without a script and can be kept as a bookmark.

    ``?shared`` narrows to what others share, ``?own`` to the person's own.
    """
    others = Recording.objects.shared_with(request.user).kept().listed()
    narrowed = next((name for name in ("shared", "own") if name in request.GET), "")
    filters = LibraryFilterForm(request.GET, user=request.user)
    rows = filters.narrow(shown(request))
    if narrowed:
        mine = Q(owner=request.user)
        rows = rows.filter(~mine if narrowed == "shared" else mine)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "narrowed": narrowed,
        "has_shared": narrowed == "shared" or others.exists(),
        "rows": [row_context(recording) for recording in page],
        "filters": filters,
        "is_narrowed": bool(filters.chosen),
        "is_first": not (page.paginator.count or filters.chosen or narrowed),
        "own_tags": Tag.objects.visible_to(request.user).by_name(),
        "export_formats": captions.FORMATS,
        "form": JobOptionsForm(user=request.user),
        "max_size": settings.MAX_UPLOAD_SIZE,
        "max_size_words": filesizeformat(settings.MAX_UPLOAD_SIZE),
        "chunk_size": settings.UPLOAD_CHUNK_SIZE,
    }
    return render(request, "transcription/library.html", context)


@login_required
@require_GET
def recordings_status(request: Request) -> HttpResponse:
    """For the page's script: what changed in the rows named as ``row=<id>:<kind shown>``.

    A row of the same kind gets only its words and bar, so that an open menu in it stays open; a row that moved on is
    drawn anew; one that is gone is taken away.
    """
    asked = dict(_parse_row(value) for value in request.GET.getlist("row")[:MAX_ROWS_ASKED])
    ids = [key for key in asked if key is not None]
    found = {recording.id: recording for recording in shown(request).filter(id__in=ids)}
    rows = [row_context(found[key]) | {"kind_shown": asked[key]} for key in ids if key in found]
    gone = [key for key in ids if key not in found]
    return render(request, "transcription/_rows_changed.html", {"rows": rows, "gone": gone})


def _parse_row(value: str) -> tuple[UUID | None, str]:
    key, _, kind = value.partition(":")
    try:
        return UUID(key), kind
    except ValueError:
        return None, kind


@login_required
@require_GET
def upload_row(request: Request, pk: UUID) -> HttpResponse:
    """For the uploader: the row of the recording that an upload fills."""
    recording = get_object_or_404(shown(request), upload__id=pk)
    return render(request, "transcription/_row.html", row_context(recording))


@login_required
@require_safe
def trash(request: Request) -> HttpResponse:
    thrown_away = Recording.objects.owned_by(request.user).listed().trashed()
    thrown_away = thrown_away.annotate(goes_at=F("deleted_at") + timedelta(days=settings.TRASH_DAYS))
    page = Paginator(thrown_away.order_by("-deleted_at", "-id"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "transcription/trash.html", {"page": page, "days": settings.TRASH_DAYS})
