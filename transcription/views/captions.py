"""The captions of a recording: how they will look, which rules they break, and captions brought in from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import get_format
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from transcription.errors import BadCaptions, ScriptaError
from transcription.forms.recordings import CaptionFileForm
from transcription.services import access, caption_imports, exports, transcripts
from transcription.speech.captions import CAPTIONS, FORMATS, CheckedCue, rules_for, summed_up
from transcription.speech.captions.characters import width
from transcription.speech.captions.rules import MESSAGES
from transcription.speech.captions.scripts import is_right_to_left
from transcription.views.captioned_video import video_of
from transcription.views.library import seen_recording
from transcription.views.requests import Request

CUES_A_PAGE = 200


@login_required
@require_safe
def captions(request: Request, pk: UUID) -> HttpResponse:
    """A page of the captions of the version that is shown: all (``show=problems``: those that break a rule)."""
    found = seen_recording(request, pk)
    format = request.GET.get("format", "")
    format = format if format in CAPTIONS else CAPTIONS[0]
    context: dict[str, Any] = {
        "recording": found,
        "format": format,
        "formats": {name: FORMATS[name] for name in CAPTIONS},
        "import_form": CaptionFileForm(),
        "video": video_of(found),
    }
    if (transcript := transcripts.newest_transcript(recording=found)) is not None:
        cues = exports.check_captions(transcript=transcript, format=format)
        only_problems = request.GET.get("show") == "problems"
        listed = [cue for cue in cues if cue.violations] if only_problems else cues
        page = Paginator(listed, CUES_A_PAGE).get_page(request.GET.get("page"))
        context |= {
            "transcript": transcript,
            "summary": summed_up(cues),
            "only_problems": only_problems,
            "page": page,
            "rows": [_row(cue) for cue in page],
        }
    return render(request, "transcription/captions.html", context)


class _Number(float):
    """In a sentence, with the decimal sign of its language."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", get_format("DECIMAL_SEPARATOR"))


def _row(checked: CheckedCue) -> dict[str, Any]:
    language = checked.cue.language
    limit = rules_for(language).line_width
    widths = [(line, width(line, language)) for line in checked.lines]
    return {
        "checked": checked,
        "cue": checked.cue,
        "lines": [{"text": line, "width": wide, "is_long": wide > limit} for line, wide in widths],
        "limit": limit,
        "direction": "rtl" if is_right_to_left("", language) else "auto",
        "problems": [
            {
                "severity": each.severity,
                "message": gettext(MESSAGES[each.code]).format(
                    measured=_Number(each.measured), limit=_Number(each.limit)
                ),
            }
            for each in checked.violations
        ],
        "seconds": checked.cue.end - checked.cue.start,
    }


@login_required
@require_POST
def import_captions(request: Request, pk: UUID) -> HttpResponse:
    """A file of captions becomes the version that is shown; what is wrong with it is said in a notice."""
    found = seen_recording(request, pk)
    form = CaptionFileForm(request.POST, request.FILES)
    try:
        access.require_editor(recording=found, user=request.user)
        if not form.is_valid():
            raise BadCaptions("; ".join(str(error) for errors in form.errors.values() for error in errors))
        made = caption_imports.import_captions(recording=found, content=form.cleaned_data["file"].read())
    except ScriptaError as error:
        messages.error(request, error.message)
        return redirect("captions", pk=found.pk)
    count = made.segments.count()
    messages.success(
        request,
        gettext("%(count)s captions were imported as version %(version)s.") % {"count": count, "version": made.version},
    )
    return redirect("recording", pk=found.pk)
