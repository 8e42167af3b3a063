"""What people do to many recordings at once: one form, whose buttons say what."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from accounts.services.tokens import new_token
from transcription.downloads import answer_with_archive
from transcription.errors import BadRequest, ScriptaError
from transcription.models import Recording, Tag
from transcription.querysets import RecordingQuerySet
from transcription.services import bulk, marks
from transcription.services.bulk import Outcome
from transcription.speech import captions
from transcription.views.requests import Request

Rows = RecordingQuerySet
BATCHES = "deleted"
"""In the session: what the last deletions have put into the trash, for as many notices as can be on the screen."""
MOST_BATCHES = 5
Action = Callable[[Request, Rows, str], HttpResponseBase | None]


@login_required
@require_POST
def act(request: Request) -> HttpResponseBase:
    """``action`` names what to do, with what after a colon; ``id`` are the recordings. Returns to ``next``."""
    name, _colon, argument = request.POST.get("action", "").partition(":")
    try:
        rows = chosen(request)
        if name not in _ACTIONS:
            raise BadRequest(gettext("Choose what to do with the recordings."))
        answer = _ACTIONS[name](request, rows, argument)
    except ScriptaError as error:
        messages.error(request, error.message)
        answer = None
    return answer or back(request)


def chosen(request: Request) -> Rows:
    """Those that the person sees, in the trash too. What is another's, or gone, is left out without a word."""
    keys = [key for value in request.POST.getlist("id") if (key := _key(value))]
    if not keys:
        raise BadRequest(gettext("Select recordings first."))
    if len(keys) > bulk.MOST:
        raise BadRequest(gettext("Select at most %(most)d recordings at once.") % {"most": bulk.MOST})
    return Recording.objects.visible_to(request.user).listed().filter(pk__in=keys)


def _key(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def back(request: Request) -> HttpResponse:
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return redirect(page if is_ours else "library")


# What can be done -----------------------------------------------------------------------------------------------------


def _add_tag(request: Request, rows: Rows, argument: str) -> None:
    _tag(request, rows, _own_tag(request, argument))


def _new_tag(request: Request, rows: Rows, argument: str) -> None:
    _tag(request, rows, marks.find_or_create_tag(owner=request.user, name=request.POST.get("new_tag", "")))


def _tag(request: Request, rows: Rows, tag: Tag) -> None:
    marks.add_tag(tag=tag, recordings=rows.kept())
    messages.success(request, gettext("The tag “%(tag)s” was added.") % {"tag": tag.name})


def _remove_tag(request: Request, rows: Rows, argument: str) -> None:
    tag = _own_tag(request, argument)
    marks.remove_tag(tag=tag, recordings=rows)
    messages.success(request, gettext("The tag “%(tag)s” was taken off.") % {"tag": tag.name})


def _favour(request: Request, rows: Rows, argument: str) -> None:
    is_favourite = argument != "no"
    marks.set_favourite(user=request.user, recordings=rows.kept(), is_favourite=is_favourite)
    messages.success(request, gettext("Marked as favourites.") if is_favourite else gettext("No longer favourites."))


def _export(request: Request, rows: Rows, argument: str) -> HttpResponseBase:
    if argument not in captions.FORMATS:
        raise BadRequest(gettext("Choose one of the formats."))
    return answer_with_archive(list(rows.kept().newest_first().values_list("pk", flat=True)), format=argument)


def _delete(request: Request, rows: Rows, argument: str) -> None:
    outcome = bulk.move_to_trash(rows=_owned(request, rows).kept().select_related("upload"))
    said = ngettext("%(count)d recording is in the trash.", "%(count)d recordings are in the trash.", len(outcome.done))
    batch = _remember(request, outcome.done)
    _tell(request, outcome, said, undo=f"{reverse('bulk-restore')}?{urlencode({'batch': batch})}")


def _remember(request: Request, keys: list[UUID]) -> str:
    """For a notice's Undo: an address that named hundreds of recordings would be too long for servers."""
    batch = new_token()[:16]
    others = list(request.session.get(BATCHES, {}).items())[-MOST_BATCHES + 1 :]
    request.session[BATCHES] = dict(others) | {batch: [str(key) for key in keys]}
    return batch


def _restore(request: Request, rows: Rows, argument: str) -> None:
    outcome = bulk.restore(rows=_owned(request, rows).trashed())
    said = ngettext("%(count)d recording is back.", "%(count)d recordings are back.", len(outcome.done))
    _tell(request, outcome, said)


def _purge(request: Request, rows: Rows, argument: str) -> None:
    outcome = bulk.purge(rows=_owned(request, rows).trashed())
    said = ngettext(
        "%(count)d recording was deleted for good.", "%(count)d recordings were deleted for good.", len(outcome.done)
    )
    _tell(request, outcome, said)


_ACTIONS: dict[str, Action] = {
    "tag": _add_tag,
    "new-tag": _new_tag,
    "untag": _remove_tag,
    "favourite": _favour,
    "export": _export,
    "delete": _delete,
    "restore": _restore,
    "purge": _purge,
}


@login_required
@require_POST
def restore(request: Request) -> HttpResponse:
    """What a notice's Undo asks for: the recordings that one deletion has put into the trash."""
    keys = request.session.get(BATCHES, {}).get(request.GET.get("batch", ""))
    if keys is None:
        messages.error(request, gettext("This cannot be undone here any more. The recordings are in the trash."))
    else:
        _restore(request, Recording.objects.visible_to(request.user).listed().filter(pk__in=keys), "")
    if request.htmx:  # the rows are somewhere in the order of the list: it is drawn anew
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("library")


@login_required
@require_POST
def empty_trash(request: Request) -> HttpResponse:
    own = Recording.objects.visible_to(request.user).filter(owner=request.user).listed().trashed()
    outcome = bulk.purge(rows=own)
    said = ngettext(
        "The trash is empty: %(count)d recording was deleted for good.",
        "The trash is empty: %(count)d recordings were deleted for good.",
        len(outcome.done),
    )
    _tell(request, outcome, said)
    return redirect("trash")


def _owned(request: Request, rows: Rows) -> Rows:
    return rows.filter(owner=request.user)


def _own_tag(request: Request, argument: str) -> Tag:
    if not (argument.isascii() and argument.isdigit() and len(argument) < 19):
        raise BadRequest(gettext("Choose one of your tags."))
    found: Tag = get_object_or_404(Tag.objects.visible_to(request.user), pk=int(argument))
    return found


def _tell(request: Request, outcome: Outcome, said: str, *, undo: str = "") -> None:
    if outcome.done:
        messages.success(request, said % {"count": len(outcome.done)}, extra_tags=undo)
    for reason, count in outcome.refused.items():
        left = ngettext("%(count)d was left as it is: %(why)s", "%(count)d were left as they are: %(why)s", count)
        messages.warning(request, left % {"count": count, "why": reason})
    if not outcome.done and not outcome.refused:
        messages.warning(request, gettext("Nothing was changed: you may do this to your own recordings only."))
