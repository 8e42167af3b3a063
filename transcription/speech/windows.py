"""Cuts a stream of sound into windows for the recogniser: at pauses, and without the silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcription.speech.types import Samples, Window
from transcription.speech.vad import FRAME, FRAME_SECONDS

ONSET = 0.5
"""Probability at which speech begins."""
OFFSET = 0.35
"""Probability below which speech may have ended (Silero's own distance of 0.15 from the onset)."""
PRE_ROLL = 0.4
HANGOVER = 0.4
"""Seconds kept around speech: soft first and last sounds score below the onset."""
LONGEST = 12.8
"""Seconds in a window at most: with a margin below the 13 s that a 15 s encoder context serves."""
SHORTEST = 6.0
"""A window that has to be cut is not cut earlier than this."""
LONG_PAUSE = 2.0
"""A pause of this many seconds ends a window: decoding it would cost time and invite invented text."""
MIN_SPEECH_FRAMES = 3
"""Fewer frames of speech than this (0.1 s) standing alone are a click, not a word."""


@dataclass(frozen=True, slots=True)
class Span:
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A window with the spans, in recording time, where the detector heard speech."""

    window: Window
    speech: tuple[Span, ...]
    """Not padded, at least one, ordered."""

    @property
    def speech_seconds(self) -> float:
        return sum(span.end - span.start for span in self.speech)


class WindowCutter:
    """Takes samples with their speech probabilities, gives windows in order that do not overlap.

    Holds at most one window and one block, however long the recording is.
    """

    def __init__(self, *, start: float = 0.0, prompt: str = "") -> None:
        self._origin = start
        self._prompt = prompt
        self._first = 0  # frame of the recording that the buffers begin with
        self._samples: Samples = np.zeros(0, dtype=np.float32)
        self._probabilities: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._open = False
        self._joined = False  # the buffers begin where the last window ended
        self._midst = False  # and that was in the midst of speech

    @property
    def position(self) -> float:
        """Everything before it has come out as a window or is not speech."""
        return self._origin + self._first * FRAME_SECONDS

    def feed(self, samples: Samples, probabilities: NDArray[np.float32]) -> Iterator[Cut]:
        """``samples`` are whole frames, except at the very end; ``probabilities`` has one value a (begun) frame."""
        self._samples = np.concatenate([self._samples, samples])
        self._probabilities = np.concatenate([self._probabilities, probabilities])
        while (end := self._next_end()) is not None:
            yield from self._take(end)

    def finish(self) -> Iterator[Cut]:
        """The window that is still open when the recording ends."""
        if self._open:
            spans = _runs(self._speech())
            last = spans[-1][1] if spans else 0
            yield from self._take(min(len(self._probabilities), last + _frames(HANGOVER)))
        self._drop(len(self._probabilities))

    def _next_end(self) -> int | None:
        """The frame where the window in the buffers ends, None while that is not known."""
        if not self._open and not self._begin():
            return None
        quiet = _runs(~self._speech())
        limit = _frames(LONGEST)
        for begin, end in quiet:
            if begin + _frames(HANGOVER) <= limit and end - begin >= _frames(LONG_PAUSE):
                return begin + _frames(HANGOVER)
        if len(self._probabilities) < limit:
            return None
        return self._best_cut(quiet, limit)

    def _begin(self) -> bool:
        """Looks for speech, and forgets the sound before it except for the pre-roll."""
        spans = _runs(self._speech())
        before = spans[0][0] if spans else len(self._probabilities)
        skipped = before - _frames(PRE_ROLL)
        if skipped > 0:
            self._drop(skipped)
            self._joined = self._midst = False
        self._open = bool(spans)
        return self._open

    def _best_cut(self, quiet: list[tuple[int, int]], limit: int) -> int:
        """In the middle of the longest pause, later ones preferred; else at the least likely speech."""
        earliest = _frames(SHORTEST)
        best, best_score = 0, 0.0
        for begin, end in quiet:
            place = min(begin + _frames(HANGOVER), (begin + min(end, limit)) // 2)
            score = min(end - begin, _frames(0.6)) * (0.5 + place / limit)
            if earliest <= place <= limit and score > best_score:
                best, best_score = place, score
        return best or self._quietest(earliest, limit)

    def _quietest(self, earliest: int, limit: int) -> int:
        """Among frames without a pause: the lowest probability, then the least sound, smoothed over three frames."""
        sound = self._samples[earliest * FRAME : limit * FRAME].reshape(-1, FRAME)
        energy = np.sqrt(np.square(sound).mean(axis=1))
        doubt = 1.0 - self._probabilities[earliest:limit] + (1.0 - energy / max(float(energy.max()), 1e-9))
        return earliest + int(np.convolve(doubt, np.ones(3), mode="same").argmax())

    def _take(self, end: int) -> Iterator[Cut]:
        speech = self._speech()[:end]
        spans = _runs(speech)
        if spans and (self._joined or speech.sum() >= MIN_SPEECH_FRAMES):
            start = self.position
            yield Cut(
                Window(start, self._samples[: end * FRAME].copy(), self._prompt),
                tuple(Span(start + begin * FRAME_SECONDS, start + stop * FRAME_SECONDS) for begin, stop in spans),
            )
        self._drop(end)
        self._open = False
        self._joined, self._midst = True, bool(end and speech[-1])

    def _speech(self) -> NDArray[np.bool_]:
        """Hysteresis: speech begins at ``ONSET`` and lasts until the probability falls below ``OFFSET``."""
        loud = np.concatenate([[self._midst], self._probabilities >= ONSET])
        decided = loud | np.concatenate([[True], self._probabilities < OFFSET])
        return loud[np.maximum.accumulate(np.where(decided, np.arange(len(loud)), 0))][1:]

    def _drop(self, frames: int) -> None:
        self._samples = self._samples[frames * FRAME :]
        self._probabilities = self._probabilities[frames:]
        self._first += frames


def _frames(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of every run of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
