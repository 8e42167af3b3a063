"""Who opens a WebSocket: a person with a session, a program with an API key, or nobody.

Nothing is refused here. A handshake that fails tells a browser nothing, so consumers accept every connection, and
those who may not stay get an error with words and a close code.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation

from accounts.authentication import bearer_key
from accounts.languages import language_for
from accounts.models import ApiKey, User
from accounts.services import keys

KEY_PROTOCOL = "scripta.key."
"""A browser cannot send headers: it offers its key as subprotocol ``scripta.key.<key>``, beside the real one."""

CLIENT_KEY_PROTOCOL = "openai-insecure-api-key."
"""The same as clients of OpenAI's realtime API know it."""
_WITH_KEY = (KEY_PROTOCOL, CLIENT_KEY_PROTOCOL)

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Visitor:
    """``key`` is None for a person with a session, and for nobody."""

    user: User | AnonymousUser
    key: ApiKey | None = None


class SocketAuthentication:
    """Middleware that fills the scope of a WebSocket:

    - ``user``: a User, or AnonymousUser;
    - ``api_key``: the ApiKey, or None. What it may do, ``accounts.services.keys.allows`` tells. It may be a
      client's secret;
    - ``recheck``: ``await recheck()`` is False when the key was revoked or has expired, or the session was ended;
    - ``subprotocols``: without those that carry a key.

    Words that are sent are in the language of the person with a session, else in the one that the handshake asks for.

    A key goes before a session, and a bad one is nobody. A session counts only together with an Origin that forms may
    come from too: browsers send their cookies from pages of any site. Keys need no Origin.

    When the database cannot be reached, ``unavailable`` runs instead of ``application``.
    """

    def __init__(self, application: Application, *, unavailable: Application) -> None:
        self.application = application
        self.unavailable = unavailable

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        offered = scope.get("subprotocols", [])
        spoken = [protocol for protocol in offered if not protocol.startswith(_WITH_KEY)]
        scope = scope | {"user": AnonymousUser(), "api_key": None, "subprotocols": spoken}
        request = _request_of(scope)
        application, language = self.application, language_for(request)
        try:
            visitor = await _in_thread(_identify)(request, offered)
            language = language_for(request, None if visitor.key else visitor.user)
            scope |= {"user": visitor.user, "api_key": visitor.key, "recheck": _recheck(visitor, request)}
        except (OperationalError, InterfaceError):
            logger.warning("nobody can be let in: the database does not answer")
            application = self.unavailable
        with translation.override(language):
            await application(scope, receive, send)


def _in_thread(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Not thread-sensitive: that would put all connections of the process behind each other, in one thread."""
    return database_sync_to_async(function, thread_sensitive=False)


def _request_of(scope: dict[str, Any]) -> ASGIRequest:
    """The handshake as a request, so that Django itself reads its headers, cookies and host."""
    return ASGIRequest(scope | {"type": "http", "method": "GET", "scheme": "http"}, io.BytesIO())


def _identify(request: ASGIRequest, offered: list[str]) -> Visitor:
    key = bearer_key(request.headers.get("Authorization", ""))
    if key is None:
        key = next((key for name in offered if (key := _offered_key(name)) is not None), None)
    if key is not None:
        row = keys.authenticate(key=key, client_secrets=True)
        return Visitor(row.user, row) if row else Visitor(AnonymousUser())
    return Visitor(_session_user(request)) if _has_good_origin(request) else Visitor(AnonymousUser())


def _offered_key(protocol: str) -> str | None:
    return next((protocol.removeprefix(begin) for begin in _WITH_KEY if protocol.startswith(begin)), None)


def _session_user(request: HttpRequest) -> User | AnonymousUser:
    """As stored now: a session that was ended meanwhile is nobody's."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not cookie or not cookie.isalnum():  # quoted cookies may hold anything, NUL too
        return AnonymousUser()
    request.session = SessionStore(cookie)
    user = get_user(request)
    return user if isinstance(user, User) else AnonymousUser()


def _has_good_origin(request: ASGIRequest) -> bool:
    """By the same rule as forms: the page's own address, or one of CSRF_TRUSTED_ORIGINS."""
    if "HTTP_ORIGIN" not in request.META:
        return False
    middleware = CsrfViewMiddleware(lambda _: None)  # type: ignore[arg-type, return-value]  # it answers nothing here
    return bool(middleware._origin_verified(request))  # type: ignore[attr-defined]  # private, so without a stub


def is_still_good(visitor: Visitor, request: HttpRequest) -> bool:
    """Whether the key or session with which something long began is in force; asks the database."""
    if visitor.key is not None:
        return keys.is_in_force(row=visitor.key)
    if not visitor.user.is_authenticated:
        return True  # nobody has nothing to lose
    return _session_user(request).pk == visitor.user.pk


def _recheck(visitor: Visitor, request: ASGIRequest) -> Callable[[], Awaitable[bool]]:
    async def recheck() -> bool:
        try:
            return bool(await _in_thread(is_still_good)(visitor, request))
        except (OperationalError, InterfaceError):
            return True  # a database that is away has revoked nothing; the next check will tell

    return recheck
