"""Pages that may be used a limited number of times, and the answer when that is used up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import client, services
from accounts.errors import TooManyAttempts

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)

# Generous enough for an office behind one address, far too few to guess a password by.
FAILED_SIGN_INS = services.Limit("sign-in", 50, QUARTER)
WRONG_LINKS = services.Limit("link", 30, QUARTER)
RESETS_FROM_CLIENT = services.Limit("reset-client", 20, HOUR)
RESETS_OF_ADDRESS = services.Limit("reset-address", 3, HOUR)
SIGN_UPS = services.Limit("sign-up", 10, HOUR)
PASSWORD_CHANGES = services.Limit("password", 10, QUARTER)


class ThrottledMixin:
    """A view whose POST counts against ``limits(request)``; when one is used up the answer is 429 with a time."""

    def limits(self, request: HttpRequest) -> list[tuple[services.Limit, str]]:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        try:
            for limit, key in self.limits(request):
                services.count_attempt(limit=limit, key=key)
        except TooManyAttempts as error:
            return too_many_attempts(request, until=error.until)
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return response


def client_key(request: HttpRequest) -> str:
    return client.ip_address(request) or "unknown"


def too_many_attempts(request: HttpRequest, *, until: datetime) -> HttpResponse:
    response = render(request, "accounts/locked.html", {"until": until}, status=429)
    response["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds())))
    return response


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """What django-axes answers (AXES_LOCKOUT_CALLABLE): its wait counts from the last wrong password."""
    name = client.sign_in_name(request, getattr(request, "axes_credentials", None))
    tries = AccessAttempt.objects.filter(username=name, ip_address=client.ip_address(request))
    last = tries.order_by("-attempt_time").values_list("attempt_time", flat=True).first() or timezone.now()
    return too_many_attempts(request, until=last + (get_cool_off(request) or QUARTER))
