"""What the page of a recording asks for while its text is corrected. Corrections themselves go to the API."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from transcription.models import Transcript, TranscriptSegment
from transcription.services import access, edits, transcripts, undoing
from transcription.views.library import seen_recording
from transcription.views.proposals import can_propose
from transcription.views.recording import rows_context
from transcription.views.requests import Request

MOST_DOUBTFUL = 100
MOST_CHANGED = 1000
"""Rows sent at once; where more have changed, the page fetches anew what it holds."""


@login_required
@require_GET
def doubtful(request: Request, pk: UUID) -> HttpResponse:
    """For htmx: passages that should be listened to, in order."""
    found = seen_recording(request, pk)
    transcript = transcripts.newest_transcript(recording=found)
    rows = list(transcript.segments.exclude(doubt="").in_order()[: MOST_DOUBTFUL + 1]) if transcript else []
    context = {
        "segments": rows[:MOST_DOUBTFUL],
        "has_more": len(rows) > MOST_DOUBTFUL,
        "can_propose": can_propose(found),
        "text_language": transcript.language if transcript else "",
    }
    return render(request, "transcription/_doubtful.html", context)


@login_required
@require_GET
def changes(request: Request, pk: UUID) -> HttpResponse:
    """Passages changed since a ``revision``, by whomever: each as HTML, with its place in the order.

    204 while there are none; ``many`` instead of passages where there are too many; ``reload`` where another version is
    shown by now.
    """
    found = seen_recording(request, pk)
    transcript = transcripts.newest_transcript(recording=found)
    given = {name: request.GET.get(name, "") for name in ("transcript", "revision")}
    if transcript is None or given["transcript"] != str(transcript.pk) or not given["revision"].isdecimal():
        return JsonResponse({"reload": True})
    known = int(given["revision"][:9])
    if known >= transcript.revision:
        return HttpResponse(status=204)
    rows = transcript.segments.filter(revision__gt=known).in_order()
    many = rows.count() > MOST_CHANGED
    told = _changed(request, transcript, rows.none() if many else rows, known)
    return JsonResponse(told | {"many": many})


def _changed(
    request: Request, transcript: Transcript, rows: QuerySet[TranscriptSegment], known: int
) -> dict[str, object]:
    may_edit = access.may_edit(recording=transcript.recording, user=request.user)
    context = rows_context(transcript, [], may_edit=may_edit, with_terms=True)
    more = _removed(transcript, known) | undoing.possible_steps(transcript=transcript, user=request.user)
    return more | {
        "revision": transcript.revision,
        "rows": [
            {
                "index": row.index,
                "rank": row.rank,
                "html": render_to_string("transcription/_segments.html", context | {"segments": [row]}, request),
            }
            for row in rows
        ],
        "speakers": context["speaker_names"],
    }


def _removed(transcript: Transcript, known: int) -> dict[str, list[int]]:
    """Passages that are gone, and those among them that were joined with the one above."""
    gone: dict[int, bool] = {}
    for edit in transcript.edits.filter(revision__gt=known).order_by("revision"):
        gone |= edits.taken_away(edit)
    back = set(transcript.segments.filter(index__in=gone).values_list("index", flat=True))
    removed = sorted(gone.keys() - back)
    return {"removed": removed, "joined": [index for index in removed if gone[index]]}
