"""Errors in the shape that clients of OpenAI's API read: ``{"error": {"message", "type", "param", "code"}}``."""

from __future__ import annotations

from django.http import JsonResponse


def openai_error(status: int, message: str, *, type: str, code: str, param: str | None = None) -> JsonResponse:
    """``type`` is "invalid_request_error" for what the client can mend, or "server_error"."""
    return JsonResponse({"error": {"message": message, "type": type, "param": param, "code": code}}, status=status)
