"""In which language a person is spoken to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request, gettext

SOURCE = "en"
"""What the code is written in: it needs no catalogue."""


def is_offered(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def language_of(user: Any) -> str:
    """Where nobody asks, as in a mail: what the person chose, else the server's language."""
    chosen = str(getattr(user, "language", ""))
    return chosen if is_offered(chosen) else settings.LANGUAGE_CODE


def language_for(request: HttpRequest, user: Any = None) -> str:
    """What the person chose in the profile, else on this device, else what the browser asks for, else the server's."""
    chosen = str(getattr(user, "language", ""))
    return chosen if is_offered(chosen) else get_language_from_request(request)


def of_recordings() -> list[tuple[str, str]]:
    """Codes and names of the languages that are recognised, by name in the reader's language."""
    named = [(code, gettext(name)) for code, name in settings.RECORDING_LANGUAGES]
    return sorted(named, key=lambda each: each[1].casefold())
