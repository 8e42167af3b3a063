"""How long recordings are kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import own
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import StrictIntegerField, StrictSerializer
from transcription.errors import WrongState
from transcription.models import Recording
from transcription.services import recordings, retention

_POLICY = {
    "sound_days": 30,
    "all_days": None,
    "most_sound_days": 90,
    "most_all_days": None,
    "upcoming": [{"recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11", "what": "sound", "at": "2026-12-02T09:00:00Z"}],
    "more_upcoming": 0,
}
_DAYS: dict[str, Any] = {"min_value": 1, "max_value": retention.MOST_DAYS, "allow_null": True}


class ForeseenSerializer(serializers.Serializer[Any]):
    recording = serializers.UUIDField()
    what = serializers.ChoiceField([retention.SOUND, retention.ALL])
    at = serializers.DateTimeField()


class RetentionSerializer(serializers.Serializer[Any]):
    """Days after a recording was made; null is never. ``most_…`` is what the administrator set."""

    sound_days = serializers.IntegerField(allow_null=True)
    all_days = serializers.IntegerField(allow_null=True)
    most_sound_days = serializers.IntegerField(allow_null=True)
    most_all_days = serializers.IntegerField(allow_null=True)
    upcoming = ForeseenSerializer(many=True, help_text="In the next 30 days, at most 50.")
    more_upcoming = serializers.IntegerField(help_text="How many more go in the next 30 days.")


class RuleSerializer(StrictSerializer):
    sound_days = StrictIntegerField(**_DAYS, help_text="Then the sound goes; the text stays.")
    all_days = StrictIntegerField(**_DAYS, help_text="Then everything goes, for good.")
    confirm = StrictIntegerField(
        required=False, min_value=0, max_value=10**9, help_text="How many recordings it may touch at once."
    )


def _shown(request: Request) -> Response:
    user, bounds = user_of(request), retention.bounds()
    rule = retention.rule_of(user)
    foreseen = retention.foreseen(user=user, now=timezone.now())
    answer = {
        "sound_days": rule.sound_days if rule else None,
        "all_days": rule.all_days if rule else None,
        "most_sound_days": bounds.sound_days,
        "most_all_days": bounds.all_days,
        "upcoming": [{"recording": row.pk, "what": kind, "at": at} for row, kind, at in foreseen.rows],
        "more_upcoming": foreseen.more,
    }
    return Response(RetentionSerializer(answer).data)


class RetentionView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "retention_retrieve",
        "Show how long your recordings are kept",
        "data",
        {200: RetentionSerializer},
        examples=[answered(_POLICY)],
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request)
        return _shown(request)

    @operation(
        "retention_change",
        "Set how long your recordings are kept",
        "data",
        {200: RetentionSerializer},
        problems=(400, 409, 415),
        request=RuleSerializer,
        examples=[asked({"sound_days": 30, "all_days": None}), answered(_POLICY)],
    )
    def put(self, request: Request) -> Response:
        """A rule that recordings are too old for is refused with 409 `confirmation_needed`, which names their number:
        send it as `confirm`, and they go within the hour.
        """
        refuse_unknown(request)
        sent = RuleSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        chosen = dict(sent.validated_data)
        confirmed = chosen.pop("confirm", None)
        retention.change_rule(user=user_of(request), confirmed=confirmed, **chosen)
        return _shown(request)


class ExemptView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_exempt", "Keep a recording, whatever the rule says", "data", {204: None}, problems=(404, 409)
    )
    def put(self, request: Request, pk: UUID) -> Response:
        return self._set(request, pk, True)

    @operation("recordings_unexempt", "Let the rule hold for a recording", "data", {204: None}, problems=(404, 409))
    def delete(self, request: Request, pk: UUID) -> Response:
        return self._set(request, pk, False)

    @staticmethod
    def _set(request: Request, pk: UUID, is_exempt: bool) -> Response:
        refuse_unknown(request)
        found = own(request, pk, kept=False)
        if found.owner_id != user_of(request).pk:
            raise WrongState(gettext("Only its owner decides how long a recording is kept."))
        recordings.set_exempt(rows=Recording.objects.filter(pk=found.pk), is_exempt=is_exempt)
        return Response(status=204)
