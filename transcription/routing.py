"""Paths of WebSockets."""

from __future__ import annotations

from django.urls import URLPattern, path

from transcription.consumers.watch import WatchConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/recordings/<uuid:pk>/watch/", WatchConsumer.as_asgi()),
]
