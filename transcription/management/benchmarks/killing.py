"""kill -9 of one process after the other, at random, while something goes on."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from transcription.management.benchmarks.installation import Installation, processes_of

QUIET_BEFORE = 3.0
"""Seconds of undisturbed work in each round before the first kill."""


class Killer:
    """Kills one process after the other, in a thread of its own while it is ``at_work``."""

    def __init__(
        self, say: Any, scripta: Installation, draw: random.Random, victims: tuple[str, ...], every: float
    ) -> None:
        self.by_victim: Counter[str] = Counter()
        self.moments: list[float] = []
        """Of the kills, by the monotonic clock."""
        self._say, self._scripta, self._every = say, scripta, every
        self._draw, self._victims = random.Random(draw.random()), victims

    def __str__(self) -> str:
        killed = ", ".join(f"{victim} {count}" for victim, count in sorted(self.by_victim.items()))
        return f"{self.count} kills ({killed})" if killed else "no kills"

    @property
    def count(self) -> int:
        return self.by_victim.total()

    @contextlib.contextmanager
    def at_work(self, *, most: int) -> Iterator[None]:
        """Until ``most`` kills in all."""
        over = threading.Event()
        thread = threading.Thread(target=self._kill_until_over, args=(most, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _kill_until_over(self, most: int, over: threading.Event) -> None:
        pause = QUIET_BEFORE
        while self.count < most and not over.wait(pause):
            victim = self._draw.choice(self._victims)
            process = processes_of(settings.DATA).get(victim)
            pause = self._draw.uniform(0.5, 1.5) * self._every
            if process is None:  # still dead from the last time
                pause = 0.5
                continue
            self._scripta.kill(process)
            self.by_victim[victim] += 1
            self.moments.append(time.monotonic())
            self._say(f"kill {self.count}: {victim}")
