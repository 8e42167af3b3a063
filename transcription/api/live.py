"""Live recordings: begin one, end one, throw one away. The sound itself travels by WebSocket."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import key_of
from accounts.models import Scope, User
from transcription import whisper_service
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.schema import answered, asked, operation
from transcription.enums import CONTAINERS, AudioEncoding, Overflow, RecordingState, Task
from transcription.errors import BadRequest
from transcription.models import Live
from transcription.services import live

LISTED = 100


class LiveSerializer(serializers.ModelSerializer[Live]):
    """``seconds`` of sound that are safe on the server; null for containers, whose bytes do not tell their length."""

    id = serializers.UUIDField(source="recording_id")
    title = serializers.CharField(source="recording.title")
    started = serializers.DateTimeField(source="recording.created_at")
    seconds = serializers.SerializerMethodField()
    paused = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Live
        fields = ("id", "url", "title", "started", "encoding", "sample_rate", "received", "seconds", "paused")

    def get_seconds(self, spoken: Live) -> float | None:
        return None if spoken.encoding in CONTAINERS else round(spoken.received / spoken.sample_rate, 3)

    def get_paused(self, spoken: Live) -> bool:
        return spoken.paused_at is not None

    def get_url(self, spoken: Live) -> str:
        return socket_url(self.context["request"], spoken.pk)


class ChoicesSerializer(serializers.Serializer[Any]):
    """What a speaker may choose; ``services.live_choices`` checks it. ``language`` "" means: detect it."""

    title = serializers.CharField(required=False, max_length=200, allow_blank=True, allow_null=True)
    language = serializers.ChoiceField(settings.RECORDING_LANGUAGES, required=False, allow_blank=True, allow_null=True)
    task = serializers.ChoiceField(Task.choices, required=False, allow_null=True)
    vocabulary = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True, help_text="At most 2,000 characters in all."
    )
    encoding = serializers.ChoiceField(AudioEncoding.choices, required=False, allow_null=True)
    sample_rate = serializers.IntegerField(min_value=8_000, max_value=48_000, required=False, allow_null=True)
    keep_audio = serializers.BooleanField(required=False, allow_null=True)
    overflow = serializers.ChoiceField(Overflow.choices, required=False, allow_null=True)


class BegunSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    recording = serializers.UUIDField()
    url = serializers.CharField(help_text="Of the WebSocket.")


BEGUN = {
    "id": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "url": "wss://scripta.example.org/ws/live/0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11/",
}
OPEN = {
    "id": BEGUN["id"],
    "url": BEGUN["url"],
    "title": "Lecture",
    "started": "2026-11-26T09:00:00Z",
    "encoding": "pcm_s16le",
    "sample_rate": 16000,
    "received": 160000,
    "seconds": 10.0,
    "paused": False,
}


class LiveAPIView(APIView):
    """What is asked for in the name of whoever speaks."""

    required_scope = Scope.LIVE

    @staticmethod
    def speaker(request: Request) -> User:
        return cast(User, request.user)  # the permission sees to it


class LivesView(LiveAPIView):
    @operation(
        "live_list",
        "List live recordings that have not ended",
        "live",
        {200: LiveSerializer(many=True)},
        examples=[answered([OPEN])],
    )
    def get(self, request: Request) -> Response:
        """The user's live recordings that have not ended, newest first."""
        open_ones = Live.objects.owned_by(request.user).filter(
            recording__state=RecordingState.LIVE, recording__deleted_at=None, recording__delete_after=None
        )
        newest = open_ones.select_related("recording").order_by("-recording__created_at", "-pk")[:LISTED]
        return Response(LiveSerializer(newest, many=True, context={"request": request}).data)

    @operation(
        "live_start",
        "Begin a live recording",
        "live",
        {201: BegunSerializer},
        problems=(400, 409, 413, 415, 422, 503, 507),
        request=ChoicesSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[asked({"title": "Lecture", "language": "en"}), answered(BEGUN, status=201)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin a live recording: 201 and where to send its sound. The model is loaded meanwhile."""
        if not isinstance(request.data, dict):
            raise BadRequest(gettext("Send the choices as a JSON object."))
        choices = live.LiveChoices.from_dict(request.data, user=self.speaker(request))
        begun = live.start_live(owner=self.speaker(request), choices=choices, api_key=key_of(request))
        whisper_service.warm_up()
        body = {"id": begun.pk, "recording": begun.recording_id, "url": socket_url(request, begun.pk)}
        return Response(body, status=201)


class LiveView(LiveAPIView):
    @operation("live_discard", "Throw a live recording away", "live", {204: None}, problems=(404, 409))
    def delete(self, request: Request, pk: UUID) -> Response:
        """Throw it away: it goes to the trash."""
        live.discard(live_id=pk, user=self.speaker(request))
        return Response(status=204)


class FinishView(LiveAPIView):
    @operation("live_finish", "End a live recording", "live", {204: None}, problems=(404, 409))
    def post(self, request: Request, pk: UUID) -> Response:
        """End it with what has arrived, as its speaker would; what is not transcribed yet will be."""
        live.begin_closing(live_id=pk, user=self.speaker(request), complete=False)
        return Response(status=204)


def socket_url(request: Request, pk: UUID) -> str:
    """Under the address by which the client came here: ``ws`` belongs to ``http``, ``wss`` to ``https``."""
    return "ws" + str(request.build_absolute_uri(f"/ws/live/{pk}/")).removeprefix("http")
