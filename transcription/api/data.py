"""What a person's recordings take, and copies of all own data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import refuse_unknown
from transcription.api.schema import answered, operation
from transcription.downloads import answer_with_data_export
from transcription.enums import ExportState
from transcription.models import DataExport
from transcription.services import data_export, storage_use

_USE = {
    "recordings": 1152693,
    "trash": 0,
    "captioned": 0,
    "playback": 0,
    "exports": 0,
    "counted": 1152693,
    "quota": 10737418240,
}
_LARGEST = {"id": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11", "title": "Inauguration", "bytes": 1152693}
_EXPORT = {
    "id": "5f0c2a3e-8f0d-4a57-9d0e-3a9d3c1c2b11",
    "state": "ready",
    "progress": 1.0,
    "size": 1180211,
    "error_message": "",
    "created_at": "2026-11-26T09:00:00Z",
    "finished_at": "2026-11-26T09:00:04Z",
    "expires_at": "2026-12-03T09:00:04Z",
}
MOST_LARGEST = 20


class LargestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    bytes = serializers.IntegerField(source="total")


class StorageSerializer(serializers.Serializer[Any]):
    """Bytes. ``counted`` is what the quota is about; a quota of 0 is none."""

    recordings = serializers.IntegerField()
    trash = serializers.IntegerField()
    captioned = serializers.IntegerField(help_text="Videos with captions.")
    playback = serializers.IntegerField(help_text="Copies for the player.")
    exports = serializers.IntegerField(help_text="Copies of all your data.")
    counted = serializers.IntegerField()
    quota = serializers.IntegerField()


class StorageAnswerSerializer(StorageSerializer):
    largest = LargestSerializer(many=True)


class StorageView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "storage",
        "What your recordings take",
        "data",
        {200: StorageAnswerSerializer},
        examples=[answered(_USE | {"largest": [_LARGEST]})],
    )
    def get(self, request: Request) -> Response:
        """With the 20 largest, copies for the player included."""
        refuse_unknown(request)
        user = user_of(request)
        largest = storage_use.largest_first(user)[:MOST_LARGEST]
        use = StorageSerializer(storage_use.use_of(user)).data
        return Response({**use, "largest": LargestSerializer(largest, many=True).data})


class DataExportSerializer(serializers.ModelSerializer[DataExport]):
    """``progress`` from 0 to 1, ``size`` in bytes."""

    state = serializers.ChoiceField(ExportState.choices)

    class Meta:
        model = DataExport
        fields = tuple(_EXPORT)


def own_export(request: Request, pk: UUID) -> DataExport:
    """Raises Http404."""
    found: DataExport = get_object_or_404(DataExport.objects.visible_to(request.user), pk=pk)
    return found


class DataExportsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "data_exports_list",
        "List copies of all your data",
        "data",
        {200: DataExportSerializer(many=True)},
        examples=[answered(_EXPORT)],
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request)
        rows = DataExport.objects.visible_to(request.user).order_by("-created_at")
        return Response(DataExportSerializer(rows, many=True).data)

    @operation(
        "data_exports_create",
        "Have a copy of all your data made",
        "data",
        {201: DataExportSerializer},
        problems=(409, 507),
        examples=[answered(_EXPORT | {"state": "waiting", "progress": 0.0}, status=201)],
    )
    def post(self, request: Request) -> Response:
        """A ZIP of your recordings, every version of their transcripts as JSON and text, and what is known of you.

        One at a time; an earlier copy goes when the new one is ready.
        """
        refuse_unknown(request)
        return Response(DataExportSerializer(data_export.request_export(user=user_of(request))).data, status=201)


class DataExportView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "data_exports_retrieve",
        "Show a copy of all your data",
        "data",
        {200: DataExportSerializer},
        problems=(404,),
        examples=[answered(_EXPORT)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        refuse_unknown(request)
        return Response(DataExportSerializer(own_export(request, pk)).data)

    @operation("data_exports_delete", "Delete or cancel a copy", "data", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: UUID) -> Response:
        refuse_unknown(request)
        data_export.delete(export=own_export(request, pk))
        return Response(status=204)


class DataExportFileView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "data_exports_file",
        "Download a copy of all your data",
        "data",
        {(200, "application/zip"): OpenApiTypes.BINARY, (206, "application/zip"): OpenApiTypes.BINARY},
        problems=(404,),
        parameters=[
            OpenApiParameter("Range", {"type": "string"}, OpenApiParameter.HEADER, description="bytes=FIRST-LAST")
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """With Range, a download that broke goes on where it ended."""
        refuse_unknown(request)
        return answer_with_data_export(request._request, own_export(request, pk))

    head = get
