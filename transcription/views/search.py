"""Search: a page with what was found, recording by recording, and the list of the dialog that every page has."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from transcription.errors import ScriptaError
from transcription.forms.search import SearchForm
from transcription.models import Recording, Tag
from transcription.moments import to_moment
from transcription.services import search as service
from transcription.services.search import Found, Page, Passage, Place
from transcription.views.library import seen_recording
from transcription.views.requests import Request

RECORDINGS, EACH = 10, 3
"""On a page, and passages of each; when searching in one recording, all that are ranked up to ``OF_ONE``."""
OF_ONE = 100
HITS, TITLES = 8, 3
"""In the dialog."""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found in one recording."""

    first: Passage
    passages: list[Passage]

    @property
    def others(self) -> int:
        return self.first.number - len(self.passages)


@login_required
@require_safe
@vary_on_headers("HX-Target")
def search(request: Request) -> HttpResponse:
    """The page; for htmx the part that it names as its target: hits or filters of the dialog, results, or more."""
    only = _only(request)
    is_of_dialog = request.htmx.target == "search-dialog-filters"
    form = SearchForm(
        request.GET or None,
        label_suffix="",
        auto_id="dialog_%s" if is_of_dialog else "id_%s",  # both may be on one page
        languages=service.languages_of(request.user),
        speakers=service.speakers_of(request.user, chosen=request.GET.get("speaker", "")),
        tags=Tag.objects.visible_to(request.user).by_name(),
    )
    if is_of_dialog:
        return render(request, "transcription/_search_dialog_fields.html", {"form": form})
    if request.htmx.target == "search-hits":
        return render(request, "transcription/_search_hits.html", _hits(request, form))
    template = _PARTS.get(request.htmx.target or "", "transcription/search.html")
    return render(request, template, {"form": form} | _results(request, form, only))


_PARTS = {
    "search-results": "transcription/_search_results.html",
    "search-more": "transcription/_search_groups.html",
}


def _only(request: Request) -> Recording | None:
    """The recording in which is searched, if the address names one. Raises Http404."""
    if not (name := request.GET.get("recording", "")):
        return None
    try:
        return seen_recording(request, UUID(name))
    except ValueError as error:
        raise Http404 from error


def _hits(request: Request, form: SearchForm) -> dict[str, Any]:
    """For somebody who is typing."""
    if not form.is_valid():
        return {"form": form}
    wanted = form.wanted(is_typed=True)
    titles = service.find_titles(user=request.user, wanted=wanted, limit=TITLES)
    return {"form": form, "titles": titles} | _found(request, form, Page(HITS), is_typed=True)


def _results(request: Request, form: SearchForm, only: Recording | None) -> dict[str, Any]:
    if not form.is_bound or not (form.data.get("q", "").strip() or form.data.get("speaker")):
        return {"has_recordings": Recording.objects.visible_to(request.user).kept().listed().exists()}
    if not form.is_valid():
        return {"is_refused": True}
    after = _place(request.GET.get("after", ""))
    context = _found(request, form, Page(RECORDINGS, after, each=OF_ONE if only else EACH)) | {"recording": only}
    if after is None and not only:
        context["titles"] = service.find_titles(user=request.user, wanted=form.wanted(), limit=TITLES)
    return context


def _found(request: Request, form: SearchForm, page: Page, *, is_typed: bool = False) -> dict[str, Any]:
    wanted = form.wanted(is_typed=is_typed)
    try:
        found = service.find_passages(user=request.user, wanted=wanted, page=page)
        speakers = [] if page.after else service.find_speakers(user=request.user, wanted=wanted)
    except ScriptaError as error:
        return {"problem": error.message}
    context: dict[str, Any] = {"found": found, "groups": _groups(found), "wanted": wanted}
    context["speakers"] = [(each, _query(request, q="", speaker=each.name)) for each in speakers]
    shown = {"q": found.instead} if found.instead else {}
    context["query"] = _query(request, **shown)
    if found.next:
        context["more"] = _query(request, **shown, after=_cursor(found.next))
    return context


def _query(request: Request, **changed: str) -> str:
    """That of the request, on its first page, with other values; none is empty, so that addresses stay short."""
    query = request.GET.copy()
    for name, value in {"after": "", **changed}.items():
        query[name] = value
    for name in [name for name in query if not query[name]]:
        del query[name]
    return query.urlencode()


def _groups(found: Found) -> list[Group]:
    grouped = [list(each) for _, each in groupby(found.passages, key=lambda passage: passage.recording_id)]
    return [Group(passages[0], passages) for passages in grouped]


def _cursor(place: Place) -> str:
    return f"{place.rank!r}~{place.created_at.isoformat()}~{place.transcript_id}"


def _place(text: str) -> Place | None:
    """Whatever is none begins at the beginning."""
    try:
        rank, created_at, transcript = text.split("~")
        place = Place(float(rank), to_moment(created_at), int(transcript), 0)
    except ValueError:
        return None
    return place if abs(place.transcript_id) < 2**63 else None
