"""One request's recording and job: begun, watched, and cleared away, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest

from accounts.models import ApiKey
from accounts.services import keys
from transcription.openai.access import BAD_KEY
from transcription.openai.fields import Wish, read_form
from transcription.openai.waiting import room
from transcription.services import passing
from transcription.services.passing import Seen
from transcription.speaking.threads import in_answering

KEEP = "X-Scripta-Keep"
ALIVE_SECONDS = 15.0
"""A proxy must not take a stream in which nothing comes for dead."""
CHECK_SECONDS = 30.0
"""How often the key of a waiting request is looked at again."""

log = structlog.get_logger(__name__)
_clearing: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Work:
    job_id: int
    recording_id: UUID
    key: ApiKey
    wish: Wish

    async def changes(self) -> AsyncGenerator[Seen | None, None]:
        """How the job stands each time it has changed, up to its end; None when nothing has for a while.

        Raises ApiError when the key has been revoked, or is over, in the meantime.
        """
        clock = asyncio.get_running_loop().time
        checked = clock()
        with room.join(job_id=self.job_id, recording_id=self.recording_id) as place:
            seen: Seen | None = None
            while seen is None or not seen.has_ended:
                seen = await place.change(seconds=ALIVE_SECONDS)
                if clock() - checked > CHECK_SECONDS:
                    checked = clock()
                    if not await in_answering(keys.is_in_force, row=self.key):
                        raise BAD_KEY
                yield seen

    async def clear(self) -> None:
        """End the job if it still runs, and delete the recording unless it is kept. What fails, a worker does later."""
        try:
            await in_answering(passing.end, recording_id=self.recording_id)
        except (DatabaseError, InterfaceError, OSError) as error:
            log.warning("a recording is left to the workers", error=type(error).__name__)

    def clear_later(self) -> None:
        """The same without anybody waiting."""
        task = asyncio.create_task(self.clear())
        _clearing.add(task)
        task.add_done_callback(_clearing.discard)


async def begin(request: HttpRequest, *, task: str) -> Work:
    """Read the form, and enqueue a job for the file. Raises ApiError, and what ``passing.submit`` does.

    When the client hangs up meanwhile, what has been made goes again.
    """
    beginning = asyncio.ensure_future(in_answering(_begin, request=request, task=task))
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        await unbroken(_take_back(beginning))
        raise


async def _take_back(beginning: asyncio.Future[Work]) -> None:
    try:
        work = await beginning
    except Exception as error:
        log.info("nothing to take back", error=type(error).__name__)
    else:
        await work.clear()


async def unbroken(work: Coroutine[Any, Any, None]) -> None:
    """Work that goes on to its end even if the request is given up."""
    await asyncio.shield(asyncio.ensure_future(work))


def _begin(*, request: HttpRequest, task: str) -> Work:
    key: ApiKey = request.key  # type: ignore[attr-defined]
    wish, file = read_form(request, task=task)
    job = passing.submit(
        owner=key.user,
        api_key=key,
        path=file.path,
        original_name=file.name or "",
        options=wish.options,
        keep=key.keeps_recordings or request.headers.get(KEEP, "").strip() == "1",
    )
    return Work(job.pk, job.recording_id, key, wish)
