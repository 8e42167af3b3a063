"""Search in all that was said."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.filters import LONGEST_SECONDS
from transcription.api.pagination import LARGEST_ID, decode, encode, next_url, number, paged, refuse_unknown
from transcription.api.problems import BadCursor
from transcription.api.recordings import seen
from transcription.api.schema import CURSOR, answered, operation, page_of
from transcription.errors import NoWord
from transcription.moments import to_moment
from transcription.services import search
from transcription.services.marks import MOST_TAGS
from transcription.services.search import LONGEST_QUERY, Found, Page, Place, Wanted
from transcription.services.search_speakers import MOST_NAMED
from transcription.services.search_ways import CANDIDATES
from transcription.services.speakers import LONGEST_NAME

MOST, USUAL = 100, 20


class SearchSerializer(serializers.Serializer[Any]):
    """What is asked for. ``from`` and ``to`` are no names in Python."""

    q = serializers.CharField(max_length=LONGEST_QUERY, required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(settings.RECORDING_LANGUAGES, required=False)
    speaker = serializers.CharField(max_length=LONGEST_NAME, required=False)
    tag = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST_TAGS, required=False
    )
    recording = serializers.UUIDField(required=False)
    min_duration = serializers.FloatField(required=False, min_value=0, max_value=LONGEST_SECONDS)
    max_duration = serializers.FloatField(required=False, min_value=0, max_value=LONGEST_SECONDS)

    def get_fields(self) -> dict[str, Any]:
        moments = {name: serializers.DateTimeField(required=False) for name in ("from", "to")}
        return super().get_fields() | moments

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if not values["q"] and not values.get("speaker"):
            raise serializers.ValidationError({"q": [gettext("Give some words, or a speaker.")]})
        return values


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


class SpeakingSerializer(serializers.Serializer[Any]):
    """Whose name is what is searched for. Without `q`, and with `speaker`, these passages are found."""

    name = serializers.CharField()
    segments = serializers.IntegerField(help_text=f"That this speaker says, counted up to {CANDIDATES}.")
    has_more = serializers.BooleanField(help_text="There are more than were counted.")
    recordings = serializers.IntegerField(help_text="In which this speaker says something.")


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
    "instead": None,
    "speakers": [{"name": "John Country", "segments": 12, "has_more": False, "recordings": 3}],
}
_SECONDS = {"type": "number", "minimum": 0, "maximum": LONGEST_SECONDS}
PARAMETERS = [
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": LONGEST_QUERY},
        description=(
            'Words; "words in a row"; or; -without. Quoted or excluded words are taken exactly as written. '
            "May be left out where a `speaker` is given: then all that this speaker says is found, the newest first."
        ),
    ),
    OpenApiParameter(
        "language",
        {"type": "string", "enum": [code for code, _ in settings.RECORDING_LANGUAGES]},
        description="Of what was said.",
    ),
    OpenApiParameter(
        "speaker",
        {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        description="The name of who says it, as it was given.",
    ),
    OpenApiParameter(
        "tag",
        {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}, "maxItems": MOST_TAGS},
        description="Recordings with this tag of yours; given more than once, with all of them.",
    ),
    OpenApiParameter("recording", {"type": "string", "format": "uuid"}, description="Only in this one."),
    OpenApiParameter("from", {"type": "string", "format": "date-time"}, description="Recordings made then or later."),
    OpenApiParameter("to", {"type": "string", "format": "date-time"}, description="Recordings made before."),
    OpenApiParameter("min_duration", _SECONDS, description="Seconds that the recording has, or more."),
    OpenApiParameter("max_duration", _SECONDS, description="Recordings that are shorter, in seconds."),
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
                total=serializers.IntegerField(help_text=f"Passages that were ranked, at most {CANDIDATES}."),
                has_more=serializers.BooleanField(help_text="More match than were ranked: the newest were."),
                instead=serializers.CharField(
                    allow_null=True,
                    help_text="Nothing matches `q`, in which a word was perhaps misspelt: this text was searched for.",
                ),
                speakers=SpeakingSerializer(
                    many=True, help_text=f"At most {MOST_NAMED} whose name `q` is, or begins; on the first page."
                ),
            )
        },
        problems=(400, 404, 503),
        parameters=PARAMETERS,
        examples=[answered(EXAMPLE)],
        description=(
            "Passages of the transcripts that the library shows, best first. When nothing matches, and a word is not "
            "in any of them but like one that is, what matches that word; put it in quotation marks to prevent this."
        ),
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request, *SearchSerializer().fields, "limit", "cursor")
        limit = number(request, "limit", least=1, most=MOST, usual=USUAL)
        page = Page(limit, after=_place(request.query_params.get("cursor")))
        given: dict[str, Any] = {name: request.query_params[name] for name in request.query_params}
        if "tag" in given:
            given["tag"] = request.query_params.getlist("tag")
        asked = SearchSerializer(data=given)
        asked.is_valid(raise_exception=True)
        if "recording" in asked.validated_data:
            seen(request, asked.validated_data["recording"])
        wanted = _wanted(asked.validated_data)
        try:
            found = search.find_passages(user=user_of(request), wanted=wanted, page=page)
        except NoWord as error:  # as nothing at all is refused
            raise serializers.ValidationError({"q": [error.message]}) from error
        rows = PassageSerializer(found.passages, many=True).data
        more = {"total": found.total, "has_more": found.has_more, "instead": found.instead or None}
        speakers = [] if page.after else search.find_speakers(user=user_of(request), wanted=wanted)
        return paged(rows, _next(request, found), **more, speakers=SpeakingSerializer(speakers, many=True).data)


def _wanted(values: dict[str, Any]) -> Wanted:
    return Wanted(
        text=values["q"],
        language=values.get("language", ""),
        speaker=values.get("speaker", ""),
        recording_id=values.get("recording"),
        since=values.get("from"),
        until=values.get("to"),
        shortest=values.get("min_duration"),
        longest=values.get("max_duration"),
        tags=tuple(values.get("tag", ())),
    )


def _next(request: Request, found: Found) -> str | None:
    if found.next is None:
        return None
    place = found.next
    cursor = encode([place.rank, place.created_at.isoformat(), place.transcript_id, place.index])
    url = next_url(request, cursor)
    return str(replace_query_param(url, "q", found.instead)) if found.instead else url


def _place(cursor: str | None) -> Place | None:
    """Raises BadCursor."""
    if cursor is None:
        return None
    match decode(cursor):
        case [float(rank), str(moment), int(transcript), int(index)] if max(abs(transcript), abs(index)) <= LARGEST_ID:
            try:
                return Place(rank, to_moment(moment), transcript, index)
            except ValueError as error:
                raise BadCursor from error
    raise BadCursor
