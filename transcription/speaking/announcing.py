"""Tells an audience what is new: the newest partial text in Redis, and a hint. Either may get lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from transcription.services import events, partials
from transcription.speech.events import Partial

log = structlog.get_logger(__name__)

REST = 0.25
"""Seconds between two hints of one speaker."""


class Announcer:
    """Of one speaker. Used from the event loop; ``run`` is a task that its owner ends."""

    def __init__(self, live_id: UUID, epoch: int) -> None:
        self._live_id = live_id
        self._revision = epoch << 32  # grows over reconnections too
        self._partial: Partial | None = None
        self._news = asyncio.Event()

    def show(self, partial: Partial) -> None:
        self._partial = partial
        self._news.set()

    def hint(self) -> None:
        self._news.set()

    async def run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            with suppress(RedisError, OSError, TimeoutError):
                await self._announce()
            await asyncio.sleep(REST)

    async def _announce(self) -> None:
        partial, self._partial = self._partial, None
        async with asyncio.timeout(5):
            if partial is not None:
                await partials.put(recording_id=self._live_id, value=self._kept(partial))
            layer = get_channel_layer()
            await layer.group_send(events.live_group(live_id=self._live_id), {"type": "live.hint"})

    def _kept(self, partial: Partial) -> dict[str, Any]:
        self._revision += 1
        named = {"index": partial.index, "start": partial.start, "stable": partial.stable}
        return named | {"unstable": partial.unstable, "revision": self._revision}
