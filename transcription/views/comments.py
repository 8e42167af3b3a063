"""Comments beside a transcript: the panel, and what people do in it, with an account or by a link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from transcription.enums import RecordingState
from transcription.errors import BadRequest, ScriptaError
from transcription.models import Comment, Recording, ShareLink
from transcription.models.sharing import LONGEST_COMMENT
from transcription.services import comments, mentions, transcripts
from transcription.services.comments import Commenter, Thread
from transcription.views.by_link import of_a_visit, opened, secret_address
from transcription.views.guests import commenter, remember
from transcription.views.library import seen_recording
from transcription.views.requests import Request

LARGEST = 2**31 - 1
THREADS_A_PAGE = 50
FEW_ANSWERS, NEWEST_ANSWERS = 5, 3
"""So many to one comment are always shown; of more the first and the newest, unless the whole thread is asked for."""
NAMES = 8
"""Offered at once."""
Act = Callable[[HttpRequest, Recording, Commenter, int], Comment | None]


def comments_context(
    request: HttpRequest, recording: Recording, by: Commenter, *, base: str, reach: Comment | None = None
) -> dict[str, Any]:
    """What the panel needs. ``base`` is the address to which it posts.

    It holds as many open and resolved threads as ``threads`` asks for, and so many that ``reach`` is among them; of
    those that ``whole`` names, and of the one that the request itself wants to reach, all answers.
    """
    overview = comments.overview(recording=recording)
    whole = _whole_asked(request)
    if reach is None and (reach := _wanted(request, recording)):
        whole = list(dict.fromkeys([*whole, reach.parent_id or reach.pk]))
    number = max(_threads_asked(request), comments.place_of(comment=reach) if reach else 0)
    number = -(-number // THREADS_A_PAGE) * THREADS_A_PAGE
    lists = {
        name: [
            _shown(thread, by, is_owner=by.owns(recording), is_whole=thread.root.pk in whole)
            for thread in (comments.threads(recording=recording, resolved=resolved, most=number) if total else ())
        ]
        for name, resolved, total in (
            ("open_threads", False, overview.open),
            ("resolved_threads", True, overview.resolved),
        )
    }
    more = {
        "more_open": max(overview.open - number, 0),
        "more_resolved": max(overview.resolved - number, 0),
        "threads_shown": number,
        "threads_next": number + THREADS_A_PAGE,
        "whole_threads": ",".join(map(str, whole)),
    }
    places = ";".join(f"{pk}:{','.join(map(str, found))}" for pk, found in overview.open_places.items())
    return {
        **lists,
        **more,
        "comments_overview": overview,
        "comments_places": places,
        "recording": recording,
        "comments_base": base,
        "is_guest": by.user is None,
        "longest_comment": LONGEST_COMMENT,
    }


def _threads_asked(request: HttpRequest) -> int:
    """Whatever is no number is the first page."""
    (asked,) = _asked(request, "threads")[:1] or [0]
    return min(max(asked, THREADS_A_PAGE), comments.MOST_COMMENTS)


def _whole_asked(request: HttpRequest) -> list[int]:
    """Of which threads all answers are to be shown."""
    return _asked(request, "whole")[: comments.MOST_COMMENTS]


def _wanted(request: HttpRequest, recording: Recording) -> Comment | None:
    """The comment that somebody follows an address to."""
    if not (asked := _asked(request, "reach")):
        return None
    return Comment.objects.select_related("parent", "recording").filter(pk=asked[0], recording=recording).first()


def _asked(request: HttpRequest, name: str) -> list[int]:
    """Numbers between commas; whatever is none is left out."""
    given = (request.POST.get(name) or request.GET.get(name) or "").split(",")
    return [int(each) for each in given if each.isascii() and each.isdigit() and len(each) < 19]


def _shown(thread: Thread, by: Commenter, *, is_owner: bool, is_whole: bool) -> dict[str, Any]:
    """A thread with what whoever looks at it may do. ``hidden`` answers lie between ``early`` and ``late`` ones."""
    root = thread.root
    has_answers = bool(thread.replies)
    rows = [
        {
            "comment": each,
            "may_edit": by.wrote(each),
            "may_delete": is_owner or (by.wrote(each) and not (each is root and has_answers)),
        }
        for each in (root, *thread.replies)
    ]
    answers = rows[1:]
    is_short = is_whole or len(answers) <= FEW_ANSWERS
    first, last = (len(answers), len(answers)) if is_short else (1, len(answers) - NEWEST_ANSWERS)
    return {
        "root": rows[0],
        "early": answers[:first],
        "hidden": answers[first:last],
        "late": answers[last:],
        "may_resolve": by.user is not None or by.wrote(root),
    }


# What people do -------------------------------------------------------------------------------------------------------


def add(request: HttpRequest, recording: Recording, by: Commenter, number: int) -> Comment:
    transcript, index = request.POST.get("transcript"), _number(request.POST.get("index"))
    number = _number(transcript) if transcript else _shown_transcript(recording)
    return comments.add_comment(recording=recording, by=by, transcript_id=number, index=index, text=_text(request))


def _shown_transcript(recording: Recording) -> int:
    """A page that was opened before there was any text does not know its number."""
    found = transcripts.newest_transcript(recording=recording)
    if found is None:
        raise BadRequest
    return found.pk


def reply(request: HttpRequest, recording: Recording, by: Commenter, number: int) -> Comment:
    """It opens the thread again."""
    answer = comments.reply(parent=_comment(recording, number), by=by, text=_text(request))
    return _comment(recording, answer.pk)


def edit(request: HttpRequest, recording: Recording, by: Commenter, number: int) -> None:
    comments.edit_comment(comment=_comment(recording, number), by=by, text=_text(request))


def delete(request: HttpRequest, recording: Recording, by: Commenter, number: int) -> None:
    comments.delete_comment(comment=_comment(recording, number), by=by)


def resolve(request: HttpRequest, recording: Recording, by: Commenter, number: int) -> None:
    comments.set_resolved(comment=_comment(recording, number), by=by, resolved=True)


def reopen(request: HttpRequest, recording: Recording, by: Commenter, number: int) -> Comment:
    return comments.set_resolved(comment=_comment(recording, number), by=by, resolved=False)


ACTS: dict[str, Act] = {"reply": reply, "edit": edit, "delete": delete, "resolve": resolve, "reopen": reopen}


def _comment(recording: Recording, number: int) -> Comment:
    return get_object_or_404(Comment.objects.select_related("parent", "recording"), pk=number, recording=recording)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")


def _number(value: str | None) -> int:
    if not value or not value.isascii() or not value.isdigit() or len(value) > 10 or int(value) > LARGEST:
        raise BadRequest
    return int(value)


# Where they do it -----------------------------------------------------------------------------------------------------


def panel(request: Request, pk: UUID, number: int = 0, act: str = "") -> HttpResponse:
    """For those with an account: the list; with POST a new comment, or ``act`` on one."""
    recording = seen_recording(request, pk)
    base = request.path.partition("/comments/")[0] + "/comments/"
    return _answer(request, recording, Commenter(user=request.user), number, act, base=base, page=("recording", pk))


account_panel = login_required(never_cache(require_http_methods(["GET", "HEAD", "POST"])(panel)))


@login_required
@never_cache
@require_safe
def names(request: Request, pk: UUID) -> HttpResponse:
    """Names that go on like ``q``, for whoever has typed ``@``. There is no such page for guests, who name nobody."""
    recording, begun = seen_recording(request, pk), request.GET.get("q", "")
    found = mentions.names_to_offer(recording=recording, asker=request.user, beginning=begun, most=NAMES)
    return render(request, "transcription/_comment_names.html", {"names": found})


def _of_comments(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """By a link under which people comment, once there is a text."""

    @wraps(view)
    def wrapped(request: HttpRequest, link: ShareLink, **kwargs: Any) -> HttpResponseBase:
        if not link.may_comment or link.recording.state == RecordingState.LIVE:
            raise Http404
        return view(request, link, **kwargs)

    return wrapped


@secret_address("GET", "HEAD", "POST")
@opened
@_of_comments
@of_a_visit
def shared_panel(request: HttpRequest, link: ShareLink, *, token: str, number: int = 0, act: str = "") -> HttpResponse:
    """The same by a link, for guests."""
    guest = commenter(request, link, with_secret=request.method == "POST")
    base = request.path.partition("/comments/")[0] + "/comments/"
    answer = _answer(request, link.recording, guest, number, act, base=base, page=("shared", token))
    if request.method == "POST":
        remember(request, answer, guest)
    return answer


def _answer(
    request: HttpRequest,
    recording: Recording,
    by: Commenter,
    number: int,
    act: str,
    *,
    base: str,
    page: tuple[str, object],
) -> HttpResponse:
    """The list as it is now. What went wrong is said with a status of its own, so that no form forgets its text."""
    if act and act not in ACTS:
        raise Http404
    if act and request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    reach = None
    if request.method == "POST":
        try:
            reach = (ACTS[act] if act else add)(request, recording, by, number)
        except ScriptaError as error:
            return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
        if not getattr(request, "htmx", None):
            return redirect(page[0], page[1])
    context = comments_context(request, recording, by, base=base, reach=reach)
    return render(request, "transcription/_comments.html", context)
