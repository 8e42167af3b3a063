"""The language of an answer, and what every answer to a program says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.decorators import sync_and_async_middleware

from accounts.languages import language_for
from accounts.models import User
from accounts.services.limits import Allowance


class LanguageMiddleware(LocaleMiddleware):
    """Django's, and before it what a person with a session has chosen. Nobody is looked up who has none."""

    def process_request(self, request: HttpRequest) -> None:
        translation.activate(language_for(request, _person(request)))
        request.LANGUAGE_CODE = translation.get_language()


def _person(request: HttpRequest) -> User | None:
    """Without a database nobody is known, which is no reason to say nothing: there are answers that need none."""
    with suppress(OperationalError, InterfaceError):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            return request.user
    return None


@sync_and_async_middleware
def rate_headers(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """What is left of the limit of requests, where somebody has counted this one (``request.allowance``)."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _with_headers(request, await get_response(request))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _with_headers(request, get_response(request))

    return answer


def _with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None:
        response["X-RateLimit-Limit"] = str(allowance.limit)
        response["X-RateLimit-Remaining"] = str(allowance.remaining)
        response["X-RateLimit-Reset"] = str(allowance.reset)
        if allowance.exceeded:
            response["Retry-After"] = str(allowance.reset)
    return response
