"""Recordings: listed, made of a file, renamed, thrown away, brought back, heard."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import key_of
from accounts.models import User
from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.filters import RECORDING_PARAMETERS, RecordingFilter, filtered
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import flag, newest_page, paged, refuse_unknown
from transcription.api.parsers import StrictJSONParser
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import (
    FetchedRecordingSerializer,
    NewRecordingSerializer,
    RecordingSerializer,
    TitleSerializer,
)
from transcription.downloads import answer_with_media
from transcription.errors import TooLarge, WrongState
from transcription.models import Recording
from transcription.querysets import RecordingQuerySet
from transcription.services import access, imports, jobs, recordings, uploads
from transcription.services.jobs import JobOptions

LARGEST_FILE = 26 * 2**20
"""Bytes in one piece; the server takes one MiB more, for what is sent beside it."""
EXAMPLE = {
    "id": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "title": "Inauguration",
    "filename": "inauguration.flac",
    "state": "ready",
    "error": None,
    "media_type": "audio/flac",
    "has_video": False,
    "size": 1152693,
    "duration": 11.0,
    "language": "en",
    "created_at": "2026-11-26T09:00:00Z",
    "deleted_at": None,
    "sound_removed_at": None,
    "tags": [{"id": 4, "name": "Politics", "color": "blue"}],
    "is_favourite": True,
    "is_exempt": False,
    "upcoming": {"what": "sound", "at": "2026-12-02T09:00:00Z"},
    "owner": "Ada",
    "role": "owner",
    "job": {
        "id": 7,
        "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
        "transcript": 7,
        "state": "transcribing",
        "progress": 0.4,
        "seconds_left": 12.5,
        "place": 0,
        "attempt": 1,
        "error": None,
        "warning": "",
        "engine": "faster-whisper",
        "model": "base",
        "language": "",
        "task": "transcribe",
        "queued_at": "2026-11-26T09:00:00Z",
        "started_at": "2026-11-26T09:00:01Z",
        "finished_at": None,
    },
}


FETCHED = OpenApiExample(
    "From an address",
    value={"url": "https://media.example.org/talk.mp3", "language": "en"},
    request_only=True,
    media_type="application/json",
)


def listed(user: User) -> RecordingQuerySet:
    """What the person sees, the own trash too, but never what was made for one answer. With what is shown of it."""
    return Recording.objects.visible_to(user).listed().for_display().with_role(user).with_marks_of(user)


def seen(request: Request, pk: UUID, *, kept: bool = True) -> Recording:
    """Raises Http404."""
    rows = listed(user_of(request))
    return get_object_or_404(rows.kept() if kept else rows, pk=pk)


def own(request: Request, pk: UUID, *, kept: bool = True) -> Recording:
    """Raises Http404, and NotTheOwner for what others share."""
    found = seen(request, pk, kept=kept)
    access.require_owner(recording=found, user=user_of(request))
    return found


def edited(request: Request, pk: UUID) -> Recording:
    """Raises Http404, and NotAnEditor for what others share to be read."""
    found = seen(request, pk)
    access.require_editor(recording=found, user=user_of(request))
    return found


class RecordingsView(APIView):
    required_scope = READ_OR_WRITE
    parser_classes = (MultiPartParser, StrictJSONParser)

    @operation(
        "recordings_list",
        "List recordings",
        "recordings",
        {200: page_of("Recording", RecordingSerializer)},
        problems=(400,),
        parameters=[*RECORDING_PARAMETERS, *PAGE],
        examples=[answered({"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request) -> Response:
        """Newest first; what is in the trash only with `trashed=true`."""
        rows = listed(user_of(request))
        if "trashed" not in request.query_params:
            rows = rows.kept()
        page, url = newest_page(request, filtered(RecordingFilter, request, rows), by="created_at")
        return paged(RecordingSerializer(page, many=True).data, url)

    @operation(
        "recordings_create",
        "Make a recording of a file",
        "recordings",
        {201: RecordingSerializer},
        problems=(400, 403, 409, 413, 415, 422, 507),
        request={"multipart/form-data": NewRecordingSerializer, "application/json": FetchedRecordingSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[FETCHED, answered(EXAMPLE, status=201)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A file of at most 26 MiB, in one piece. It waits in line at once. Larger ones come by `uploads/`.

        Or, as JSON, the address of a file: it is fetched, if an administrator has allowed its host.
        """
        refuse_unknown(request)
        is_form = (request.content_type or "").startswith("multipart/")
        made = self._receive(request) if is_form else self._fetch(request)
        shown = RecordingSerializer(own(request, made.pk)).data
        return Response(shown, status=201, headers={"Location": reverse("api-recording", args=[made.pk])})

    @staticmethod
    def _fetch(request: Request) -> Recording:
        sent = FetchedRecordingSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = user_of(request)
        return imports.import_url(
            owner=user,
            url=sent.validated_data["url"],
            title=sent.validated_data.get("title", ""),
            options=JobOptions.from_dict(sent.options(), defaults=JobOptions.for_user(user)),
            api_key=key_of(request),
        )

    @staticmethod
    def _receive(request: Request) -> Recording:
        sent = NewRecordingSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        file = sent.validated_data["file"]
        if file.size > LARGEST_FILE:
            raise TooLarge(
                gettext("In one piece a file may have 26 MiB. Send larger ones in pieces, by /api/v1/uploads/ (tus).")
            )
        return uploads.receive_file(
            owner=user_of(request),
            file=file,
            filename=file.name,
            options=sent.options(),
            title=sent.validated_data.get("title", ""),
            api_key=key_of(request),
        )


PERMANENT = OpenApiParameter(
    "permanent", {"type": "string", "enum": ["true", "false"]}, description="For good; only what is in the trash."
)


class RecordingView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_retrieve",
        "Show a recording",
        "recordings",
        {200: RecordingSerializer},
        problems=(404,),
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        refuse_unknown(request)
        return Response(RecordingSerializer(seen(request, pk, kept=False)).data)

    @operation(
        "recordings_rename",
        "Rename a recording",
        "recordings",
        {200: RecordingSerializer},
        problems=(400, 404, 415),
        request=TitleSerializer,
        examples=[asked({"title": "Inauguration, 1961"}), answered(EXAMPLE)],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        refuse_unknown(request)
        found = own(request, pk)
        sent = TitleSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        recordings.rename_recording(recording=found, title=sent.validated_data["title"])
        return Response(RecordingSerializer(found).data)

    @operation(
        "recordings_delete",
        "Throw a recording away",
        "recordings",
        {204: None},
        problems=(400, 404, 409),
        parameters=[PERMANENT],
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """To the trash, and its job is cancelled. An upload that is not complete ends for good."""
        refuse_unknown(request, "permanent")
        found = own(request, pk, kept=False)
        if not flag(request, "permanent"):
            uploads.throw_away(recording=found)
        elif found.deleted_at is None:
            raise WrongState(gettext("Only what is in the trash can be deleted for good."))
        else:
            recordings.purge_recording(recording=found)
        return Response(status=204)


class RestoreView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_restore",
        "Bring a recording back from the trash",
        "recordings",
        {200: RecordingSerializer},
        problems=(404, 409),
        examples=[answered(EXAMPLE)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Work that the trash had interrupted goes on."""
        refuse_unknown(request)
        jobs.restore_recording(recording=own(request, pk, kept=False))
        return Response(RecordingSerializer(own(request, pk)).data)


class AudioView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_audio",
        "Get the sound",
        "recordings",
        {
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
        },
        problems=(404,),
        parameters=[
            OpenApiParameter("Range", {"type": "string"}, OpenApiParameter.HEADER, description="bytes=FIRST-LAST"),
            OpenApiParameter(
                "download",
                {"type": "string", "enum": ["true", "false"]},
                description="The file as it came, not a copy that browsers can play.",
            ),
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """All of it, or with Range at most one MiB; the type is the recording's."""
        refuse_unknown(request, "download")
        return answer_with_media(request._request, seen(request, pk), download=flag(request, "download"))

    head = get
