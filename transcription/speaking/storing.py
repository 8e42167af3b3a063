"""A speaker's sound on its way to storage: what has arrived is stored, then acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from transcription import protocol
from transcription.services.chunks import AppendResult, PendingChunk
from transcription.services.live import Connection
from transcription.speaking.inflow import Inflow
from transcription.speaking.threads import PATIENCE
from transcription.speaking.writer import Order, writer

STORE_EVERY, STORE_EVERY_OF_MANY, MANY = 0.5, 0.8, 200
"""Seconds of waiting before what arrived is stored, for one speaker and for so many: short enough for about one
acknowledgement a second. Each file and message less leaves the event loop more room."""

_running: set[Recorder] = set()
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Recorder:
    """Belongs to an event loop; ``run`` is a task that its owner ends."""

    def __init__(self, connection: Connection, inflow: Inflow, send: Send) -> None:
        self._connection, self._inflow, self._send = connection, inflow, send
        self._loop = asyncio.get_running_loop()
        self._sound, self._stored = asyncio.Event(), asyncio.Event()
        self._open = True

    def wake(self) -> None:
        """There is new sound."""
        self._sound.set()

    def close(self) -> None:
        """What still waits need not be tried again."""
        self._open = False

    async def flush(self) -> None:
        """Wait until all that was accepted is durable and acknowledged."""
        self._sound.set()
        while self._inflow.received < self._inflow.end:
            self._stored.clear()
            await self._stored.wait()

    async def run(self) -> None:
        """Raises StaleEpoch, and ScriptaError when no more sound can be taken."""
        _running.add(self)
        try:
            await self._store()
        finally:
            _running.discard(self)

    async def _store(self) -> None:
        while True:
            await self._sound.wait()
            self._sound.clear()
            if self._inflow.is_empty:
                continue
            position, data = self._inflow.take()
            result = await self._write(PendingChunk(self._connection, position, data))
            if result.received is not None:
                self._inflow.received = result.received
                await self._send(protocol.ack(result.received))
                self._stored.set()
            if result.error is not None:
                raise result.error
            await asyncio.sleep(_rest())

    async def _write(self, chunk: PendingChunk) -> AppendResult:
        done: asyncio.Future[AppendResult] = self._loop.create_future()

        def deliver(result: AppendResult) -> None:
            self._loop.call_soon_threadsafe(_resolve, done, result)

        writer.submit(Order(chunk, deliver, lambda: self._open))
        return await asyncio.wait_for(done, PATIENCE)


def _rest() -> float:
    return STORE_EVERY + (STORE_EVERY_OF_MANY - STORE_EVERY) * min(1.0, len(_running) / MANY)


def _resolve(done: asyncio.Future[AppendResult], result: AppendResult) -> None:
    if not done.done():  # nobody waits for it any more
        done.set_result(result)
