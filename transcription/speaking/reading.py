"""What the scheduler sees of one who speaks: their transcribers, under one lock."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

import structlog

from transcription import whisper_service
from transcription.speech.events import Event
from transcription.speech.live import LiveTranscriber, Outcome, Urgency, Work

log = structlog.get_logger(__name__)

HEARD_AT_ONCE = 16_384
"""Samples, a second: whole frames of the detector. Others wait for the lock while so many are heard."""


class Reader(ABC):
    """A ``Source`` of the scheduler. Safe from any thread; one window at a time is out, whosever it is."""

    def __init__(self, name: str) -> None:
        self._name = name
        """For the log."""
        self._lock = threading.Lock()
        self._closed = False
        self._out: LiveTranscriber | None = None
        self._scheduler = whisper_service.get_scheduler()

    @abstractmethod
    def _transcribers(self) -> Sequence[LiveTranscriber]:
        """Those that may have something to read, in the order in which they are served. Called under the lock."""

    @abstractmethod
    def _on_events(self, transcriber: LiveTranscriber, events: list[Event]) -> None:
        """What came of a window. Called under the lock."""

    @abstractmethod
    def _on_failure(self, transcriber: LiveTranscriber, events: list[Event]) -> None:
        """The engine failed; ``events`` says what was given up. Called under the lock."""

    def close(self) -> None:
        """Nothing is told after this."""
        with self._lock:
            self._closed = True
        self._scheduler.remove(self)

    def _wake(self) -> None:
        """Tell the scheduler, if there is something to read: it asks everybody then, and most of many are silent."""
        if self.urgency() != Urgency.IDLE:
            self._scheduler.wake()

    # The scheduler's side ---------------------------------------------------------------------------------------------

    def urgency(self) -> Urgency:
        with self._lock:
            if self._closed or self._out is not None:
                return Urgency.IDLE
            return max((each.urgency(time.monotonic()) for each in self._transcribers()), default=Urgency.IDLE)

    def begin(self) -> Work | None:
        with self._lock:
            if self._closed or self._out is not None:
                return None
            for each in self._transcribers():
                if work := each.begin(time.monotonic()):
                    self._out = each
                    return work
            return None

    def complete(self, work: Work, outcome: Outcome) -> None:
        """Should it raise, ``fail`` follows, and finds whose the window was."""
        with self._lock:
            if self._out is not None and not self._closed:
                self._on_events(self._out, self._out.complete(work, outcome, time.monotonic()))
            self._out = None

    def fail(self, work: Work, error: Exception) -> None:
        log.error("window not read", live=self._name, error=repr(error))
        with self._lock:
            transcriber, self._out = self._out, None
            if transcriber is not None and not self._closed:
                self._on_failure(transcriber, transcriber.fail(work, time.monotonic()))
