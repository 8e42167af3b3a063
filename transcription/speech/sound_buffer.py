"""The newest sound of a stream with its probabilities of speech, counted in frames from where the stream began."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transcription.speech.types import Samples, Window
from transcription.speech.vad import FRAME, FRAME_SECONDS, SpeechDetector
from transcription.speech.windows import OFFSET, Cut, Span


class SoundBuffer:
    """Holds what has not been forgotten. ``first`` is the frame that it begins with."""

    def __init__(self, origin: float, *, offset: float = OFFSET) -> None:
        """``offset``: the probability from which a frame counts as speech."""
        self._origin, self._offset = origin, offset
        self.first = 0
        self._detector = SpeechDetector()
        self._samples: Samples = np.zeros(0, dtype=np.float32)
        self._rest: Samples = np.zeros(0, dtype=np.float32)
        self._probabilities: NDArray[np.float32] = np.zeros(0, dtype=np.float32)

    def seconds(self, frame: int) -> float:
        """A frame's place in the recording."""
        return self._origin + frame * FRAME_SECONDS

    def frame(self, seconds: float) -> int:
        return round((seconds - self._origin) / FRAME_SECONDS)

    def warm_up(self, samples: Samples) -> None:
        self._detector.probabilities(samples[len(samples) % FRAME :])

    def add(self, samples: Samples) -> NDArray[np.float32]:
        """Take sound of any length; the probabilities of the frames that became whole."""
        samples = np.concatenate([self._rest, samples.astype(np.float32, copy=False)])
        whole = len(samples) // FRAME * FRAME
        samples, self._rest = samples[:whole], samples[whole:].copy()
        probabilities = self._detector.probabilities(samples)
        self._samples = np.concatenate([self._samples, samples])
        self._probabilities = np.concatenate([self._probabilities, probabilities])
        return probabilities

    def flush(self) -> NDArray[np.float32]:
        """The last begun frame, filled with silence."""
        return (
            self.add(np.zeros(-len(self._rest) % FRAME, dtype=np.float32)) if len(self._rest) else self.add(self._rest)
        )

    def cut(self, begin: int, end: int, speech: int, *, prompt: str, prefix: str) -> Cut:
        """Frames as a window; its spans of speech are those from frame ``speech`` on."""
        samples = self._samples[(begin - self.first) * FRAME : (end - self.first) * FRAME].copy()
        loud = self._probabilities[max(speech, self.first) - self.first : end - self.first] >= self._offset
        edges = np.flatnonzero(np.diff(loud.astype(np.int8), prepend=0, append=0)).reshape(-1, 2) + max(
            speech, self.first
        )
        spans = tuple(Span(self.seconds(int(one)), self.seconds(int(other))) for one, other in edges)
        window = Window(self.seconds(begin), samples, prompt, prefix, float(loud.sum()) * FRAME_SECONDS)
        return Cut(window, spans or (Span(self.seconds(speech), self.seconds(end)),))

    def forget_before(self, frame: int) -> None:
        """Let go of what is older, a second at a time."""
        gone = frame - self.first
        if gone * FRAME_SECONDS >= 1.0:
            self._samples = self._samples[gone * FRAME :].copy()
            self._probabilities = self._probabilities[gone:].copy()
            self.first = frame
