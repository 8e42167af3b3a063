"""The API described for programs: OpenAPI 3.1 by drf-spectacular, with what all operations have in common."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457). `code` stays the same, `detail` is in words for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["There is nothing here."]},
        "code": {"type": "string", "examples": ["not_found"]},
        "errors": {"type": "object", "description": "By field, where single values are not valid."},
    },
}
PROBLEMS = {
    "400": "The request is not valid.",
    "401": "No key or session, or a key that opens nothing.",
    "403": "The key lacks a scope, or a page's request lacks the token against forged requests.",
    "404": "It does not exist, or belongs to somebody else.",
    "429": "Too many requests: try again after `Retry-After` seconds.",
    "503": "The server cannot answer just now.",
}
"""That any operation may answer with; each operation names those of its own."""


class SchemaView(SpectacularAPIView):
    """The OpenAPI description of this API: it holds no secrets, and tools read it without a key."""

    permission_classes = (AllowAny,)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself
    target_class = "accounts.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key, made on the profile page: `scr_…`"}


def complete(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: every operation may answer with a problem."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, description in PROBLEMS.items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
    return result
