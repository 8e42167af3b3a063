"""States of a transcript: named, compared, and which version is shown. And who speaks in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import newest_page, number, paged, refuse_unknown
from transcription.api.recordings import edited
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import PlainCharField, StrictSerializer, TranscriptSerializer
from transcription.api.transcripts import EXAMPLE as TRANSCRIPT
from transcription.api.transcripts import LARGEST_INDEX, edited_transcript, seen_transcript, visible
from transcription.models import NamedRevision, Speaker
from transcription.services import versions


class NameSerializer(serializers.ModelSerializer[NamedRevision]):
    by = serializers.SerializerMethodField(help_text="Who named it; empty if that account is gone.")

    class Meta:
        model = NamedRevision
        fields = ("id", "revision", "name", "by", "created_at")

    def get_by(self, named: NamedRevision) -> str:
        return str(named.user) if named.user else ""


class NameRequest(StrictSerializer):
    name = PlainCharField(max_length=2 * versions.LONGEST_NAME)


NAMED = {"id": 3, "revision": 5, "name": "Proofread", "by": "ada@example.org", "created_at": "2026-11-26T09:20:00Z"}


class NamesView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_names_list",
        "List named states",
        "editing",
        {200: page_of("Name", NameSerializer)},
        problems=(400, 404),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [NAMED]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Newest first."""
        refuse_unknown(request, "limit", "cursor")
        rows = NamedRevision.objects.filter(transcript=seen_transcript(request, pk)).select_related("user")
        page, url = newest_page(request, rows)
        return paged(NameSerializer(page, many=True).data, url)

    @operation(
        "transcripts_names_create",
        "Name the present state",
        "editing",
        {201: NameSerializer},
        problems=(400, 404, 409, 415),
        request=NameRequest,
        examples=[asked({"name": "Proofread"}), answered(NAMED, status=201)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """To compare with it, or bring it back, later."""
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        sent = NameRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        named = versions.name_revision(transcript=found, user=user_of(request), name=sent.validated_data["name"])
        return Response(NameSerializer(named).data, status=201)


class NameView(APIView):
    required_scope = READ_OR_WRITE

    @operation("transcripts_names_delete", "Forget a name", "editing", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: int, name: int) -> Response:
        """The state itself stays in the log."""
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        versions.forget_name(named=get_object_or_404(NamedRevision, transcript=found, pk=name))
        return Response(status=204)


class RunSerializer(serializers.Serializer[Any]):
    """Words in a row that are in both states, or in one only; ``start`` of the first, in seconds."""

    kind = serializers.ChoiceField([(kind, kind) for kind in ("same", "removed", "added")])
    start = serializers.FloatField()
    text = serializers.CharField()


class DifferenceSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="Words.")
    removed = serializers.IntegerField(help_text="Words.")
    runs = RunSerializer(many=True)


def _revision(name: str, what: str) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INDEX}
    return OpenApiParameter(
        name, schema, description=f"{what}; the newest where it is missing, 0 as the machine wrote it."
    )


class CompareView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_compare",
        "Compare two states word by word",
        "editing",
        {200: DifferenceSerializer},
        problems=(400, 404),
        parameters=[
            _revision("revision", "Of this version"),
            OpenApiParameter(
                "with", OpenApiTypes.INT64, description="Another version of the recording; else this one."
            ),
            _revision("with_revision", "Of the state that is compared with, the older one"),
        ],
        examples=[
            answered(
                {
                    "added": 1,
                    "removed": 1,
                    "runs": [
                        {"kind": "same", "start": 0.3, "text": "And so my"},
                        {"kind": "removed", "start": 1.1, "text": "follow"},
                        {"kind": "added", "start": 1.1, "text": "fellow"},
                    ],
                }
            )
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        """`removed` stands in the state that is compared with, `added` in this one."""
        refuse_unknown(request, "revision", "with", "with_revision")
        found = seen_transcript(request, pk)
        other = found
        if "with" in request.query_params:
            key = number(request, "with", least=0, most=2**63 - 1, usual=0)
            other = get_object_or_404(visible(request), pk=key, recording=found.recording_id)
        difference = versions.compare_states(
            old=(other, number(request, "with_revision", least=0, most=LARGEST_INDEX, usual=other.revision)),
            new=(found, number(request, "revision", least=0, most=LARGEST_INDEX, usual=found.revision)),
        )
        runs = [{"kind": run.kind, "start": run.words[0].start, "text": run.text} for run in difference.runs]
        body = {"added": difference.added, "removed": difference.removed, "runs": runs}
        return Response(DifferenceSerializer(body).data)


class SpeakerSerializer(serializers.ModelSerializer[Speaker]):
    label = serializers.SerializerMethodField(  # type: ignore[assignment]  # the name that is in the answer
        help_text="What to show: the name, or “Speaker 1”."
    )

    class Meta:
        model = Speaker
        fields = ("number", "name", "label")

    def get_label(self, speaker: Speaker) -> str:
        return str(speaker)


class SpeakersView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_speakers",
        "List speakers",
        "editing",
        {200: page_of("Speaker", SpeakerSerializer)},
        problems=(400, 404),
        examples=[answered({"next": None, "results": [{"number": 1, "name": "Ada", "label": "Ada"}]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """All of them; segments name them by `number`. Edits choose, rename and join them."""
        refuse_unknown(request)
        rows = seen_transcript(request, pk).speakers.order_by("number")
        return paged(SpeakerSerializer(rows, many=True).data, None)


class ShowRequest(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_INDEX)


class ShowView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_show_version",
        "Choose the version that is shown",
        "transcripts",
        {200: TranscriptSerializer},
        problems=(400, 404, 409, 415),
        request=ShowRequest,
        examples=[asked({"version": 1}), answered(TRANSCRIPT)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It is read, searched and exported from now on, until another is chosen or the recording transcribed again."""
        refuse_unknown(request)
        found = edited(request, pk)
        sent = ShowRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        version = sent.validated_data["version"]
        transcript = found.transcripts.filter(version=version).first()
        if transcript is None:
            raise Http404
        versions.show_version(recording=found, version=version)
        return Response(TranscriptSerializer(transcript).data)
