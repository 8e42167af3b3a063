"""What people do to a recording: each is a POST that calls one service and shows the result where it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from transcription.errors import BadRequest, ScriptaError, WrongState
from transcription.forms.recordings import JobOptionsForm, RenameForm
from transcription.models import Job, Recording
from transcription.services import access, jobs, recordings, uploads
from transcription.views.library import row_context, shown
from transcription.views.recording import status_context
from transcription.views.requests import Request

Action = Callable[[Request, Recording], HttpResponse | None]


def action(view: Action) -> Callable[..., HttpResponse]:
    """A POST on an own recording; what goes wrong is said in a notice, and the page shows what is true."""

    @wraps(view)
    def wrapped(request: Request, pk: UUID) -> HttpResponse:
        recording = get_object_or_404(
            Recording.objects.visible_to(request.user).listed().select_related("upload"), pk=pk
        )
        try:
            access.require_owner(recording=recording, user=request.user)
            answer = view(request, recording)
        except ScriptaError as error:
            messages.error(request, error.message)
            answer = None
        return answer or show(request, recording)

    return login_required(require_POST(wrapped))


def show(request: Request, recording: Recording) -> HttpResponse:
    """The recording's row or status for htmx, else the page that the user was on."""
    if not request.htmx:
        on_own_page = request.POST.get("next") == "recording"
        return redirect("recording", pk=recording.pk) if on_own_page else redirect("library")
    found = get_object_or_404(shown(request), pk=recording.pk)
    context = row_context(found) | status_context(found) | {"with_toasts": True}
    template = "_job_status.html" if request.htmx.target == "job-status" else "_row.html"
    return render(request, f"transcription/{template}", context)


@action
def delete(request: Request, recording: Recording) -> HttpResponse | None:
    """To the trash. An upload that is not complete has nothing to keep: it ends for good."""
    if uploads.throw_away(recording=recording):
        messages.success(request, gettext("The upload of “%(title)s” was cancelled.") % {"title": recording.title})
    else:
        undo = reverse("recording-restore", args=[recording.pk])
        messages.success(request, gettext("“%(title)s” is in the trash.") % {"title": recording.title}, extra_tags=undo)
    if not request.htmx:
        return redirect("library")
    # The empty place stays in the list, so that Undo brings the row back where it was.
    return render(request, "transcription/_row_deleted.html", {"recording": recording, "with_toasts": True})


@action
def restore(request: Request, recording: Recording) -> HttpResponse | None:
    jobs.restore_recording(recording=recording)
    messages.success(request, gettext("“%(title)s” is back in the library.") % {"title": recording.title})
    if not request.htmx:
        return redirect("trash" if request.POST.get("next") == "trash" else "library")
    row = row_context(get_object_or_404(shown(request), pk=recording.pk))
    return render(request, "transcription/_row.html", row | {"with_toasts": True, "out_of_band": True})


@action
def purge(request: Request, recording: Recording) -> HttpResponse | None:
    if recording.deleted_at is None:
        raise WrongState(gettext("Only what is in the trash can be deleted for good."))
    recordings.purge_recording(recording=recording)
    messages.success(request, gettext("“%(title)s” was deleted for good.") % {"title": recording.title})
    return redirect("trash")


@action
def rename(request: Request, recording: Recording) -> None:
    form = RenameForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Please give a title of 1 to 200 characters."))
    recordings.rename_recording(recording=recording, title=form.cleaned_data["title"])


@action
def exempt(request: Request, recording: Recording) -> HttpResponse | None:
    """``is_exempt`` says whether rules of retention leave it alone."""
    if recording.owner_id != request.user.pk:
        raise WrongState(gettext("Only its owner decides how long a recording is kept."))
    is_exempt = request.POST.get("is_exempt") == "yes"
    recordings.set_exempt(rows=Recording.objects.filter(pk=recording.pk), is_exempt=is_exempt)
    title = {"title": recording.title}
    said = (
        gettext("“%(title)s” is kept, whatever the rule says.")
        if is_exempt
        else gettext("The rule holds for “%(title)s”.")
    )
    messages.success(request, said % title)
    return redirect("storage") if request.POST.get("next") == "storage" and not request.htmx else None


@action
def cancel(request: Request, recording: Recording) -> None:
    jobs.cancel_job(job=_newest_job(recording))


@action
def retry(request: Request, recording: Recording) -> None:
    jobs.retry_job(job=_newest_job(recording))


@action
def transcribe(request: Request, recording: Recording) -> HttpResponse | None:
    """Once more, with other choices: makes a new version of the transcript."""
    form = JobOptionsForm(request.POST, user=request.user)
    if not form.is_valid():
        raise BadRequest(gettext("Please check the choices for the transcription."))
    jobs.submit_job(recording=recording, options=form.options())
    return redirect("recording", pk=recording.pk)


@action
def improve(request: Request, recording: Recording) -> None:
    """Of what was spoken live: a new version, made with care from the whole sound."""
    jobs.improve_live(recording=recording)


def _newest_job(recording: Recording) -> Job:
    job = recording.jobs.order_by("-id").first()
    if job is None:
        raise WrongState
    return job
