"""One recording: its transcript, its player and its exports."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from transcription.downloads import answer_with_export, choice
from transcription.enums import Role, Task
from transcription.errors import BadRequest, CannotExport
from transcription.forms.recordings import CaptionFileForm, JobOptionsForm
from transcription.models import Recording, Transcript, TranscriptSegment, Waveform
from transcription.services import access, speakers, transcripts, undoing, vocabulary
from transcription.services.comments import Commenter
from transcription.speech import captions
from transcription.speech.errors import UnknownFormat, UnknownOption
from transcription.views.comments import comments_context
from transcription.views.library import row_context, seen_recording, shown
from transcription.views.links import panel_context
from transcription.views.proposals import dialog_context
from transcription.views.requests import Request
from transcription.views.status import can_improve, is_rewriting, is_silent, newest_job

SEGMENTS_A_PAGE, MOST_SEGMENTS = 100, 2000
SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "1.75", "2")
MAX_SEGMENT = 10**9
"""Far beyond any transcript, far below the end of the database's integers."""


@login_required
@require_safe
def recording(request: Request, pk: UUID) -> HttpResponse:
    """The page. Of a long transcript it holds one part; for the others it holds their places, filled when reached."""
    found = get_object_or_404(shown(request).select_related("waveform"), pk=pk)
    status = status_context(found)
    transcript: Transcript | None = status["transcript"]
    may_edit = found.role in {Role.OWNER, Role.EDITOR}
    context = row_context(found) | status | transcript_context(request, transcript, may_edit=may_edit, with_terms=True)
    context |= {"addresses": _addresses(found), "export_formats": captions.FORMATS, "may_edit": may_edit}
    context |= _left_version(request, found, transcript)
    context |= comments_context(request, found, Commenter(user=request.user), base=reverse("comments", args=[found.pk]))
    if may_edit:
        context |= {"import_form": CaptionFileForm()}
        context |= undoing.possible_steps(transcript=transcript, user=request.user) if transcript else {}
        context |= dialog_context(found, transcript) if context["is_editable"] else {}
    if found.role == Role.OWNER:
        context |= {"form": JobOptionsForm(user=request.user, initial=_last_choices(found))} | panel_context(found)
    return render(request, "transcription/recording.html", context)


def _left_version(request: Request, found: Recording, shown: Transcript | None) -> dict[str, object]:
    """For an open page that has gone on to another version: where the person's corrections are."""
    number = _number(request.GET.get("left"), default=0)
    left = found.transcripts.filter(version=number).exclude(pk=shown.pk).first() if number and shown else None
    if left is None:
        return {}
    return {"left": left, "has_own_edits": left.edits.own_steps(request.user).done().exists()}


def transcript_context(
    request: HttpRequest, transcript: Transcript | None, *, may_edit: bool = False, with_terms: bool = False
) -> dict[str, Any]:
    """The text and the player: the part that the address asks for, and the places of the others.

    ``with_terms``: the names and terms that the transcription was told of are marked. They are people's own: whoever
    reads by a link is not shown them.
    """
    parts = _parts(transcript) if transcript else []
    context: dict[str, Any] = {
        "parts": parts,
        "text_language": _text_language(transcript),
        "is_editable": may_edit and transcript is not None and transcript.is_complete,
        "speeds": SPEEDS,
    }
    if transcript and parts:
        number = min(_number(request.GET.get("page"), default=0), len(parts) - 1)
        rows = rows_context(transcript, _part(transcript, number), may_edit=may_edit, with_terms=with_terms)
        context |= {"shown_part": number} | rows
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
        "is_silent": is_silent(found),
        "is_rewriting": is_rewriting(found, transcript),
    }


def _last_choices(found: Recording) -> dict[str, object]:
    job = newest_job(found)
    return {name: getattr(job, name) for name in ("language", "task", "model", "vocabulary")} if job else {}


def _parts(transcript: Transcript) -> list[dict[str, object]]:
    """Number, place of the first passage in the order, and start in seconds of each part."""
    numbered = transcript.segments.annotate(place=Window(RowNumber(), order_by=["rank", "index"]) - 1)
    firsts = numbered.annotate(part=F("place") % SEGMENTS_A_PAGE).filter(part=0).order_by("place")
    return [
        {"number": place // SEGMENTS_A_PAGE, "first": place + 1, "rank": rank, "start": start}
        for place, rank, start in firsts.values_list("place", "rank", "start")
    ]


def _part(transcript: Transcript, number: int) -> QuerySet[TranscriptSegment]:
    first = number * SEGMENTS_A_PAGE
    return transcript.segments.in_order()[first : first + SEGMENTS_A_PAGE]


def rows_context(
    transcript: Transcript, rows: Iterable[TranscriptSegment], *, may_edit: bool = False, with_terms: bool = False
) -> dict[str, object]:
    """What the markup of passages needs."""
    return {
        "segments": rows,
        "speaker_names": speakers.names_of(transcript),
        "text_language": _text_language(transcript),
        "is_translated": transcript.task == Task.TRANSLATE,
        "is_editable": may_edit and transcript.is_complete,
        "terms": vocabulary.finder_for(transcript) if with_terms else None,
    }


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
    found = seen_recording(request, pk)
    may_edit = access.may_edit(recording=found, user=request.user)
    return answer_with_segments(request, found, may_edit=may_edit, with_terms=True)


def answer_with_segments(
    request: HttpRequest, found: Recording, *, may_edit: bool = False, with_terms: bool = False
) -> HttpResponse:
    """Rows of the transcript that is shown: at most 100 that come ``after`` a place in the order, or those of a part.

    A part is named by the places at which it begins (``from``) and the next one does (``until``): others may split and
    join passages meanwhile.
    """
    transcript = transcripts.newest_transcript(recording=found)
    if transcript is None:
        return HttpResponse(status=204)
    if "after" in request.GET:
        after = _place(request.GET["after"])
        rows = transcript.segments.filter(rank__gt=-1 if after is None else after).in_order()[:SEGMENTS_A_PAGE]
    else:
        first, last = (_place(request.GET.get(name)) for name in ("from", "until"))
        bounds = Q(rank__gte=first or 0) & (Q() if last is None else Q(rank__lt=last))
        rows = transcript.segments.filter(bounds).in_order()[:MOST_SEGMENTS]
    context = rows_context(transcript, rows, may_edit=may_edit, with_terms=with_terms)
    response = render(request, "transcription/_segments.html", context)
    response["X-Transcript-Version"] = str(transcript.version)
    response["X-Transcript-Revision"] = str(transcript.revision)
    return response


def _place(value: str | None) -> float | None:
    """A place in the order, out of an address; None for whatever is none."""
    try:
        place = float(value or "")
    except ValueError:
        return None
    return place if isfinite(place) else None


@login_required
@require_GET
def waveform(request: Request, pk: UUID) -> HttpResponse:
    """``peaks`` from 0 to 1 and the ``seconds`` they cover: not yet all while the job reads; 204 before."""
    return answer_with_waveform(seen_recording(request, pk))


def answer_with_waveform(recording: Recording) -> HttpResponse:
    found = Waveform.objects.filter(recording=recording).first()
    if found is None:
        return HttpResponse(status=204)
    peaks = [round(value / 255, 3) for value in bytes(found.peaks)]
    return JsonResponse({"peaks": peaks, "seconds": found.seconds})


@login_required
@require_GET
def export(request: Request, pk: UUID, format: str) -> HttpResponse:
    """The version that is shown, as a file: as usual in the format, or with ``times`` and ``speakers`` as asked."""
    found = seen_recording(request, pk)
    try:
        wished = {name: choice(request.GET, name) for name in ("times", "speakers")}
    except BadRequest as error:
        raise Http404 from error
    return _answer_with_export(request, found, format, wished)


@login_required
@require_GET
def export_chosen(request: Request, pk: UUID) -> HttpResponse:
    """For the menu's form: a box that is not ticked is not sent, and what the format does not have is no choice."""
    found = seen_recording(request, pk)
    format = request.GET.get("format", "")
    if format not in captions.FORMATS:
        raise Http404
    chosen = captions.FORMATS[format]
    wished = {name: None if getattr(chosen, name) is None else name in request.GET for name in ("times", "speakers")}
    return _answer_with_export(request, found, format, wished)


def _answer_with_export(
    request: Request, found: Recording, format: str, wished: dict[str, bool | None]
) -> HttpResponse:
    transcript = transcripts.newest_transcript(recording=found)
    if transcript is None:
        raise Http404
    try:
        return answer_with_export(transcript, format=format, **wished)
    except (UnknownFormat, UnknownOption) as error:
        raise Http404 from error
    except CannotExport as error:
        messages.error(request, error.message)
        return redirect("recording", pk=found.pk)
