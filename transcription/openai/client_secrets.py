"""Short-lived secrets, with which browsers open realtime sessions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from accounts.errors import TooManySecrets
from accounts.models import ApiKey, Scope
from accounts.services import keys
from transcription import realtime_protocol as protocol
from transcription.openai.access import for_programs
from transcription.openai.errors import ApiError, NotValid
from transcription.realtime_settings import InvalidEvent, default_settings, update_settings
from transcription.speaking.realtime import current_offer
from transcription.speaking.threads import in_answering

SHORTEST, LONGEST, USUAL = 10, 7200, 600
"""Seconds that a secret lasts."""


@for_programs("POST", scope=Scope.LIVE)
async def client_secrets(request: HttpRequest) -> HttpResponseBase:
    """Only keys make secrets: what a secret opens ends with its key."""
    data = _read(request.body)
    seconds = _seconds(data.get("expires_after"))
    session = _session(data.get("session"))
    body = await in_answering(
        _make,
        parent=request.key,  # type: ignore[attr-defined]  # for_programs has set it
        session=session,
        lasts=timedelta(seconds=seconds),
    )
    return JsonResponse(body)


def _make(*, parent: ApiKey, session: dict[str, Any], lasts: timedelta) -> dict[str, Any]:
    try:
        row, secret = keys.create_client_secret(parent=parent, session=session, lasts=lasts)
    except TooManySecrets as error:
        raise ApiError(str(error.message), status=429, code=error.code) from error
    assert row.expires_at is not None
    return {"value": secret, "expires_at": int(row.expires_at.timestamp()), "session": session}


def _read(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except (ValueError, RecursionError):  # brackets in brackets, very many
        raise ApiError("This is not JSON.", code="parse_error") from None
    if not isinstance(data, dict):
        raise ApiError("Send a JSON object.", code="invalid_type")
    return data


def _session(given: object) -> dict[str, Any]:
    offer = current_offer()
    try:
        settings = update_settings(default_settings(offer), {} if given is None else given, offer)
    except InvalidEvent as error:
        raise ApiError(error.message, code=error.code, param=error.param) from error
    return settings.as_session(protocol.new_id("sess"))


def _seconds(expires_after: object) -> int:
    if expires_after is None:
        return USUAL
    if not isinstance(expires_after, dict):
        raise NotValid("expires_after", "“expires_after” must be an object.", code="invalid_type")
    if expires_after.get("anchor", "created_at") != "created_at":
        raise NotValid("expires_after.anchor", "The anchor can only be “created_at”.")
    seconds = expires_after.get("seconds", USUAL)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not SHORTEST <= seconds <= LONGEST:
        raise NotValid("expires_after.seconds", f"A secret lasts {SHORTEST} to {LONGEST} seconds.")
    return seconds
