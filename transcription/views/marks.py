"""Tags and favourites of the person who looks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from transcription.enums import TagColor
from transcription.errors import BadRequest, ScriptaError
from transcription.forms.library import TagForm
from transcription.models import Tag
from transcription.services import marks
from transcription.views.library import row_context, seen_recording, shown
from transcription.views.requests import Request


@login_required
@require_http_methods(["GET", "POST"])
def tag_list(request: Request) -> HttpResponse:
    """All tags, and a form for a new one."""
    form = TagForm(request.POST or None, auto_id="new_%s", initial={"color": TagColor.TEAL})
    if request.method == "POST" and form.is_valid():
        try:
            made = marks.create_tag(owner=request.user, **form.cleaned_data)
        except ScriptaError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, gettext("The tag “%(tag)s” was made.") % {"tag": made.name})
            return redirect("tags")
    context = {
        "tags": Tag.objects.visible_to(request.user).by_name().with_counts(request.user),
        "form": form,
        "colors": TagColor.choices,
    }
    return render(request, "transcription/tags.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def change_tag(request: Request, pk: int) -> HttpResponse:
    tag = _own(request, pk)
    form = TagForm(request.POST)
    try:
        if not form.is_valid():
            raise BadRequest(gettext("A tag has a name of 1 to %(most)d characters.") % {"most": marks.MOST_LETTERS})
        marks.change_tag(tag=tag, name=form.cleaned_data["name"], color=form.cleaned_data["color"] or None)
        messages.success(request, gettext("The tag was changed."))
    except ScriptaError as error:
        messages.error(request, error.message)
    return redirect("tags")


@login_required
@require_POST
def merge_tag(request: Request, pk: int) -> HttpResponse:
    tag = _own(request, pk)
    chosen = request.POST.get("into", "")
    try:
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
            raise BadRequest(gettext("Choose the tag to merge into."))
        into = _own(request, int(chosen))
        marks.merge_tags(tag=tag, into=into)
        said = gettext("“%(tag)s” is now “%(into)s”.") % {"tag": tag.name, "into": into.name}
        messages.success(request, said)
    except ScriptaError as error:
        messages.error(request, error.message)
    return redirect("tags")


@login_required
@require_POST
def delete_tag(request: Request, pk: int) -> HttpResponse:
    tag = _own(request, pk)
    marks.delete_tag(tag=tag)
    messages.success(request, gettext("The tag “%(tag)s” was deleted.") % {"tag": tag.name})
    return redirect("tags")


@login_required
@require_http_methods(["GET", "POST"])
def recording_tags(request: Request, pk: UUID) -> HttpResponse:
    """Which of the person's tags a recording has. For htmx the form alone, and afterwards the row."""
    found = get_object_or_404(shown(request), pk=pk)
    own = Tag.objects.visible_to(request.user).by_name()
    context = {"recording": found, "tags": own, "chosen": {tag.pk for tag in found.own_tags}}
    if request.method == "GET":
        name = "_recording_tags.html" if request.htmx else "recording_tags.html"
        return render(request, f"transcription/{name}", context)
    chosen = {int(key) for key in request.POST.getlist("tag") if key.isascii() and key.isdigit() and len(key) < 19}
    tags = list(own.filter(pk__in=chosen))
    try:
        if request.POST.get("new_tag", "").strip():
            tags.append(marks.find_or_create_tag(owner=request.user, name=request.POST["new_tag"]))
        marks.set_tags(user=request.user, recording=found, tags=tags)
    except ScriptaError as error:
        messages.error(request, error.message)
    return _row(request, pk)


@login_required
@require_POST
def favourite(request: Request, pk: UUID) -> HttpResponse:
    """``is_favourite`` is what it shall be."""
    found = seen_recording(request, pk)
    is_favourite = request.POST.get("is_favourite") == "yes"
    marks.set_favourite(user=request.user, recordings=[found], is_favourite=is_favourite)
    return _row(request, pk)


def _row(request: Request, pk: UUID) -> HttpResponse:
    if not request.htmx:
        return redirect("library")
    row = row_context(get_object_or_404(shown(request), pk=pk))
    return render(request, "transcription/_row.html", row | {"with_toasts": True})


def _own(request: Request, pk: int) -> Tag:
    found: Tag = get_object_or_404(Tag.objects.visible_to(request.user), pk=pk)
    return found
