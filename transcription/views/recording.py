"""One recording: its transcript, its player and its exports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from transcription.downloads import answer_with_export
from transcription.enums import Role, Task
from transcription.forms import JobOptionsForm
from transcription.models import Recording, Transcript, TranscriptSegment, Waveform
from transcription.services import transcripts
from transcription.services.comments import Commenter
from transcription.speech import captions
from transcription.views.comments import comments_context
from transcription.views.library import row_context, shown
from transcription.views.links import panel_context
from transcription.views.requests import Request
from transcription.views.status import can_improve, is_rewriting, newest_job

SEGMENTS_A_PAGE = 200
SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "1.75", "2")
MAX_SEGMENT = 10**9
"""Far beyond any transcript, far below the end of the database's integers."""


@login_required
@require_safe
def recording(request: Request, pk: UUID) -> HttpResponse:
    """The page. Of a long transcript it holds one part; for the others it holds their places, filled when reached."""
    found = get_object_or_404(shown(request).select_related("waveform"), pk=pk)
    status = status_context(found)
    context = row_context(found) | status | transcript_context(request, status["transcript"])
    context |= {"addresses": _addresses(found), "export_formats": captions.FORMATS}
    context |= comments_context(found, Commenter(user=request.user), base=reverse("comments", args=[found.pk]))
    if found.role == Role.OWNER:
        context |= {"form": JobOptionsForm(user=request.user, initial=_last_choices(found))} | panel_context(found)
    return render(request, "transcription/recording.html", context)


def transcript_context(request: HttpRequest, transcript: Transcript | None) -> dict[str, Any]:
    """The text and the player: the part that the address asks for, and the places of the others."""
    parts = _parts(transcript) if transcript else []
    context: dict[str, Any] = {"parts": parts, "text_language": _text_language(transcript), "speeds": SPEEDS}
    if transcript and parts:
        number = min(_number(request.GET.get("page"), default=0), len(parts) - 1)
        context |= {"shown_part": number, "segments": _part(transcript, number)}
    return context


def _addresses(found: Recording) -> dict[str, str]:
    """Where the page's scripts ask; readers by a link have others."""
    names = {"segments": "segments", "status": "recording-status", "media": "media", "waveform": "waveform"}
    return {key: reverse(name, args=[found.pk]) for key, name in names.items()}


def status_context(found: Recording) -> dict[str, Any]:
    """What the state of the page's job says beside a row: of the version that is shown, and what can become of it."""
    transcript = transcripts.newest_transcript(recording=found)
    return {
        "transcript": transcript,
        "can_improve": can_improve(found),
        "is_rewriting": is_rewriting(found, transcript),
    }


def _kept(request: Request, pk: UUID) -> Recording:
    return get_object_or_404(Recording.objects.visible_to(request.user).kept().listed(), pk=pk)


def _last_choices(found: Recording) -> dict[str, object]:
    job = newest_job(found)
    return {name: getattr(job, name) for name in ("language", "task", "model", "vocabulary")} if job else {}


def _parts(transcript: Transcript) -> list[dict[str, object]]:
    """Number, first index and start in seconds of each part, found with one read of one row in two hundred."""
    rows = transcript.segments.annotate(part=F("index") % SEGMENTS_A_PAGE).filter(part=0).order_by("index")
    return [
        {"number": index // SEGMENTS_A_PAGE, "first": index + 1, "last": index + SEGMENTS_A_PAGE, "start": start}
        for index, start in rows.values_list("index", "start")
    ]


def _part(transcript: Transcript, number: int) -> QuerySet[TranscriptSegment]:
    first = number * SEGMENTS_A_PAGE
    return transcript.segments.filter(index__gte=first, index__lt=first + SEGMENTS_A_PAGE).order_by("index")


def _text_language(transcript: Transcript | None) -> str:
    if transcript is None:
        return ""
    return "en" if transcript.task == Task.TRANSLATE else transcript.language


def _number(value: str | None, *, default: int) -> int:
    """A number out of an address; whatever is none is the default."""
    if not value or not value.isascii() or not value.isdigit():
        return default
    return int(value) if len(value) < len(str(MAX_SEGMENT)) else MAX_SEGMENT


@login_required
@require_GET
def recording_status(request: Request, pk: UUID) -> HttpResponse:
    """For htmx: the state of the job, and what the head says of the recording.

    The export menu is sent until the page says that it has it (``export``): it may be open.
    """
    found = get_object_or_404(shown(request), pk=pk)
    context = (
        row_context(found)
        | status_context(found)
        | {
            "export_formats": captions.FORMATS,
            "export_shown": "export" in request.GET,
            "out_of_band": True,
        }
    )
    return render(request, "transcription/_job_status.html", context)


@login_required
@require_GET
def segments(request: Request, pk: UUID) -> HttpResponse:
    """Rows of the newest transcript: a whole part (``page``), or at most 200 that come ``after`` an index."""
    return answer_with_segments(request, _kept(request, pk))


def answer_with_segments(request: HttpRequest, found: Recording) -> HttpResponse:
    transcript = transcripts.newest_transcript(recording=found)
    if transcript is None:
        return HttpResponse(status=204)
    if "after" in request.GET:
        after = _number(request.GET["after"], default=-1)
        rows = transcript.segments.filter(index__gt=after).order_by("index")[:SEGMENTS_A_PAGE]
    else:
        rows = _part(transcript, _number(request.GET.get("page"), default=0))
    context = {"segments": rows, "text_language": _text_language(transcript)}
    response = render(request, "transcription/_segments.html", context)
    response["X-Transcript-Version"] = str(transcript.version)
    return response


@login_required
@require_GET
def waveform(request: Request, pk: UUID) -> HttpResponse:
    """``peaks`` from 0 to 1 and the ``seconds`` they cover: not yet all while the job reads; 204 before."""
    return answer_with_waveform(_kept(request, pk))


def answer_with_waveform(recording: Recording) -> HttpResponse:
    found = Waveform.objects.filter(recording=recording).first()
    if found is None:
        return HttpResponse(status=204)
    peaks = [round(value / 255, 3) for value in bytes(found.peaks)]
    return JsonResponse({"peaks": peaks, "seconds": found.seconds})


@login_required
@require_GET
def export(request: Request, pk: UUID, format: str) -> HttpResponse:
    """The newest transcript as a file."""
    found = _kept(request, pk)
    transcript = transcripts.newest_transcript(recording=found)
    if transcript is None or format not in captions.FORMATS:
        raise Http404
    return answer_with_export(transcript, format=format)
