"""Who may ask, and what is told to those who may not: keys only, because no page of ours asks here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.authentication import bearer_key
from accounts.models import ApiKey, Scope
from accounts.services import keys, limits
from accounts.services.limits import Allowance
from transcription.errors import ScriptaError
from transcription.openai import errors
from transcription.openai.errors import ApiError
from transcription.speaking.threads import in_answering
from transcription.speech.errors import SpeechError

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
log = structlog.get_logger(__name__)

NO_KEY = ApiError(
    "You did not provide an API key. Send it in the header “Authorization: Bearer <key>”.",
    status=401,
    code="missing_api_key",
)
BAD_KEY = ApiError("This API key is not valid, or not any more.", status=401, code="invalid_api_key")
TOO_OFTEN = ApiError("Too many requests. Try again later.", status=429, code="rate_limit_exceeded")


def for_programs(*methods: str, scope: Scope) -> Callable[[View], View]:
    """A view for keys with ``scope``; it gets the key as ``request.key``. Whatever is raised becomes OpenAI's shape."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise _wrong_method(request, methods)
                await _let_in(request, scope)
                return await view(request, *args, **kwargs)
            except (ScriptaError, SpeechError) as error:
                return errors.response(errors.to_api_error(error))
            except (OperationalError, InterfaceError):
                log.warning("the database does not answer")
                return errors.response(errors.UNAVAILABLE)
            except Exception as error:
                log.exception("request failed", error=type(error).__name__)
                return errors.response(errors.INTERNAL)

        return answer

    return decorate


async def _let_in(request: HttpRequest, scope: Scope) -> None:
    key = bearer_key(request.headers.get("Authorization", ""))
    if key is None:
        raise NO_KEY
    row, allowance = await in_answering(_identify, key=key)
    if row is None:
        raise BAD_KEY
    request.allowance = allowance  # type: ignore[attr-defined]  # a middleware tells it in headers
    if allowance is not None and allowance.exceeded:
        raise TOO_OFTEN
    if not keys.allows(row, scope):
        raise ApiError(f"This API key was not given the scope “{scope.value}”.", status=403, code="missing_scope")
    request.key = row  # type: ignore[attr-defined]


def _identify(*, key: str) -> tuple[ApiKey | None, Allowance | None]:
    row = keys.authenticate(key=key)
    return row, limits.take_request(user=row.user, key=row) if row else None


def _wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> ApiError:
    allowed = " or ".join(methods)
    return ApiError(f"{request.method} is not allowed here, only {allowed}.", status=405, code="method_not_allowed")
