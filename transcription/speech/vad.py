"""Where somebody speaks: the Silero voice activity detector, run over a stream.

The network (https://github.com/snakers4/silero-vad, MIT) comes with faster-whisper as ONNX.
"""

from __future__ import annotations

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from transcription.speech.types import SAMPLE_RATE, Samples

FRAME = 512
"""Samples the detector judges at once: 32 ms."""
FRAME_SECONDS = FRAME / SAMPLE_RATE
_CONTEXT = 64
"""Samples of the frame before that the network also sees."""
_STATE = (1, 1, 128)
_LOUD_ENOUGH = 0.05
"""Quieter peaks are raised to this: at -50 dBFS Silero hears half of the speech, after the gain all of it."""
_MAX_GAIN = 300.0
_FADE = np.log(2) * FRAME_SECONDS / 20.0
"""The remembered peak halves in 20 s: longer than a pause, shorter than a change of speaker's place lasts."""


class SpeechDetector:
    """Turns samples into the probability of speech, one value a frame, carrying its state from block to block."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._hidden = np.zeros(_STATE, dtype=np.float32)
        self._cell = np.zeros(_STATE, dtype=np.float32)
        self._context = np.zeros(_CONTEXT, dtype=np.float32)
        self._log_peak = -np.inf

    def probabilities(self, samples: Samples) -> NDArray[np.float32]:
        """Probability per frame, shape (len(samples) // FRAME,). Samples must be whole frames."""
        frames = samples.reshape(-1, FRAME)
        if not len(frames):
            return np.zeros(0, dtype=np.float32)
        frames = frames * self._gains(frames)[:, None]
        before = np.concatenate([self._context[None], frames[:-1, -_CONTEXT:]])
        self._context = frames[-1, -_CONTEXT:].copy()
        seen = np.concatenate([before, frames], axis=1)
        output, self._hidden, self._cell = self._session.run(None, {"input": seen, "h": self._hidden, "c": self._cell})
        return np.asarray(output, dtype=np.float32).reshape(-1)

    def _gains(self, frames: Samples) -> NDArray[np.float32]:
        """Automatic gain a frame: rises slowly, falls at once, never below 1."""
        fades = _FADE * np.arange(1, len(frames) + 1)
        with np.errstate(divide="ignore"):
            peaks = np.log(np.abs(frames).max(axis=1)) + fades
        log_peaks = np.maximum.accumulate(np.maximum(peaks, self._log_peak)) - fades
        self._log_peak = float(log_peaks[-1])
        gains: NDArray[np.float32] = np.clip(_LOUD_ENOUGH / np.maximum(np.exp(log_peaks), 1e-9), 1.0, _MAX_GAIN).astype(
            np.float32
        )
        return gains
