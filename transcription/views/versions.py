"""The versions of a recording's text: what was done to each, states with a name, and what differs between two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from transcription.editing.compare import Run
from transcription.errors import ScriptaError
from transcription.models import NamedRevision, Recording, Transcript
from transcription.services import access, transcripts, versions
from transcription.services.edits import By
from transcription.views.library import seen_recording
from transcription.views.requests import Request

EDITS_A_PAGE = 50
CONTEXT = 12
"""Words around a difference that are shown; of longer stretches that are the same, the middle is left out."""


def _version(recording: Recording, number: int) -> Transcript:
    return get_object_or_404(Transcript, recording=recording, version=number)


@login_required
@require_safe
def version_list(request: Request, pk: UUID) -> HttpResponse:
    """All versions, and what was done to the one that is shown or asked for."""
    found = seen_recording(request, pk)
    newest = transcripts.newest_transcript(recording=found)
    every = list(
        found.transcripts.annotate(edit_count=Count("edits")).select_related("job", "live").order_by("-version")
    )
    shown = next((each for each in every if each == newest), None)
    asked = request.GET.get("version", "")
    chosen = next((each for each in every if str(each.version) == asked), shown)
    history = chosen.edits.select_related("user").order_by("-revision") if chosen else Transcript.objects.none()
    context = {
        "recording": found,
        "versions": every,
        "shown": shown,
        "may_edit": access.may_edit(recording=found, user=request.user),
        "is_owner": found.owner_id == request.user.pk,
        "chosen": chosen,
        "names": chosen.named_revisions.select_related("user").order_by("-revision", "-pk") if chosen else [],
        "page": Paginator(history, EDITS_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "transcription/versions.html", context)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two states that are compared."""

    transcript: Transcript
    revision: int

    @property
    def name(self) -> str:
        return f"{self.transcript.version}.{self.revision}"


@login_required
@require_GET
def compare(request: Request, pk: UUID) -> HttpResponse:
    """Two states, ``old=<version>.<revision>`` and ``new=…``. Without: what people did to the version that is shown."""
    found = seen_recording(request, pk)
    shown = transcripts.newest_transcript(recording=found)
    if shown is None:
        raise Http404
    old = _side(found, request.GET.get("old", f"{shown.version}.0"))
    new = _side(found, request.GET.get("new", f"{shown.version}.{shown.revision}"))
    difference = versions.compare_states(old=(old.transcript, old.revision), new=(new.transcript, new.revision))
    context = {
        "recording": found,
        "old_name": old.name,
        "new_name": new.name,
        "difference": difference,
        "runs": [shown_run(run) for run in difference.runs],
        "states": _states(found, old, new),
        "language": new.transcript.language,
    }
    return render(request, "transcription/compare.html", context)


def _side(recording: Recording, named: str) -> Side:
    version, _dot, revision = named.partition(".")
    if not (
        version.isdecimal() and len(version) < 10 and (not revision or revision.isdecimal() and len(revision) < 10)
    ):
        raise Http404
    transcript = _version(recording, int(version))
    number = int(revision) if revision else transcript.revision
    if number > transcript.revision:
        raise Http404
    return Side(transcript, number)


def _states(recording: Recording, *compared: Side) -> list[tuple[str, str]]:
    """What can be chosen: of each version how it is, how the machine wrote it, and its states with a name."""
    found: list[tuple[str, str]] = []
    for each in recording.transcripts.prefetch_related("named_revisions").order_by("-version"):
        label = gettext("Version %(number)d") % {"number": each.version}
        found.append((f"{each.version}.{each.revision}", gettext("%(version)s, as it is") % {"version": label}))
        found += [(f"{each.version}.{n.revision}", f"{label}: {n.name}") for n in each.named_revisions.all()]
        found.append((f"{each.version}.0", gettext("%(version)s, as the machine wrote it") % {"version": label}))
    known = {value for value, _label in found}
    for side in compared:
        if side.name not in known:
            values = {"version": side.transcript.version, "change": side.revision}
            found.append((side.name, gettext("Version %(version)d, after change %(change)d") % values))
    return found


def shown_run(run: Run) -> dict[str, object]:
    """As ``_runs.html`` draws it."""
    words = [word.text for word in run.words]
    is_long = run.kind == "same" and len(words) > 3 * CONTEXT
    return {
        "kind": run.kind,
        "start": run.words[0].start,
        "head": " ".join(words[:CONTEXT] if is_long else words),
        "tail": " ".join(words[-CONTEXT:]) if is_long else "",
        "resumes": run.words[-CONTEXT].start if is_long else 0,
        "left_out": len(words) - 2 * CONTEXT if is_long else 0,
    }


# What can be done ----------------------------------------------------------------------------------------------------


def action(view: Callable[..., str]) -> Callable[..., HttpResponse]:
    """A POST on one version by somebody who may edit: a service is called, and a notice says what happened."""

    @wraps(view)
    def wrapped(request: Request, pk: UUID, version: int, **more: int) -> HttpResponse:
        transcript = _version(seen_recording(request, pk), version)
        try:
            access.require_editor(recording=transcript.recording, user=request.user)
            messages.success(request, view(request, transcript, **more))
        except ScriptaError as error:
            messages.error(request, error.message)
        return redirect("versions", pk=pk)

    return login_required(require_POST(wrapped))


@action
def show(request: Request, transcript: Transcript) -> str:
    versions.show_version(recording=transcript.recording, version=transcript.version)
    return gettext("Version %(number)d is shown now.") % {"number": transcript.version}


@action
def delete(request: Request, transcript: Transcript) -> str:
    access.require_owner(recording=transcript.recording, user=request.user)
    transcripts.delete_transcript(transcript=transcript)
    return gettext("Version %(number)d was deleted.") % {"number": transcript.version}


@action
def name(request: Request, transcript: Transcript) -> str:
    named = versions.name_revision(transcript=transcript, user=request.user, name=request.POST.get("name", ""))
    return gettext("The present state is kept as “%(name)s”.") % {"name": named.name}


@action
def forget(request: Request, transcript: Transcript, named: int) -> str:
    versions.forget_name(named=get_object_or_404(NamedRevision, transcript=transcript, pk=named))
    return gettext("The name was taken away. The state itself stays in the history.")


@action
def restore(request: Request, transcript: Transcript) -> str:
    revision = request.POST.get("revision", "")
    if not (revision.isdecimal() and len(revision) < 10):
        raise Http404
    if versions.restore(transcript_id=transcript.pk, by=By(request.user), revision=int(revision)) is None:
        return gettext("The text is as it was then already.")
    return gettext("The earlier state is back. Undo brings the newer one back.")
