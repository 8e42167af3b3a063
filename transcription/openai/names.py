"""Names as OpenAI's clients use them: of models and of languages."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from transcription import whisper_service
from transcription.openai.errors import ApiError, NotValid

ALIASES = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
"""Of the default model, so that programs written for OpenAI run unchanged."""
OWNER = "scripta"
_CODES = {name.casefold(): code for code, name in settings.RECORDING_LANGUAGES}
_NAMES = {code: name.lower() for code, name in settings.RECORDING_LANGUAGES}


def models() -> dict[str, str]:
    """What each name that a client may use stands for."""
    offered = {whisper_service.model_title(model): model for model in whisper_service.offered_models()}
    return offered | dict.fromkeys(ALIASES, settings.MODEL)


def model_of(name: str) -> str:
    """Raises ApiError: 404 as OpenAI does."""
    if not name:
        raise NotValid("model", "You must provide a model.", code="missing_required_parameter")
    known = models()
    if name not in known:
        raise unknown_model(name)
    return known[name]


def unknown_model(name: str) -> ApiError:
    return ApiError(f"The model “{name[:80]}” does not exist.", status=404, code="model_not_found", param="model")


def describe_model(name: str) -> dict[str, Any]:
    """``created`` means nothing here; clients expect a number."""
    return {"id": name, "object": "model", "created": 0, "owned_by": OWNER}


def language_code(name: str) -> str:
    """Of a code or a name in English; "" means: detect it. Raises ApiError."""
    asked = name.strip().casefold()
    code = asked if asked in _NAMES else _CODES.get(asked, "")
    if asked and not code:
        raise NotValid("language", f"The language “{name[:40]}” is not known. Send its ISO-639-1 code.")
    return code


def language_name(code: str) -> str:
    """As OpenAI says it: in English and in small letters."""
    return _NAMES.get(code, code)
