"""``POST /v1/realtime/client_secrets``: short-lived secrets, with which browsers open realtime sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from accounts.authentication import KeyAuthentication
from accounts.errors import TooManySecrets
from accounts.models import ApiKey, Scope
from accounts.services import keys
from transcription import realtime_protocol as protocol
from transcription.openai_errors import openai_error
from transcription.realtime_settings import InvalidEvent, default_settings, update_settings
from transcription.speaking.realtime import current_offer

SHORTEST, LONGEST, USUAL = 10, 7200, 600
"""Seconds that a secret lasts."""

_SESSION = {
    "type": "transcription",
    "audio": {"input": {"transcription": {"model": "whisper-1", "language": "en"}}},
}
_ANSWER = {
    "value": "ek_Zk9c…",
    "expires_at": 1764118800,
    "session": {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": "sess_5f0c3a9d2b7e4c61a8d0f3b2",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "noise_reduction": None,
                "transcription": {"model": "whisper-1", "language": "en", "prompt": ""},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 500,
                },
            }
        },
        "include": None,
    },
}
_EXPIRES_AFTER = inline_serializer(
    "ExpiresAfter",
    {
        "anchor": serializers.ChoiceField(["created_at"], required=False),
        "seconds": serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, default=USUAL),
    },
    required=False,
)
_REQUEST = inline_serializer(
    "ClientSecretRequest",
    {
        "expires_after": _EXPIRES_AFTER,
        "session": serializers.DictField(required=False, help_text="As in “session.update”."),
    },
)
_RESPONSE = inline_serializer(
    "ClientSecret",
    {
        "value": serializers.CharField(help_text="The secret. It is shown once."),
        "expires_at": serializers.IntegerField(help_text="In seconds since 1970."),
        "session": serializers.DictField(),
    },
)
_ERROR = inline_serializer(
    "RealtimeError",
    {
        "error": inline_serializer(
            "RealtimeErrorDetails",
            {
                "message": serializers.CharField(),
                "type": serializers.CharField(),
                "param": serializers.CharField(allow_null=True),
                "code": serializers.CharField(),
            },
        )
    },
)


def openai_handler(error: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """REST framework's errors in OpenAI's shape. None leaves the error to Django."""
    if isinstance(error, InvalidEvent):
        return openai_error(400, error.message, type="invalid_request_error", code=error.code, param=error.param)
    if isinstance(error, TooManySecrets):
        return openai_error(429, error.message, type="invalid_request_error", code=error.code)
    if isinstance(error, RecursionError):  # from the parser: brackets in brackets, very many
        error = exceptions.ParseError("This JSON is nested too deeply.")
    response = exception_handler(error, context)
    if response is None:
        return None
    code = "not_found" if isinstance(error, Http404) else str(getattr(error, "default_code", "error"))
    if isinstance(error, exceptions.APIException) and isinstance(codes := error.get_codes(), str):
        code = codes
    message = str(getattr(error, "detail", "There is nothing here."))
    told = openai_error(response.status_code, message, type="invalid_request_error", code=code)
    for name, value in response.headers.items():
        if name.lower() not in ("content-type", "content-length"):
            told[name] = value
    return told


class ClientSecretsView(APIView):
    """Only keys make secrets: what a secret opens ends with its key."""

    required_scope = Scope.LIVE
    authentication_classes = [KeyAuthentication]

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], HttpResponseBase | None]:
        return openai_handler

    @extend_schema(
        summary="Make a secret for a browser",
        description="It opens realtime transcription, and nothing else, until it expires or its key is revoked.",
        tags=["OpenAI-compatible"],
        operation_id="createClientSecret",
        request=_REQUEST,
        responses={200: _RESPONSE, 400: _ERROR, 401: _ERROR, 403: _ERROR, 429: _ERROR},
        examples=[
            OpenApiExample(
                "Ten minutes",
                value={"expires_after": {"anchor": "created_at", "seconds": 600}, "session": _SESSION},
                request_only=True,
            ),
            OpenApiExample("A secret", value=_ANSWER, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        data = request.data if request.data != "" else {}
        if not isinstance(data, dict):
            raise InvalidEvent("Send a JSON object.", code="invalid_type")
        seconds = _seconds(data.get("expires_after"))
        given = {} if data.get("session") is None else data["session"]
        offer = current_offer()
        settings = update_settings(default_settings(offer), given, offer)
        session = settings.as_session(protocol.new_id("sess"))
        row, secret = keys.create_client_secret(
            parent=cast(ApiKey, request.auth), session=session, lasts=timedelta(seconds=seconds)
        )
        assert row.expires_at is not None
        return Response({"value": secret, "expires_at": int(row.expires_at.timestamp()), "session": session})


def _seconds(expires_after: object) -> int:
    if expires_after is None:
        return USUAL
    if not isinstance(expires_after, dict):
        raise InvalidEvent("“expires_after” must be an object.", code="invalid_type", param="expires_after")
    if expires_after.get("anchor", "created_at") != "created_at":
        raise InvalidEvent("The anchor can only be “created_at”.", param="expires_after.anchor")
    seconds = expires_after.get("seconds", USUAL)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not SHORTEST <= seconds <= LONGEST:
        words = f"A secret lasts {SHORTEST} to {LONGEST} seconds."
        raise InvalidEvent(words, param="expires_after.seconds")
    return seconds
