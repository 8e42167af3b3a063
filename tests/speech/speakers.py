"""Live speakers and an engine that the tests of the scheduler can hold back."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from transcription.speech.engines.base import Engine
from transcription.speech.live_work import Outcome, Urgency, Work, perform
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Window
from transcription.speech.windows import Cut, Span

ENGLISH = DecodeOptions(language="en", beam_size=1, word_times=False)


def work_at(start: float, *, is_final: bool = False, full: bool = False) -> Work:
    samples = np.full(SAMPLE_RATE, 0.1, dtype=np.float32)
    cut = Cut(Window(start, samples), (Span(start, start + 1.0),))
    return Work(is_final, cut, replace(ENGLISH, word_times=full), full=full)


class Speaker:
    """Has so many seconds to be read, one window each; ``trouble`` names the methods that raise."""

    def __init__(self, name: str, windows: int = 1, *, final: bool = False, full: bool = False) -> None:
        self.name, self.windows, self.final, self.full = name, windows, final, full
        self.trouble: set[str] = set()
        self.read = 0
        self.calls: Counter[str] = Counter()
        self.texts: list[str] = []
        self.errors: list[Exception] = []

    def _call(self, method: str) -> None:
        self.calls[method] += 1
        if method in self.trouble:
            raise RuntimeError(f"{self.name} in {method}")

    def urgency(self) -> Urgency:
        self._call("urgency")
        if self.read >= self.windows:
            return Urgency.IDLE
        return Urgency.FINAL if self.final else Urgency.PARTIAL

    def begin(self) -> Work | None:
        self._call("begin")
        return work_at(float(self.read), is_final=self.final, full=self.full)

    def complete(self, work: Work, outcome: Outcome) -> None:
        self._call("complete")
        self.texts.append(outcome.reading.hypothesis.text)
        self.read += 1

    def fail(self, work: Work, error: Exception) -> None:
        self._call("fail")
        self.errors.append(error)


class Gate:
    """Stands before the engine: notes what is read, and holds it back until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.batches: list[list[float]] = []

    def perform(self, works: Sequence[Work], engine: Engine) -> list[Outcome]:
        self.batches.append([work.window.start for work in works])
        self.waiting.release()
        assert self.opened.wait(10)
        return perform(works, engine)


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
