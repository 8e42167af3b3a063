"""Room on the way to a client: an application that sends waits until the client has read enough."""

from __future__ import annotations

import asyncio
import time

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Room:
    """What Twisted tells about one connection: it pauses at 64 KiB unread, and resumes when all is with the kernel."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()
        self._full_since: float | None = None

    @property
    def is_free(self) -> bool:
        return self._free.is_set()

    @property
    def seconds_full(self) -> float:
        return 0 if self._full_since is None else time.monotonic() - self._full_since

    async def wait(self) -> None:
        await asyncio.sleep(0)  # or an application that only sends would keep the news of a hang-up from itself
        await self._free.wait()

    def pauseProducing(self) -> None:  # noqa: N802
        self._free.clear()
        self._full_since = self._full_since or time.monotonic()

    def resumeProducing(self) -> None:  # noqa: N802
        self._free.set()
        self._full_since = None

    stopProducing = resumeProducing  # noqa: N815
