"""Paths of WebSockets."""

from __future__ import annotations

from django.urls import URLPattern, path

from transcription.consumers.live import LiveConsumer
from transcription.consumers.realtime import RealtimeConsumer
from transcription.consumers.watch import WatchConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/live/<uuid:pk>/", LiveConsumer.as_asgi()),
    path("v1/realtime", RealtimeConsumer.as_asgi()),
    path("ws/recordings/<uuid:pk>/watch/", WatchConsumer.as_asgi()),
]
