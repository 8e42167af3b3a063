"""What a view behind ``login_required`` is given."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class Request(HttpRequest):
    """Of a person who has signed in; ``htmx`` is false unless htmx sent it."""

    user: User
    htmx: HtmxDetails
