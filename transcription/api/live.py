"""Live recordings: begin one, end one, throw one away. The sound itself travels by WebSocket."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import key_of
from accounts.models import Scope, User
from transcription import whisper_service
from transcription.enums import CONTAINERS, RecordingState
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


class LiveAPIView(APIView):
    """What is asked for in the name of whoever speaks."""

    required_scope = Scope.LIVE

    @staticmethod
    def speaker(request: Request) -> User:
        return cast(User, request.user)  # the permission sees to it


class LivesView(LiveAPIView):
    def get(self, request: Request) -> Response:
        """The user's live recordings that have not ended, newest first."""
        open_ones = Live.objects.visible_to(request.user).filter(
            recording__state=RecordingState.LIVE, recording__deleted_at=None
        )
        newest = open_ones.select_related("recording").order_by("-recording__created_at", "-pk")[:LISTED]
        return Response(LiveSerializer(newest, many=True, context={"request": request}).data)

    def post(self, request: Request) -> Response:
        """Begin a live recording: 201 and where to send its sound. The model is loaded meanwhile."""
        if not isinstance(request.data, dict):
            raise BadRequest("Send the choices as a JSON object.")
        choices = live.LiveChoices.from_dict(request.data, user=self.speaker(request))
        begun = live.start_live(owner=self.speaker(request), choices=choices, api_key=key_of(request))
        whisper_service.warm_up()
        body = {"id": begun.pk, "recording": begun.recording_id, "url": socket_url(request, begun.pk)}
        return Response(body, status=201)


class LiveView(LiveAPIView):
    def delete(self, request: Request, pk: UUID) -> Response:
        """Throw it away: it goes to the trash."""
        live.discard(live_id=pk, user=self.speaker(request))
        return Response(status=204)


class FinishView(LiveAPIView):
    def post(self, request: Request, pk: UUID) -> Response:
        """End it with what has arrived, as its speaker would; what is not transcribed yet will be."""
        live.begin_closing(live_id=pk, user=self.speaker(request), complete=False)
        return Response(status=204)


def socket_url(request: Request, pk: UUID) -> str:
    """Under the address by which the client came here: ``ws`` belongs to ``http``, ``wss`` to ``https``."""
    return "ws" + str(request.build_absolute_uri(f"/ws/live/{pk}/")).removeprefix("http")
