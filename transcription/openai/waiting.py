"""Requests that wait for their jobs: all of a process look at the database together, with one query at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from transcription.openai.errors import TOO_MANY_WAIT
from transcription.services import passing
from transcription.services.passing import GONE, Seen
from transcription.speaking.threads import in_answering

FIRST_PAUSE, LAST_PAUSE = 0.025, 0.5
"""Seconds between two looks. The pause grows with the time that the newest request has waited..."""
GROWTH = 0.02
"""...by this share of it: what is added to any wait is a small part of it."""
PROLONG_SECONDS = 30.0
PATIENCE = 2.0
"""Seconds between two looks while the database is away."""

log = structlog.get_logger(__name__)


class Place:
    """Of one request that waits for one job."""

    def __init__(self, recording_id: UUID) -> None:
        self.recording_id = recording_id
        self.since = asyncio.get_running_loop().time()
        self.seen = Seen("", -1)
        self._changed = asyncio.Event()

    def tell(self, seen: Seen) -> None:
        if seen != self.seen:
            self.seen = seen
            self._changed.set()

    async def change(self, *, seconds: float) -> Seen | None:
        """How the job stands when something has changed since the last call; None when nothing has for so long."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return None
        self._changed.clear()
        return self.seen


class WaitingRoom:
    """Of one process. Its task lives on the loop of those who wait, and only while somebody does."""

    def __init__(self) -> None:
        self.admitted = 0
        self._places: dict[int, Place] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def admit(self, *, again: bool = False) -> Iterator[None]:
        """Raises ApiError (429) when SCRIPTA_OPENAI_WAITING requests are at it; not for those that had a place."""
        if self.admitted >= settings.OPENAI_WAITING and not again:
            raise TOO_MANY_WAIT
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1

    @contextmanager
    def join(self, *, job_id: int, recording_id: UUID) -> Iterator[Place]:
        place = self._places[job_id] = Place(recording_id)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again_and_again())
        try:
            yield place
        finally:
            if self._places.get(job_id) is place:
                del self._places[job_id]

    async def _look_again_and_again(self) -> None:
        loop = asyncio.get_running_loop()
        prolonged = loop.time()
        while self._places:
            try:
                await self._look()
                if loop.time() - prolonged > PROLONG_SECONDS:
                    waited_for = [place.recording_id for place in self._places.values()]
                    await in_answering(passing.prolong, recording_ids=waited_for)
                    prolonged = loop.time()
                await asyncio.sleep(self._pause())
            except (DatabaseError, InterfaceError) as error:
                log.warning("nobody knows how the jobs stand", error=type(error).__name__)
                await asyncio.sleep(PATIENCE)

    async def _look(self) -> None:
        asked = dict(self._places)
        seen = await in_answering(passing.look, job_ids=list(asked))
        for job_id, place in asked.items():
            place.tell(seen.get(job_id, GONE))

    def _pause(self) -> float:
        newest = max((place.since for place in self._places.values()), default=0.0)
        waited = asyncio.get_running_loop().time() - newest
        return min(max(FIRST_PAUSE, GROWTH * waited), LAST_PAUSE)


room = WaitingRoom()
