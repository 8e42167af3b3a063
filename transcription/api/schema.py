"""How operations are described in OpenAPI: all alike, with their problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from accounts.languages import SOURCE
from transcription.api.pagination import LONGEST_CURSOR, MOST, USUAL

CURSOR = OpenApiParameter(
    "cursor",
    {"type": "string", "maxLength": LONGEST_CURSOR},
    description="Where the page begins: from `next` of the one before.",
)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    description="Rows of the page.",
)
PAGE = [CURSOR, LIMIT]


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself
    target_class = "accounts.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key, made on the profile page."}


class SchemaView(SpectacularAPIView):
    """The OpenAPI description itself: it holds no secrets, and tools read it without a key."""

    permission_classes = (AllowAny,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In English, as it is written, whoever asks."""
        with translation.override(SOURCE):
            return super().dispatch(request, *args, **kwargs)


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457). ``code`` is stable; ``detail`` may be shown to a person."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # the name that is in the answer
        required=False, help_text="By field, for values that are not valid."
    )


_PROBLEMS = {
    400: "A value is not valid, or not known here.",
    401: "Nobody is signed in, or the key is not valid.",
    403: "The key was not given the scope, or the request may be forged.",
    404: "There is nothing here, or it is another's.",
    405: "This address does not take this method.",
    409: "The state does not allow it, or the same request is being worked on.",
    410: "It is gone.",
    412: "It has changed since it was read, or the protocol's version is another.",
    413: "It is too large, or there is no room left.",
    415: "The content is of a type that is not taken here.",
    422: "The Idempotency-Key was sent with another request.",
    423: "Another request is writing to it.",
    428: "If-Match is missing.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "It cannot be done now.",
    507: "The disk is full.",
}
_ALWAYS = (401, 403, 429)


def operation(
    operation_id: str,
    summary: str,
    tag: str,
    answers: Mapping[Any, Any],
    *,
    problems: Sequence[int] = (),
    request: Any = None,
    parameters: Sequence[OpenApiParameter] = (),
    examples: Sequence[OpenApiExample] = (),
    description: str | None = None,
) -> Callable[[Any], Any]:
    """``extend_schema`` with the problems that every operation can have, and those named."""
    responses = dict(answers) | {
        (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=_PROBLEMS[status])
        for status in sorted({*_ALWAYS, *problems})
    }
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description,
        tags=[tag],
        request=request,
        responses=responses,
        parameters=list(parameters),
        examples=list(examples),
    )


def page_of(name: str, rows: Any, **more: serializers.Field[Any, Any, Any, Any]) -> Any:
    """The schema of a page of ``rows``, a serializer class."""
    fields: dict[str, Any] = {"next": serializers.URLField(allow_null=True), "results": rows(many=True), **more}
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)


def answered(value: Any, *, name: str = "Example", status: int = 200) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


def asked(value: Any, *, name: str = "Example") -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)
