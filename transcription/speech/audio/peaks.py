"""The outline of a recording, for drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transcription.speech.types import SAMPLE_RATE, Samples

FINEST = SAMPLE_RATE // 100
QUIETEST = 0.003  # -50 dBFS: below this it is noise, and must not be blown up


class Peaks:
    """At most ``most`` peak values for a recording of any length, gathered as the sound goes by.

    Starts with one peak every 10 ms; whenever there are too many, neighbours are merged and each then covers twice the
    time. Memory does not depend on the length.
    """

    def __init__(self, most: int = 4000) -> None:
        if most < 2 or most % 2:
            raise ValueError("the number of peaks must be even")
        self._peaks = np.zeros(most, np.float32)
        self._width = FINEST
        self._samples = 0

    @property
    def seconds_per_peak(self) -> float:
        return self._width / SAMPLE_RATE

    def add(self, samples: Samples) -> None:
        loudness = np.abs(samples)
        while len(loudness):
            room = len(self._peaks) * self._width - self._samples
            if not room:
                self._merge()
                continue
            self._place(loudness[:room])
            loudness = loudness[room:]

    def result(self) -> NDArray[np.uint8]:
        """One value a peak, 0 to 255: the square root of the peak over the recording's loudest one.

        The root lifts quiet speech (30 dB below the loudest still is 45 of 255). Recordings that never reach -50 dBFS
        are drawn against that instead, so that silence stays flat.
        """
        used = self._peaks[: -(-self._samples // self._width)]
        loudest = max(QUIETEST, float(used.max(initial=0.0)))
        heights: NDArray[np.uint8] = np.rint(255 * np.sqrt(used / loudest)).astype(np.uint8)
        return heights

    def _place(self, loudness: Samples) -> None:
        first, offset = divmod(self._samples, self._width)
        padding = -(offset + len(loudness)) % self._width
        columns = np.pad(loudness, (offset, padding)).reshape(-1, self._width).max(axis=1)
        target = self._peaks[first : first + len(columns)]
        np.maximum(target, columns, out=target)
        self._samples += len(loudness)

    def _merge(self) -> None:
        half = len(self._peaks) // 2
        self._peaks[:half] = self._peaks.reshape(-1, 2).max(axis=1)
        self._peaks[half:] = 0
        self._width *= 2
