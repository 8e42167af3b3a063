"""Videos with captions in the picture: wished for, followed, fetched, deleted."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import edited, seen
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import ErrorSerializer, StrictBooleanField, StrictSerializer
from transcription.downloads import answer_with_captioned_video
from transcription.enums import VideoState
from transcription.errors import stored_words
from transcription.models import CaptionedVideo
from transcription.services import captioned_videos

EXAMPLE = {
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "transcript": 7,
    "state": "running",
    "progress": 0.4,
    "speakers": True,
    "error": None,
    "file": None,
    "size": 0,
    "queued_at": "2026-11-26T09:00:00Z",
    "finished_at": None,
}


class CaptionedVideoSerializer(serializers.ModelSerializer[CaptionedVideo]):
    """``progress`` from 0 to 1. ``file`` leads to the newest that is finished, which may be of an earlier wish."""

    state = serializers.ChoiceField(VideoState.choices)
    error = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()

    class Meta:
        model = CaptionedVideo
        fields = tuple(EXAMPLE)

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, video: CaptionedVideo) -> dict[str, str] | None:
        return (
            {"code": video.error_code, "message": stored_words(video.error_message)}
            if video.state == VideoState.FAILED
            else None
        )

    def get_file(self, video: CaptionedVideo) -> str | None:
        return reverse("api-captioned-video-file", args=[video.pk]) if video.file else None


class CaptionedVideoOptionsSerializer(StrictSerializer):
    speakers = StrictBooleanField(required=False, help_text="With the names of speakers, as is usual.")


class CaptionedVideoView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "captioned_video_retrieve",
        "Show a video with captions",
        "captioned video",
        {200: CaptionedVideoSerializer},
        problems=(404,),
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """How far the making of it is. 404 until one was wished for."""
        refuse_unknown(request)
        return Response(CaptionedVideoSerializer(_own_video(request, pk)).data)

    @operation(
        "captioned_video_create",
        "Make a video with captions",
        "captioned video",
        {201: CaptionedVideoSerializer},
        problems=(400, 404, 409, 413, 415, 422),
        request=CaptionedVideoOptionsSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[asked({"speakers": False}), answered(EXAMPLE | {"state": "queued", "progress": 0.0}, status=201)],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """An MP4 with the captions of the version that is shown drawn into the picture; sound alone gets a plain one.

        It takes its time: ask how far it is. It is kept until another takes its place, or the recording goes.
        """
        refuse_unknown(request)
        found = edited(request, pk)
        sent = CaptionedVideoOptionsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = captioned_videos.request_video(recording=found, speakers=sent.validated_data.get("speakers", True))
        headers = {"Location": reverse("api-captioned-video", args=[found.pk])}
        return Response(CaptionedVideoSerializer(made).data, status=201, headers=headers)

    @operation(
        "captioned_video_delete",
        "Delete a video with captions",
        "captioned video",
        {204: None},
        problems=(404,),
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """For good; the making of one ends."""
        refuse_unknown(request)
        if not captioned_videos.delete_video(recording=edited(request, pk)):
            raise Http404
        return Response(status=204)


class CancelCaptionedVideoView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "captioned_video_cancel",
        "Cancel the making of a video with captions",
        "captioned video",
        {200: CaptionedVideoSerializer},
        problems=(404, 409),
        examples=[answered(EXAMPLE | {"state": "cancelled"})],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """One that was finished before stays."""
        refuse_unknown(request)
        captioned_videos.cancel_video(recording=edited(request, pk))
        return Response(CaptionedVideoSerializer(_own_video(request, pk)).data)


class CaptionedVideoFileView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "captioned_video_file",
        "Download a video with captions",
        "captioned video",
        {(200, "video/mp4"): OpenApiTypes.BINARY, (206, "video/mp4"): OpenApiTypes.BINARY},
        problems=(404,),
        parameters=[
            OpenApiParameter("Range", {"type": "string"}, OpenApiParameter.HEADER, description="bytes=FIRST-LAST"),
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """With `Range` a part of it, of at most 1 MiB."""
        refuse_unknown(request)
        return answer_with_captioned_video(request._request, _own_video(request, pk))

    head = get


def _own_video(request: Request, pk: UUID) -> CaptionedVideo:
    """Raises Http404."""
    return get_object_or_404(CaptionedVideo.objects.select_related("recording"), recording=seen(request, pk))
