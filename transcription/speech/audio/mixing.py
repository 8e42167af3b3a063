"""Any number of channels to one, losing no voice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transcription.speech.types import Samples

RAMP = 160  # 10 ms at 16 kHz: a change of gain is not heard as a click
OPPOSED = 0.7


class Mixer:
    """Adds channels up, turning round the polarity of those that would cancel the others.

    A plain mean of anti-phase stereo (a miswired cable, some "wide" phone recordings) is silence. Taking the louder
    channel instead would drop a second voice, and switching between the two clicks; turning one channel round keeps
    every voice whether the decision was needed or not. It is taken again only when a block's correlation is clearly
    the other way (beyond ±0.7), so it is stable. The gain counts each channel by its loudness
    so far, so two equal channels are averaged, and a voice on one channel of eight stays as loud as it was recorded.
    """

    def __init__(self, channels: int) -> None:
        self._polarity = np.ones(channels)
        self._loudest = np.zeros(channels)
        self._gains: NDArray[np.float64] | None = None

    def mix(self, block: NDArray[np.float32]) -> Samples:
        """(samples, channels) to (samples,), both float32."""
        if block.shape[1] == 1 or not len(block):
            return np.ascontiguousarray(block[:, 0])
        self._decide_polarity(block)
        gains = self._polarity * self._gain(block)
        mixed = block @ gains.astype(np.float32)
        if self._gains is not None and not np.array_equal(gains, self._gains):
            n = min(RAMP, len(block))
            ramp = np.linspace(0, 1, n, dtype=np.float32)
            mixed[:n] = mixed[:n] * ramp + (block[:n] @ self._gains.astype(np.float32)) * (1 - ramp)
        self._gains = gains
        return mixed

    def _decide_polarity(self, block: NDArray[np.float32]) -> None:
        """Each channel against the sum of those before it."""
        products = (block.T @ block).astype(np.float64)
        for channel in range(1, block.shape[1]):
            before = self._polarity[:channel]
            energy = products[channel, channel] * (before @ products[:channel, :channel] @ before)
            if energy <= 0:
                continue  # silence decides nothing
            correlation = before @ products[:channel, channel] / np.sqrt(energy)
            if abs(correlation) > OPPOSED:
                self._polarity[channel] = np.sign(correlation)

    def _gain(self, block: NDArray[np.float32]) -> float:
        """The loudest channel's level over the sum of all levels, each the highest RMS of a block so far."""
        np.maximum(self._loudest, np.sqrt(np.mean(np.square(block), axis=0)), out=self._loudest)
        total = float(self._loudest.sum())
        return float(self._loudest.max()) / total if total else 1.0
