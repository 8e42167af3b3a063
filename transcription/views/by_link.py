"""What pages that are opened by a link have in common: the address is a secret, and may ask for a password."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.errors import TooManyAttempts
from accounts.views.languages import keep_language
from accounts.views.throttled import client_key, too_many_attempts
from transcription.errors import LinkLocked, LinkUnknown, LinkWithdrawn
from transcription.models import ShareLink
from transcription.services import links

View = Callable[..., HttpResponseBase]


def secret_address(*methods: str) -> Callable[[View], View]:
    """The address is a secret: no search engine lists it, nothing keeps it, and no other page is told of it.

    Whoever knows it may post to it, and nobody else can, so that it needs no token against forgery; and browsers that
    tell no other page of an address do not say where a form came from, which Django's check wants to know.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
            response = view(request, token, **kwargs)
            response["X-Robots-Tag"] = "noindex, nofollow"
            response["Referrer-Policy"] = "no-referrer"
            return response

        protected: View = csrf_exempt(never_cache(require_http_methods(methods)(wrapped)))
        return protected

    return decorate


def opened(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Calls ``view`` with the link, once it is open; else the answer says why it is not, or asks for the password.

    The language is chosen at the address itself, of whatever is shown there: see ``secret_address``.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and "language" in request.POST:
            return keep_language(request, back=request.get_full_path())
        try:
            link = links.open_link(token=token, address=client_key(request))
            proof = request.COOKIES.get(links.proof_name(link=link))
            if not links.is_unlocked(link=link, proof=proof):
                return ask_for_password(request, link)
            return view(request, link, token=token, **kwargs)
        except (LinkWithdrawn, LinkUnknown) as error:
            return render(request, "transcription/link_closed.html", {"error": error}, status=error.status)
        except TooManyAttempts as error:
            return too_many_attempts(request, until=error.until)

    return wrapped


def ask_for_password(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """A page with a form for it; what was sent by that form opens the link and leads back to where it was wanted."""
    password = request.POST.get("password") if request.method == "POST" else None
    if password is None:
        return render(request, "transcription/link_password.html", status=LinkLocked.status)
    proof = links.unlock(link=link, password=password, address=client_key(request))
    if proof is None:
        return render(request, "transcription/link_password.html", {"is_wrong": True}, status=LinkLocked.status)
    answer = redirect(request.path)
    answer.set_cookie(
        links.proof_name(link=link), proof, max_age=links.UNLOCKED_SECONDS, httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return answer


def visit(request: HttpRequest, link: ShareLink) -> str:
    """Count the opening of a page; what the page asks for with the sign that is returned is of the same visit."""
    return links.count_visit(link=link) if request.method == "GET" else ""


def of_a_visit(view: View) -> View:
    """What a page asks for, and could be asked for without it."""

    @wraps(view)
    def wrapped(request: HttpRequest, link: ShareLink, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET":
            links.go_on_visiting(link=link, sign=request.GET.get("visit", ""))
        return view(request, link, **kwargs)

    return wrapped
