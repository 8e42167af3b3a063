"""Errors of the API as problem details (RFC 9457), with a stable ``code`` and words that a user may read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from transcription.errors import ScriptaError

_MESSAGES = {
    "not_authenticated": "Please sign in.",
    "not_found": "There is nothing here.",
    "permission_denied": "You may not do this.",
}


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER. None leaves the error to Django: it is logged and becomes a 500."""
    if isinstance(error, ScriptaError):
        return _problem(error.status, error.code, error.message)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return None
    codes = error.get_codes()
    if not isinstance(codes, str):  # a serializer's errors, by field
        return _problem(response.status_code, "invalid", "Some values are not valid.", errors=error.detail)
    detail = str(error.detail) if codes not in _MESSAGES else _MESSAGES[codes]
    return _problem(response.status_code, codes, detail, headers=response.headers)


def _problem(status: int, code: str, detail: str, *, headers: Any = None, **more: Any) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code}
    return Response(body | more, status=status, content_type="application/problem+json", headers=headers)
