"""Many recordings shared at once: a form in a dialog, or a page of its own without a script."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from transcription.enums import GrantRole
from transcription.errors import ScriptaError
from transcription.forms.bulk_sharing import ShareManyForm
from transcription.models import Recording
from transcription.querysets import RecordingQuerySet
from transcription.services import bulk, bulk_sharing, sharing
from transcription.services.bulk_sharing import Shared, Step
from transcription.views.bulk import back, chosen
from transcription.views.requests import Request

NAMED = 5
"""Titles in a message; of the others, how many."""


@login_required
@require_POST
def share(request: Request) -> HttpResponse:
    """``id`` are the recordings. Without ``role``, asks with whom; else shares and returns to ``next``."""
    try:
        rows = chosen(request).kept()
    except ScriptaError as error:
        messages.error(request, error.message)
        return _done(request)
    groups = sharing.groups_for(user=request.user)
    form = ShareManyForm(request.POST if "role" in request.POST else None, groups=groups)
    if form.is_valid():
        try:
            _share(request, rows, form)
        except ScriptaError as error:
            form.add_error(None, error.message)
        else:
            return _done(request)
    return _ask(request, rows, form)


def _share(request: Request, rows: RecordingQuerySet, form: ShareManyForm) -> None:
    email, group, role = (form.cleaned_data.get(name) for name in ("email", "group", "role"))
    to = group or sharing.find_person(email=email or "", by=request.user)
    outcome = bulk_sharing.share(rows=rows, by=request.user, to=to, role=role or "")
    name = to.get_full_name() if hasattr(to, "get_full_name") else to.name
    _tell(request, outcome, name)


def _ask(request: Request, rows: RecordingQuerySet, form: ShareManyForm) -> HttpResponse:
    found = list(rows.newest_first())
    own = [row for row in found if row.owner_id == request.user.pk]
    others = [row for row in found if row.owner_id != request.user.pk]
    context = {"form": form, "own": own, "others": others, "next": request.POST.get("next", "")}
    name = "_share_many.html" if request.htmx else "share_many.html"
    # htmx would not swap an answer that is an error
    status = 200 if request.htmx or not form.errors else 400
    return render(request, f"transcription/{name}", context, status=status)


def _done(request: Request) -> HttpResponse:
    return render(request, "transcription/_toasts_added.html") if request.htmx else back(request)


def _tell(request: Request, outcome: Shared, name: str) -> None:
    if outcome.done:
        said = ngettext(
            "%(count)d recording is shared with %(name)s.",
            "%(count)d recordings are shared with %(name)s.",
            len(outcome.done),
        )
        undo = f"{reverse('bulk-unshare')}?{urlencode(_as_query(outcome.steps))}"
        messages.success(request, said % {"count": len(outcome.done), "name": name}, extra_tags=undo)
    for reason, rows in outcome.refused.items():
        said = ngettext(
            "%(count)d was left as it is, because %(why)s: %(titles)s",
            "%(count)d were left as they are, because %(why)s: %(titles)s",
            len(rows),
        )
        messages.warning(request, said % {"count": len(rows), "why": reason, "titles": _titles(rows)})


def _titles(rows: list[Recording]) -> str:
    named = ", ".join(row.title for row in rows[:NAMED])
    if len(rows) <= NAMED:
        return named
    return gettext("%(titles)s and %(count)d more") % {"titles": named, "count": len(rows) - NAMED}


@login_required
@require_POST
def unshare(request: Request) -> HttpResponse:
    """What a notice's Undo asks for: the steps are in the address."""
    try:
        count = bulk_sharing.take_back(by=request.user, steps=_from_query(request.GET))
        said = ngettext("%(count)d is as it was.", "%(count)d are as they were.", count)
        messages.success(
            request, said % {"count": count} if count else gettext("There is nothing to take back any more.")
        )
    except ScriptaError as error:
        messages.error(request, error.message)
    return _done(request)


def _as_query(steps: list[Step]) -> list[tuple[str, int]]:
    return [(step.earlier or "new", step.grant_id) for step in steps]


def _from_query(query: QueryDict) -> list[Step]:
    """Whatever is no step is left out."""
    roles: list[GrantRole | None] = [None, *GrantRole]
    found = [(role, value) for role in roles for value in query.getlist(role or "new")]
    steps = [Step(int(value), role) for role, value in found if value.isascii() and value.isdigit() and len(value) < 19]
    return steps[: bulk.MOST]
