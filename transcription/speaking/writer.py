"""Makes the sound of all speakers of this process durable, in one thread: what waits shares a transaction."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, InterfaceError, connection

from transcription.services.chunks import AppendResult, PendingChunk, append_chunks

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.1
"""Others get so long to join a transaction. With 0.03, 200 speakers made three times as many."""
MOST_TOGETHER = 300
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Order:
    chunk: PendingChunk
    deliver: Callable[[AppendResult], None]
    """Called from the writing thread."""
    is_wanted: Callable[[], bool]
    """False once its speaker has gone: it need not be tried again."""


class ChunkWriter:
    """Starts its thread with the first order."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, order: Order) -> None:
        self._orders.put(order)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live chunks", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            first = self._orders.get()
            time.sleep(GATHER_SECONDS)
            self._write([first, *self._waiting()])

    def _waiting(self) -> list[Order]:
        found: list[Order] = []
        while len(found) < MOST_TOGETHER:
            try:
                found.append(self._orders.get_nowait())
            except queue.Empty:
                break
        return found

    def _write(self, orders: list[Order]) -> None:
        """Until the database takes them: a chunk that is there already is a success."""
        pause = FIRST_PAUSE
        while orders:
            try:
                results = append_chunks([order.chunk for order in orders])
            except (DatabaseError, InterfaceError) as error:
                log.warning("sound waits for the database", chunks=len(orders), error=type(error).__name__)
                connection.close()
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                orders = [order for order in orders + self._waiting() if order.is_wanted()]
                continue
            except Exception:  # one bad chunk must not end the thread that all depend on
                log.exception("sound not stored", chunks=len(orders))
                return
            for order, result in zip(orders, results, strict=True):
                order.deliver(result)
            return


writer = ChunkWriter()
"""Of this process."""
