"""Transcripts: the versions of a recording's text, their segments, and the files that can be made of them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.jobs import EXAMPLE as JOB
from transcription.api.jobs import answer_with_job
from transcription.api.pagination import flag, newest_page, number, paged, refuse_unknown
from transcription.api.problems import PreconditionFailed, PreconditionRequired
from transcription.api.recordings import own
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import (
    JobSerializer,
    OptionsSerializer,
    SegmentSerializer,
    SegmentWithWordsSerializer,
    TranscriptSerializer,
)
from transcription.downloads import answer_with_export
from transcription.models import Transcript
from transcription.services import jobs, transcripts
from transcription.services.jobs import JobOptions
from transcription.speech.captions import FORMATS

MOST_SEGMENTS, USUAL_SEGMENTS = 1000, 200
LARGEST_INDEX = 2**31 - 1
EXAMPLE = {
    "id": 7,
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "version": 1,
    "revision": 4,
    "engine": "faster-whisper",
    "model": "base",
    "task": "transcribe",
    "language": "en",
    "language_probability": 0.98,
    "position": 11.0,
    "is_complete": True,
    "created_at": "2026-11-26T09:00:01Z",
}
SEGMENT = {
    "index": 0,
    "start": 0.3,
    "end": 3.1,
    "text": "And so, my fellow Americans,",
    "language": "en",
    "confidence": 0.93,
    "doubt": "",
}
IF_MATCH = OpenApiParameter(
    "If-Match", {"type": "string"}, OpenApiParameter.HEADER, required=True, description="The ETag that you read."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", {"type": "string"}, OpenApiParameter.HEADER, description="An ETag: 304 while it is the newest."
)


def visible(request: Request) -> QuerySet[Transcript]:
    return Transcript.objects.visible_to(user_of(request)).in_library()


def own_transcript(request: Request, pk: int) -> Transcript:
    """With its recording. Raises Http404."""
    return get_object_or_404(visible(request).select_related("recording"), pk=pk)


def etag_of(transcript: Transcript) -> str:
    return f'"{transcript.pk}-{transcript.revision}"'


class VersionsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_transcripts_list",
        "List the versions of a transcript",
        "transcripts",
        {200: page_of("Transcript", TranscriptSerializer)},
        problems=(400, 404),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        refuse_unknown(request, "limit", "cursor")
        page, url = newest_page(request, Transcript.objects.filter(recording=own(request, pk)))
        return paged(TranscriptSerializer(page, many=True).data, url)

    @operation(
        "recordings_transcribe",
        "Transcribe again",
        "transcripts",
        {201: JobSerializer},
        problems=(400, 404, 409, 415, 422),
        request=OptionsSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[asked({"language": "en", "vocabulary": "Scripta"}), answered(JOB, status=201)],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """A job that makes a new version, with other choices. The version that is read stays until it is complete."""
        refuse_unknown(request)
        found = own(request, pk)
        sent = OptionsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        options = JobOptions.from_dict(sent.options(), defaults=JobOptions.for_user(user_of(request)))
        return answer_with_job(request, jobs.submit_job(recording=found, options=options).pk, status=201)


class TranscriptView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_retrieve",
        "Show a version",
        "transcripts",
        {200: TranscriptSerializer, 304: None},
        problems=(404,),
        parameters=[IF_NONE_MATCH],
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The ETag changes with each revision."""
        refuse_unknown(request)
        found = own_transcript(request, pk)
        response = Response(TranscriptSerializer(found).data, headers={"ETag": etag_of(found)})
        return _unchanged(request._request, etag_of(found)) or response

    @operation(
        "transcripts_delete",
        "Delete a version",
        "transcripts",
        {204: None},
        problems=(404, 409, 412, 428),
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, pk: int) -> Response:
        """For good. Not the only one, nor one that is being written."""
        refuse_unknown(request)
        found = own_transcript(request, pk)
        if "If-Match" not in request.headers:
            raise PreconditionRequired
        tags = parse_etags(request.headers["If-Match"])
        if not transcripts.delete_transcript(
            transcript=found, is_current=lambda row: tags == ["*"] or etag_of(row) in tags
        ):
            raise PreconditionFailed
        return Response(status=204)


def _unchanged(request: HttpRequest, etag: str) -> HttpResponse | None:
    """304 where the request says that it has this already."""
    answer: HttpResponse | None = get_conditional_response(request, etag)
    if answer is not None and answer.status_code != 304:
        raise PreconditionFailed
    if answer is not None:
        answer["ETag"] = etag
    return answer


class SegmentsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_segments",
        "List segments",
        "transcripts",
        {200: page_of("Segment", SegmentWithWordsSerializer)},
        problems=(400, 404),
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": -1, "maximum": LARGEST_INDEX, "default": -1},
                description="Begin behind the segment of this index.",
            ),
            OpenApiParameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MOST_SEGMENTS, "default": USUAL_SEGMENTS}
            ),
            OpenApiParameter(
                "words", {"type": "string", "enum": ["true", "false"]}, description="With the times of all words."
            ),
        ],
        examples=[answered({"next": None, "results": [SEGMENT]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """In order. `next` leads to those behind these."""
        refuse_unknown(request, "after", "limit", "words")
        after = number(request, "after", least=-1, most=LARGEST_INDEX, usual=-1)
        limit = number(request, "limit", least=1, most=MOST_SEGMENTS, usual=USUAL_SEGMENTS)
        kind = SegmentWithWordsSerializer if flag(request, "words") else SegmentSerializer
        rows = own_transcript(request, pk).segments.filter(index__gt=after).order_by("index")
        page = list(rows.only("pk", "transcript", *kind.Meta.fields)[: limit + 1])
        url = _after(request, page[limit - 1].index) if len(page) > limit else None
        return paged(kind(page[:limit], many=True).data, url)


def _after(request: Request, index: int) -> str:
    query = request.query_params.copy()
    query["after"] = str(index)
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"


class ExportView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_export",
        "Export as a file",
        "transcripts",
        {(200, each.media_type.partition(";")[0]): OpenApiTypes.BINARY for each in FORMATS.values()},
        problems=(400, 404),
        parameters=[OpenApiParameter("format", {"type": "string", "enum": list(FORMATS)}, required=True)],
        examples=[
            OpenApiExample(
                "Subtitles",
                "1\n00:00:00,300 --> 00:00:03,100\nAnd so my fellow Americans,\n",
                media_type="application/x-subrip",
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        refuse_unknown(request, "format")
        found = own_transcript(request, pk)
        if "format" not in request.query_params:
            raise exceptions.ValidationError({"format": [gettext("This is needed.")]})
        return answer_with_export(found, format=request.query_params["format"])
