"""Errors in OpenAI's shape. The official clients choose their exception by the status, and show message and code."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from transcription.errors import ScriptaError
from transcription.speech import errors as speech

_OF_THE_FILE = {speech.MediaError.code, *(error.code for error in speech.MediaError.__subclasses__())}


class ApiError(ScriptaError):
    """``param`` names the field that is the trouble; ``retry_after`` is in seconds."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = code
        self.param = param
        self.retry_after = retry_after


class NotValid(ApiError):
    """A field's value will not do."""

    def __init__(self, param: str, message: str, *, code: str | None = "invalid_value") -> None:
        super().__init__(message, code=code, param=param)


TOO_MANY_WAIT = ApiError(
    "Too many requests are waiting for their text already. Try again in a moment.",
    status=429,
    code="rate_limit_exceeded",
    retry_after=5,
)
UNAVAILABLE = ApiError("The server cannot answer now. Try again.", status=503, code="unavailable", retry_after=2)
INTERNAL = ApiError("Something went wrong on the server.", status=500, code="internal")
GONE = ApiError("The recording was deleted before its text was ready.", status=409, code="gone")
CANCELLED = ApiError("The transcription was cancelled.", status=409, code="cancelled")


def of_the_job(code: str, message: str) -> ApiError:
    """Why a job failed: the file, the choices, or the server."""
    if code in _OF_THE_FILE:
        return ApiError(message, code=code, param="file")
    if code == speech.UnsupportedLanguage.code:
        return ApiError(message, code=code, param="language")
    return ApiError(message, status=500, code=code)


def to_api_error(error: ScriptaError | speech.SpeechError) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, speech.SpeechError):
        return of_the_job(error.code, error.message)
    return ApiError(error.message, status=error.status, code=error.code)


def body(error: ApiError) -> dict[str, Any]:
    return {"error": {"message": error.message, "type": _kind(error), "param": error.param, "code": error.error_code}}


def response(error: ApiError) -> JsonResponse:
    answer = JsonResponse(body(error), status=error.status)
    if error.retry_after is not None:
        answer["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _kind(error: ApiError) -> str:
    if error.status == 429:
        return "rate_limit_error"
    return "server_error" if error.status >= 500 else "invalid_request_error"
