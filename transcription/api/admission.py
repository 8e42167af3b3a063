"""Who may ask: one function for views of REST framework, for others beside them, and for long streams."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import cast

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import key_of
from accounts.models import ApiKey, Scope, User
from accounts.sockets import Visitor, is_still_good
from transcription.errors import SomebodyElse

READ_OR_WRITE = {"GET": Scope.READ, "HEAD": Scope.READ, "OPTIONS": Scope.READ, None: Scope.WRITE}
"""A view's ``required_scope``: reading needs ``read``, everything else ``write``."""


def authenticate_request(request: HttpRequest, *, scope: Scope) -> tuple[User, ApiKey | None]:
    """The person, and the key that the request came with; None for a session.

    Does what a view of REST framework does before its own work: authentication, protection from forgery, the scope,
    and the limit of requests. Raises REST framework's exceptions and ScriptaError, which ``problems`` turns into
    answers.
    """
    view = APIView()
    view.required_scope = scope  # type: ignore[attr-defined]
    asked = view.initialize_request(request)
    view.request, view.args, view.kwargs = asked, (), {}
    view.headers = view.default_response_headers
    view.initial(asked)
    return cast(User, asked.user), key_of(asked)


def user_of(request: Request) -> User:
    """Whoever asks; the permission has seen to it that there is somebody."""
    return cast(User, request.user)


def require_same_user(request: Request) -> None:
    """A page says for whom it was drawn: what one person typed is not saved as another's who has signed in since.

    Raises SomebodyElse.
    """
    if request.headers.get("X-Scripta-User") not in {None, str(user_of(request).pk)}:
        raise SomebodyElse


def recheck(request: Request) -> Callable[[], bool]:
    """A function that tells whether the key or session with which a long answer began is still good."""
    visitor = Visitor(user_of(request), key_of(request))
    asked = copy.copy(request._request)  # it is given a session of its own, as stored at that moment
    return lambda: is_still_good(visitor, asked)
