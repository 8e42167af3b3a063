"""Media types that clients ask for beside JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class EventRenderer(JSONRenderer):
    """So that ``Accept: text/event-stream`` is understood. Streams write themselves; what is rendered are problems."""

    media_type = "text/event-stream"
    format = "events"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> Any:
        return super().render(data, "application/json", renderer_context)
