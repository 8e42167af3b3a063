"""The same done to many recordings at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.marks import IDS, own_tag
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import listed
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import StrictIntegerField, StrictSerializer
from transcription.downloads import answer_with_archive
from transcription.models import Tag
from transcription.querysets import RecordingQuerySet
from transcription.services import bulk, marks
from transcription.services.bulk import Outcome
from transcription.speech import captions

_ID = "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11"
TAGGED = ("add_tag", "remove_tag")
ACTIONS = (*TAGGED, "favour", "unfavour", "trash", "restore", "purge")


class ChosenSerializer(StrictSerializer):
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=bulk.MOST)


class BulkSerializer(ChosenSerializer):
    """``tag`` goes with ``add_tag`` and ``remove_tag`` only."""

    action = serializers.ChoiceField(ACTIONS)
    tag = StrictIntegerField(**IDS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("tag" in attrs) != (attrs["action"] in TAGGED):
            raise serializers.ValidationError(
                {"tag": [gettext("A tag goes with add_tag and remove_tag, and with these only.")]}
            )
        return attrs


class ArchiveSerializer(ChosenSerializer):
    format = serializers.ChoiceField(list(captions.FORMATS))


class RefusedSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    count = serializers.IntegerField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """What is another's, or gone, is neither done nor refused."""

    done = serializers.ListField(child=serializers.UUIDField())
    refused = RefusedSerializer(many=True)


class BulkView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_bulk",
        "Do the same to many recordings",
        "recordings",
        {200: OutcomeSerializer},
        problems=(400, 404, 415),
        request=BulkSerializer,
        examples=[
            asked({"ids": [_ID], "action": "add_tag", "tag": 4}),
            answered({"done": [_ID], "refused": []}),
        ],
        description=f"At most {bulk.MOST}. `trash`, `restore` and `purge` (for good) are for their owner.",
    )
    def post(self, request: Request) -> Response:
        refuse_unknown(request)
        sent = BulkSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        chosen = sent.validated_data
        tag = own_tag(request, chosen["tag"]) if "tag" in chosen else None
        rows = listed(user_of(request)).filter(pk__in=chosen["ids"])
        outcome = _mark(request, rows, chosen["action"], tag) or _move(request, rows, chosen["action"])
        refused = [{"reason": reason, "count": count} for reason, count in outcome.refused.items()]
        return Response(OutcomeSerializer({"done": outcome.done, "refused": refused}).data)


def _mark(request: Request, rows: RecordingQuerySet, action: str, tag: Tag | None) -> Outcome | None:
    """What people do for themselves alone, to all that they see; None for another action."""
    kept = list(rows.filter(deleted_at=None))
    if action == "add_tag" and tag:
        marks.add_tag(tag=tag, recordings=kept)
    elif action == "remove_tag" and tag:
        marks.remove_tag(tag=tag, recordings=kept)
    elif action in {"favour", "unfavour"}:
        marks.set_favourite(user=user_of(request), recordings=kept, is_favourite=action == "favour")
    else:
        return None
    return Outcome(done=[row.pk for row in kept])


def _move(request: Request, rows: RecordingQuerySet, action: str) -> Outcome:
    owned = rows.filter(owner=user_of(request))
    if action == "trash":
        return bulk.move_to_trash(rows=owned.filter(deleted_at=None).select_related("upload"))
    trashed = owned.exclude(deleted_at=None)
    return bulk.restore(rows=trashed) if action == "restore" else bulk.purge(rows=trashed)


class ArchiveView(APIView):
    required_scope = Scope.READ

    @operation(
        "recordings_archive",
        "Get many transcripts as one ZIP",
        "recordings",
        {(200, "application/zip"): OpenApiTypes.BINARY},
        problems=(400, 415),
        request=ArchiveSerializer,
        examples=[asked({"ids": [_ID], "format": "srt"})],
        description=f"At most {bulk.MOST}, in one format, newest first. What is another's, or gone, is left out.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        refuse_unknown(request)
        sent = ArchiveSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        rows = listed(user_of(request)).kept().filter(pk__in=sent.validated_data["ids"]).newest_first()
        keys: list[UUID] = list(rows.values_list("pk", flat=True))
        return answer_with_archive(keys, format=sent.validated_data["format"])


class EmptiedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class EmptyTrashView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "trash_empty",
        "Empty your trash",
        "recordings",
        {200: EmptiedSerializer},
        examples=[answered({"count": 3})],
    )
    def post(self, request: Request) -> Response:
        """For good. The files are gone within seconds."""
        refuse_unknown(request)
        user = user_of(request)
        outcome = bulk.purge(rows=listed(user).filter(owner=user).trashed())
        return Response({"count": len(outcome.done)})
