"""Errors of the API as problem details (RFC 9457), with a stable ``code`` and words that a user may read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from accounts.errors import AccountsError, NotAnAdministrator
from transcription.errors import BadRequest, ScriptaError
from transcription.speech.errors import UnknownFormat, UnknownOption

PROBLEM_TYPE = "application/problem+json"
_MESSAGES = {
    "not_authenticated": gettext_noop("Please sign in."),
    "not_found": gettext_noop("There is nothing here."),
    "permission_denied": gettext_noop("You may not do this."),
}


class UnknownParameter(BadRequest):
    code = "unknown_parameter"


class BadCursor(BadRequest):
    code = "bad_cursor"
    message = _("This cursor is not one of ours. Begin without one.")


class PreconditionFailed(ScriptaError):
    code = "precondition_failed"
    message = _("This has changed since you read it. Read it again.")
    status = 412


class PreconditionRequired(ScriptaError):
    code = "precondition_required"
    message = _("Send the ETag that you read as If-Match, so that nothing newer is lost.")
    status = 428


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER. None leaves the error to Django: it is logged and becomes a 500."""
    if isinstance(error, ScriptaError):
        return problem(error.status, error.code, error.message, **error.details)
    if isinstance(error, AccountsError):
        return problem(403 if isinstance(error, NotAnAdministrator) else 409, error.code, error.message)
    error = _of_rest_framework(error)
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return None
    codes = error.get_codes()
    if not isinstance(codes, str):  # a serializer's errors, by field
        return problem(response.status_code, "invalid", gettext("Some values are not valid."), errors=error.detail)
    detail = str(error.detail) if codes not in _MESSAGES else gettext(_MESSAGES[codes])
    return problem(response.status_code, codes, detail, headers=response.headers)


def _of_rest_framework(error: Exception) -> Exception:
    """What Django and the speech core raise for bad input, as REST framework would have said it."""
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, UnknownFormat):
        return exceptions.ValidationError({"format": [gettext("There is no such format.")]})
    if isinstance(error, UnknownOption):
        return exceptions.ValidationError({"format": [error.message]})
    if isinstance(error, RequestDataTooBig):
        too_large = exceptions.APIException(
            gettext("This request is larger than the server accepts."), "request_too_large"
        )
        too_large.status_code = 413
        return too_large
    if isinstance(error, SuspiciousOperation | UnreadablePostError | MultiPartParserError):
        return exceptions.ParseError(gettext("This request cannot be read."))
    return error


def problem(status: int, code: str, detail: str, *, headers: Any = None, **more: Any) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code}
    return Response(body | more, status=status, content_type=PROBLEM_TYPE, headers=headers)


class NothingHere(APIView):
    """Every address of the API that leads nowhere, whoever asks and how."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound
