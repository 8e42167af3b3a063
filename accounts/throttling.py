"""The limit of requests, for the REST API: 429 with Retry-After, and on every answer what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.authentication import key_of
from accounts.services.limits import Allowance, take_request

if TYPE_CHECKING:  # importing it in earnest would go round in a circle: it imports the classes that settings name
    from rest_framework.views import APIView


class RateThrottle(BaseThrottle):
    """Whoever is not signed in is refused for that, and not counted."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        if not request.user or not request.user.is_authenticated:
            return True
        self.allowance = take_request(user=request.user, key=key_of(request))
        request._request.allowance = self.allowance  # type: ignore[attr-defined]  # for middleware.rate_headers
        return self.allowance is None or not self.allowance.exceeded

    def wait(self) -> float | None:
        return self.allowance.reset if self.allowance else None
