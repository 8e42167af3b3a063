"""Waiting for jobs to get on: all who wait in this process share one look at the database, twice a second.

Used from the event loop only, so that nobody who waits keeps a connection or a thread busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from django.db import DatabaseError

from transcription.enums import ENDED_STATES
from transcription.models import Job
from transcription.watching import in_thread

LOOK_EVERY = 0.5
"""Seconds between two looks."""


class Mark(NamedTuple):
    """What of a job is worth telling when it changes."""

    state: str
    attempt: int
    percent: int
    place: int


def mark_of(job: Job) -> Mark:
    """Needs ``place`` loaded (``JobQuerySet.with_place``)."""
    return Mark(job.state, job.attempt, job.percent, job.place)


class _Looks:
    """Whoever asks before the next look is answered by it."""

    def __init__(self) -> None:
        self._asked: dict[int, list[asyncio.Future[Job | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def at(self, job_id: int) -> Job | None:
        """The job as the next look finds it; None when it is gone. Raises DatabaseError."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._asked = {}
            self._task = loop.create_task(self._look())
        future: asyncio.Future[Job | None] = loop.create_future()
        self._asked.setdefault(job_id, []).append(future)
        return await future

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            asked, self._asked = self._asked, {}
            if not asked:
                return
            try:
                rows = await in_thread(_rows, list(asked))
            except DatabaseError as error:
                self._answer(asked, error)
            else:
                self._answer(asked, rows)

    @staticmethod
    def _answer(asked: dict[int, list[asyncio.Future[Job | None]]], found: dict[int, Job] | DatabaseError) -> None:
        for job_id, futures in asked.items():
            for future in futures:
                if future.done():  # its client has hung up
                    continue
                if isinstance(found, DatabaseError):
                    future.set_exception(found)
                else:
                    future.set_result(found.get(job_id))


_looks = _Looks()


async def follow(job: Job) -> AsyncIterator[Job | None]:
    """The job as each look finds it, changed or not, until it has ended; None, at last, when it is gone.

    A database that is away shows what was seen before.
    """
    while job.state not in ENDED_STATES:
        try:
            found = await _looks.at(job.pk)
        except DatabaseError:
            found = job
        yield found
        if found is None:
            return
        job = found


async def wait_for_change(job: Job, *, seconds: float) -> Job:
    """The job when it has changed or ``seconds`` are over; as it was seen last when it is gone."""
    before, newest = mark_of(job), job
    try:
        async with asyncio.timeout(seconds):
            async for found in follow(job):
                newest = found or newest
                if found is None or mark_of(found) != before:
                    break
    except TimeoutError:
        pass
    return newest


def _rows(job_ids: Iterable[int]) -> dict[int, Job]:
    return {job.pk: job for job in Job.objects.in_library().filter(pk__in=job_ids).with_place()}
