"""How busy threads are."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

LOAD_SECONDS = 10.0


class Meter:
    """How busy several threads were lately: each enters it while it works."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._born = clock()
        self._began: dict[int, float] = {}
        self._ended: deque[tuple[float, float]] = deque()

    def __enter__(self) -> None:
        with self._lock:
            self._began[threading.get_ident()] = self._clock()

    def __exit__(self, *details: object) -> None:
        with self._lock:
            now = self._clock()
            self._ended.append((self._began.pop(threading.get_ident()), now))
            while self._ended and self._ended[0][1] < now - LOAD_SECONDS:
                self._ended.popleft()

    @property
    def working(self) -> int:
        return len(self._began)

    def share(self, threads: int) -> float:
        with self._lock:
            now = self._clock()
            since = max(self._born, now - LOAD_SECONDS)
            spans = [*self._ended, *((began, now) for began in self._began.values())]
        busy = sum(max(0.0, end - max(begin, since)) for begin, end in spans)
        return min(1.0, busy / (threads * (now - since))) if now > since else 0.0
