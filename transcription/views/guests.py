"""Who a reader without an account is: a name, and a secret in the browser by which own comments are known again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.services.tokens import new_token
from accounts.views.throttled import client_key
from transcription.models import ShareLink
from transcription.services.comments import Commenter

COOKIE = "scripta-guest"
NAME_COOKIE = "scripta-guest-name"
KEPT_SECONDS = 90 * 24 * 3600


def commenter(request: HttpRequest, link: ShareLink, *, with_secret: bool = False) -> Commenter:
    """``with_secret``: one is made where there is none yet, to be kept by ``remember``."""
    secret = request.COOKIES.get(COOKIE, "")
    if len(secret) != 43 or not secret.isascii():
        secret = new_token() if with_secret else ""
    return Commenter(link=link, name=request.POST.get("name", ""), address=client_key(request), secret=secret)


def remember(request: HttpRequest, response: HttpResponse, guest: Commenter) -> None:
    """So that the guest can change what it has just written."""
    if request.COOKIES.get(COOKIE) != guest.secret:
        response.set_cookie(
            COOKIE, guest.secret, max_age=KEPT_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
        )
