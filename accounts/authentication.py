"""Who asks the REST API: a person with a session, or a program with ``Authorization: Bearer <API key>``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from accounts.models import ApiKey, Scope, User
from accounts.services import keys

if TYPE_CHECKING:  # importing it in earnest would go round in a circle: it imports the classes that settings name
    from rest_framework.views import APIView


def bearer_key(header: str) -> str | None:
    """The key in an Authorization header; None when the header is of another kind, or missing."""
    scheme, _, key = header.strip().partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def key_of(request: Request) -> ApiKey | None:
    """The key that a request came with; None for people with a session, and for nobody."""
    return request.auth if isinstance(request.auth, ApiKey) else None


class KeyAuthentication(BaseAuthentication):
    """``request.auth`` is the ApiKey. A key that opens nothing is refused, even if there is a good session as well."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        key = bearer_key(request.headers.get("Authorization", ""))
        if key is None:
            return None
        row = keys.authenticate(key=key)
        if row is None:
            raise exceptions.AuthenticationFailed(gettext("This API key is not valid, or not any more."), "invalid_key")
        return row.user, row

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class MissingScope(exceptions.PermissionDenied):
    default_code = "missing_scope"

    def __init__(self, scope: Scope) -> None:
        super().__init__(gettext("This API key was not given the scope “%(scope)s”.") % {"scope": scope.value})


def scope_of(view: Any, method: str | None) -> Scope | None:
    """What a key must have been given for this method of the view."""
    named: Scope | dict[str | None, Scope] | None = getattr(view, "required_scope", None)
    return named.get(method, named.get(None)) if isinstance(named, dict) else named


class HasScope(IsAuthenticated):
    """People who are signed in, and keys that have the view's ``required_scope``. Keys open no view that names none.

    It is one scope, or a dict of scopes by method, in which None stands for all other methods.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        scope = scope_of(view, request.method)
        key: Any = request.auth
        if not isinstance(key, ApiKey):
            return True
        if scope is not None and not keys.allows(key, scope):
            raise MissingScope(scope)
        return scope is not None
