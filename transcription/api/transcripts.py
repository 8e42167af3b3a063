"""Transcripts: the versions of a recording's text, their segments, and the files that can be made of them."""

from __future__ import annotations

from math import isfinite
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
from transcription.api.pagination import decode, encode, flag, newest_page, next_url, number, paged, refuse_unknown
from transcription.api.problems import BadCursor, PreconditionFailed, PreconditionRequired
from transcription.api.recordings import own, seen
from transcription.api.schema import CURSOR, PAGE, answered, asked, operation, page_of
from transcription.api.serializers import (
    JobSerializer,
    OptionsSerializer,
    SegmentSerializer,
    SegmentWithWordsSerializer,
    TranscriptSerializer,
)
from transcription.downloads import answer_with_export, choice
from transcription.models import Transcript, TranscriptSegment
from transcription.services import access, jobs, transcripts
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
    "revision": 0,
    "speaker": None,
    "start": 0.3,
    "end": 3.1,
    "text": "And so, my fellow Americans,",
    "language": "en",
    "confidence": 0.93,
    "doubt": "",
}


def option(name: str, meaning: str) -> OpenApiParameter:
    """A choice that some formats have."""
    offered = [f"{each} ({'true' if usual else 'false'})" for each, usual in usual_choices(name).items()]
    description = f"{meaning}. A choice of these formats, with what is usual there: {', '.join(offered)}."
    return OpenApiParameter(name, {"type": "string", "enum": ["true", "false"]}, description=description)


def usual_choices(name: str) -> dict[str, bool]:
    return {each: usual for each, format in FORMATS.items() if (usual := getattr(format, name)) is not None}


SPEAKERS = option("speakers", "With the names of speakers")
IF_MATCH = OpenApiParameter(
    "If-Match", {"type": "string"}, OpenApiParameter.HEADER, required=True, description="The ETag that you read."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", {"type": "string"}, OpenApiParameter.HEADER, description="An ETag: 304 while it is the newest."
)


def visible(request: Request) -> QuerySet[Transcript]:
    return Transcript.objects.visible_to(user_of(request)).in_library()


def seen_transcript(request: Request, pk: int) -> Transcript:
    """With its recording. Raises Http404."""
    return get_object_or_404(visible(request).select_related("recording"), pk=pk)


def edited_transcript(request: Request, pk: int) -> Transcript:
    """Raises Http404, and NotAnEditor for what others share to be read."""
    found = seen_transcript(request, pk)
    access.require_editor(recording=found.recording, user=user_of(request))
    return found


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
        page, url = newest_page(request, Transcript.objects.filter(recording=seen(request, pk)))
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
        found = seen_transcript(request, pk)
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
        found = seen_transcript(request, pk)
        access.require_owner(recording=found.recording, user=user_of(request))
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
            CURSOR,
            OpenApiParameter(
                "changed_since",
                {"type": "integer", "minimum": 0, "maximum": LARGEST_INDEX},
                description="Only those changed after this revision of the transcript.",
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
        refuse_unknown(request, "after", "cursor", "changed_since", "limit", "words")
        limit = number(request, "limit", least=1, most=MOST_SEGMENTS, usual=USUAL_SEGMENTS)
        kind = SegmentWithWordsSerializer if flag(request, "words") else SegmentSerializer
        rows = seen_transcript(request, pk).segments.in_order()
        if "cursor" in request.query_params:
            rows = rows.filter(rank__gt=_rank(request.query_params["cursor"]))
        elif (after := number(request, "after", least=-1, most=LARGEST_INDEX, usual=-1)) >= 0:
            rows = rows.filter(rank__gt=_rank_of(rows, after))
        if "changed_since" in request.query_params:
            rows = rows.filter(revision__gt=number(request, "changed_since", least=0, most=LARGEST_INDEX, usual=0))
        page = list(rows.only("pk", "transcript", "rank", *kind.Meta.fields)[: limit + 1])
        url = next_url(request, encode([page[limit - 1].rank])) if len(page) > limit else None
        return paged(kind(page[:limit], many=True).data, url)


def _rank_of(rows: QuerySet[TranscriptSegment], index: int) -> float:
    """Where the segment stands. One that is not there is taken to stand where the machine would have put it."""
    found: float | None = rows.filter(index=index).values_list("rank", flat=True).first()
    return float(index) if found is None else found


def _rank(cursor: str) -> float:
    """Raises BadCursor."""
    try:
        (rank,) = (float(value) for value in decode(cursor))
    except (TypeError, ValueError) as error:
        raise BadCursor from error
    if not isfinite(rank):
        raise BadCursor
    return rank


class ExportView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_export",
        "Export as a file",
        "transcripts",
        {(200, each.media_type.partition(";")[0]): OpenApiTypes.BINARY for each in FORMATS.values()},
        problems=(400, 404, 409),
        parameters=[
            OpenApiParameter("format", {"type": "string", "enum": list(FORMATS)}, required=True),
            option("times", "With the times of passages"),
            SPEAKERS,
        ],
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
        """Text is UTF-8. The name of the file comes from the title, without what systems or headers cannot hold.

        409 where the format cannot show the text, as PDF for a script that the server has no font of.
        """
        refuse_unknown(request, "format", "times", "speakers")
        found = seen_transcript(request, pk)
        query = request.query_params
        if "format" not in query:
            raise exceptions.ValidationError({"format": [gettext("This is needed.")]})
        times, speakers = (choice(query, name) for name in ("times", "speakers"))
        return answer_with_export(found, format=query["format"], times=times, speakers=speakers)
