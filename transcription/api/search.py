"""Search in all that was said."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import decode, encode, next_url, number, paged, refuse_unknown
from transcription.api.problems import BadCursor
from transcription.api.schema import CURSOR, answered, operation, page_of
from transcription.services import search
from transcription.services.search import LONGEST_QUERY, Wanted

MOST, USUAL = 100, 20


class SearchSerializer(serializers.Serializer[Any]):
    """What is asked for. ``from`` and ``to`` are no names in Python."""

    q = serializers.CharField(max_length=LONGEST_QUERY)
    language = serializers.ChoiceField(settings.RECORDING_LANGUAGES, required=False)
    recording = serializers.UUIDField(required=False)

    def get_fields(self) -> dict[str, Any]:
        moments = {name: serializers.DateTimeField(required=False) for name in ("from", "to")}
        return super().get_fields() | moments


class PassageSerializer(serializers.Serializer[Any]):
    """A passage, with the times at which it was said (seconds), and what was found in it."""

    recording = serializers.UUIDField(source="recording_id")
    title = serializers.CharField()
    created_at = serializers.DateTimeField()
    transcript = serializers.IntegerField(source="transcript_id")
    index = serializers.IntegerField(help_text="Of the segment.")
    start = serializers.FloatField()
    end = serializers.FloatField()
    language = serializers.CharField(allow_blank=True)
    snippet = serializers.CharField(source="text")
    highlights = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Beginnings and ends of what was found, counted in characters (code points) of the snippet.",
    )


EXAMPLE = {
    "next": None,
    "results": [
        {
            "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
            "title": "Inauguration",
            "created_at": "2026-11-26T09:00:00Z",
            "transcript": 7,
            "index": 12,
            "start": 48.2,
            "end": 52.9,
            "language": "en",
            "snippet": "ask not what your country can do for you",
            "highlights": [[18, 25]],
        }
    ],
    "total": 1,
    "has_more": False,
}
PARAMETERS = [
    OpenApiParameter(
        "q",
        {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY},
        required=True,
        description='Words; "words in a row"; or; -without. Quoted or excluded words are taken exactly as written.',
    ),
    OpenApiParameter(
        "language",
        {"type": "string", "enum": [code for code, _ in settings.RECORDING_LANGUAGES]},
        description="Of what was said.",
    ),
    OpenApiParameter("recording", {"type": "string", "format": "uuid"}, description="Only in this one."),
    OpenApiParameter("from", {"type": "string", "format": "date-time"}, description="Recordings made then or later."),
    OpenApiParameter("to", {"type": "string", "format": "date-time"}, description="Recordings made before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
    CURSOR,
]


class SearchView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "search",
        "Find passages",
        "search",
        {
            200: page_of(
                "Passage",
                PassageSerializer,
                total=serializers.IntegerField(help_text=f"Passages that were ranked, at most {search.CANDIDATES}."),
                has_more=serializers.BooleanField(help_text="More match than were ranked: the newest were."),
            )
        },
        problems=(400, 503),
        parameters=PARAMETERS,
        examples=[answered(EXAMPLE)],
        description="Passages of the newest transcripts in the library, best first.",
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request, "q", "language", "recording", "from", "to", "limit", "cursor")
        limit = number(request, "limit", least=1, most=MOST, usual=USUAL)
        offset = _offset(request)
        asked = SearchSerializer(data={name: request.query_params[name] for name in request.query_params})
        asked.is_valid(raise_exception=True)
        found = search.find_passages(
            user=user_of(request), wanted=_wanted(asked.validated_data), limit=limit, offset=offset
        )
        after = offset + len(found.passages)
        url = next_url(request, encode(["rank", after])) if found.passages and after < found.total else None
        rows = PassageSerializer(found.passages, many=True).data
        return paged(rows, url, total=found.total, has_more=found.has_more)


def _wanted(values: dict[str, Any]) -> Wanted:
    return Wanted(
        text=values["q"],
        language=values.get("language", ""),
        recording_id=values.get("recording"),
        since=values.get("from"),
        until=values.get("to"),
    )


def _offset(request: Request) -> int:
    """Only what was ranked has pages. Raises BadCursor."""
    cursor = request.query_params.get("cursor")
    if cursor is None:
        return 0
    match decode(cursor):
        case ["rank", int(offset)] if offset is not True and 0 < offset <= search.CANDIDATES:
            return offset
    raise BadCursor
