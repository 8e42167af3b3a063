"""Who else may see a recording: people, groups and links, in a panel for its owner."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.client import base_url
from transcription.errors import ScriptaError
from transcription.forms.sharing import GroupForm, LinkForm, PersonForm
from transcription.models import Grant, Recording, ShareLink
from transcription.services import links, sharing
from transcription.views.links import NewLink, qr_code
from transcription.views.requests import Request

Step = Callable[..., dict[str, Any]]


def _own(request: Request, pk: UUID) -> Recording:
    return get_object_or_404(Recording.objects.owned_by(request.user).kept().listed(), pk=pk)


def panel_context(request: Request, recording: Recording, **more: Any) -> dict[str, Any]:
    """``more`` has what just happened: ``said`` in words, ``made`` a link, or a form that was not valid."""
    groups = sharing.groups_for(user=request.user)
    forms_shown = {
        "person_form": PersonForm(auto_id="person_%s"),
        "group_form": GroupForm(groups=groups, auto_id="group_%s"),
        "link_form": LinkForm(auto_id="link_%s"),
    }
    return {
        "recording": recording,
        "grants": sharing.grants_of(recording=recording),
        "links": links.links_of(recording=recording),
        "roles": PersonForm.base_fields["role"].choices,  # type: ignore[attr-defined]
        "has_groups": groups.exists(),
        **forms_shown,
        **more,
    }


@login_required
@never_cache
@require_safe
def panel(request: Request, pk: UUID) -> HttpResponse:
    """The dialog's content for htmx, else a page of its own."""
    return _show(request, _own(request, pk))


def _show(request: Request, recording: Recording, **more: Any) -> HttpResponse:
    template = "_sharing.html" if request.htmx else "sharing.html"
    return render(request, f"transcription/{template}", panel_context(request, recording, **more))


def step(view: Step) -> Callable[..., HttpResponse]:
    """A POST of the owner's that is answered with the panel as it is afterwards, and what happened in words.

    The view returns what is to be said; a form that it raises, or an error, is shown with what was typed.
    """

    @wraps(view)
    def wrapped(request: Request, pk: UUID, **kwargs: Any) -> HttpResponse:
        recording = _own(request, pk)
        try:
            shown = view(request, recording, **kwargs)
        except ScriptaError as error:
            shown = {"problem": error.message}
        is_done = shown.keys() == {"said"}
        return redirect("sharing", pk=pk) if is_done and not request.htmx else _show(request, recording, **shown)

    return login_required(never_cache(require_POST(wrapped)))


def _tried(form: forms.Form, name: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``call`` returns; else the form with its errors, and all that was typed."""
    if not form.is_valid():
        return {name: form}
    try:
        return call()
    except ScriptaError as error:
        form.add_error(None, error.message)
        return {name: form}


@step
def add_person(request: Request, recording: Recording) -> dict[str, Any]:
    form = PersonForm(request.POST, auto_id="person_%s")

    def share() -> dict[str, Any]:
        grant = sharing.share_with_person(recording=recording, by=request.user, **form.cleaned_data)
        return {"said": gettext("Shared with %(name)s.") % {"name": grant.name}}

    return _tried(form, "person_form", share)


@step
def add_group(request: Request, recording: Recording) -> dict[str, Any]:
    form = GroupForm(request.POST, groups=sharing.groups_for(user=request.user), auto_id="group_%s")

    def share() -> dict[str, Any]:
        group, role = form.cleaned_data["group"], form.cleaned_data["role"]
        sharing.share_with_group(recording=recording, by=request.user, group_id=group.pk, role=role)
        return {"said": gettext("Shared with %(name)s.") % {"name": group.name}}

    return _tried(form, "group_form", share)


@step
def add_link(request: Request, recording: Recording) -> dict[str, Any]:
    """Its address is part of this answer and is kept nowhere."""
    form = LinkForm(request.POST, auto_id="link_%s")

    def make() -> dict[str, Any]:
        link, token = links.create_link(recording=recording, user=request.user, choices=form.choices())
        address = base_url(request) + reverse("shared", args=[token])
        return {"said": gettext("A link was made."), "made": NewLink(link, address, qr_code(address))}

    return _tried(form, "link_form", make)


def _grant(recording: Recording, number: int) -> Grant:
    return get_object_or_404(sharing.grants_of(recording=recording), pk=number)


@step
def change_role(request: Request, recording: Recording, number: int) -> dict[str, Any]:
    grant = sharing.change_role(grant=_grant(recording, number), role=request.POST.get("role", ""))
    return {"said": f"{grant.name}: {grant.get_role_display()}."}


@step
def withdraw(request: Request, recording: Recording, number: int) -> dict[str, Any]:
    grant = _grant(recording, number)
    sharing.withdraw_grant(grant=grant)
    return {"said": gettext("%(name)s does not see this recording any more.") % {"name": grant.name}}


@step
def close_link(request: Request, recording: Recording, number: int) -> dict[str, Any]:
    """Whoever reads by it is shown out within seconds; a link that is withdrawn already stays so."""
    links.revoke_link(link=get_object_or_404(ShareLink, pk=number, recording=recording))
    return {"said": gettext("The link was withdrawn.")}
