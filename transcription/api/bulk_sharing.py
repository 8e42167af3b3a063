"""Many recordings shared with one person or group at once."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.marks import IDS
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import listed
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import StrictIntegerField, StrictSerializer
from transcription.api.sharing import NewGrantSerializer
from transcription.enums import GrantRole
from transcription.services import bulk, bulk_sharing, sharing
from transcription.services.bulk_sharing import Shared, Step

_IDS = ["0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11", "5c1d7f0a-0a52-4c06-8c9b-5a0f1f7f2b21"]
_STEPS = [{"grant": 4, "earlier": None}]


class ShareManySerializer(NewGrantSerializer):
    """Name a person or a group."""

    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=bulk.MOST)


class StepSerializer(StrictSerializer):
    """``earlier``: the role that was there before; null: none, the grant is new."""

    grant = StrictIntegerField(**IDS)
    earlier = serializers.ChoiceField(GrantRole.choices, allow_null=True)


class UnshareSerializer(StrictSerializer):
    steps = serializers.ListField(child=StepSerializer(), min_length=1, max_length=bulk.MOST)


class LeftSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    ids = serializers.ListField(child=serializers.UUIDField())


class SharedSerializer(serializers.Serializer[Any]):
    """``steps``: what `recordings/unshare/` takes to undo this."""

    done = serializers.ListField(child=serializers.UUIDField())
    refused = LeftSerializer(many=True)
    steps = StepSerializer(many=True)


class UnsharedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class ShareView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_share",
        "Share many recordings",
        "sharing",
        {200: SharedSerializer},
        problems=(400, 409, 415),
        request=ShareManySerializer,
        examples=[
            asked({"ids": _IDS, "person": "grace@example.org", "role": "reader"}),
            answered(
                {
                    "done": _IDS[:1],
                    "refused": [{"reason": "somebody else owns it", "ids": _IDS[1:]}],
                    "steps": _STEPS,
                }
            ),
        ],
        description=(
            f"At most {bulk.MOST}, with one person or one group. Who sees one already gets the new role in it. The "
            "person is told by one mail, a minute later. What is not visible to you is neither done nor refused."
        ),
    )
    def post(self, request: Request) -> Response:
        refuse_unknown(request)
        sent = ShareManySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values, user = sent.validated_data, user_of(request)
        if "person" in values:
            to: Any = sharing.find_person(email=values["person"], by=user)
        else:
            to = sharing.find_group(group_id=values["group"], by=user)
        rows = listed(user).kept().filter(pk__in=values["ids"])
        return Response(_answer(bulk_sharing.share(rows=rows, by=user, to=to, role=values["role"])))


def _answer(outcome: Shared) -> Any:
    refused = [{"reason": reason, "ids": [row.pk for row in rows]} for reason, rows in outcome.refused.items()]
    steps = [{"grant": step.grant_id, "earlier": step.earlier} for step in outcome.steps]
    return SharedSerializer({"done": [row.pk for row in outcome.done], "refused": refused, "steps": steps}).data


class UnshareView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_unshare",
        "Take back that many recordings were shared",
        "sharing",
        {200: UnsharedSerializer},
        problems=(400, 415),
        request=UnshareSerializer,
        examples=[asked({"steps": _STEPS}), answered({"count": 1})],
    )
    def post(self, request: Request) -> Response:
        """With the `steps` of the answer, within a day: what was new is withdrawn, the rest gets its earlier role."""
        refuse_unknown(request)
        sent = UnshareSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        steps = [Step(step["grant"], step["earlier"]) for step in sent.validated_data["steps"]]
        return Response({"count": bulk_sharing.take_back(by=user_of(request), steps=steps)})
