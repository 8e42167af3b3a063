"""Numbers and codes in words."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.translation import gettext

from transcription import whisper_service

register = template.Library()

_LANGUAGES = dict(settings.RECORDING_LANGUAGES)


@register.filter
def clock(seconds: float | None) -> str:
    """``63.2`` as ``1:03``, ``3723`` as ``1:02:03``; unknown as nothing."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@register.filter
def spoken_language(code: str) -> str:
    """A language's name; a code that is not known as it stands. Django has a ``language_name`` for its own."""
    return gettext(_LANGUAGES[code]) if code in _LANGUAGES else code


@register.filter
def model_title(name: str) -> str:
    return whisper_service.model_title(name)
