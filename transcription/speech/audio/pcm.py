"""Raw samples as they travel: 16-bit integers, 32-bit floating point numbers, µ-law, A-law."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from transcription.speech.types import SAMPLE_RATE, Samples

PCM_S16LE, PCM_F32LE, MULAW, ALAW = "pcm_s16le", "pcm_f32le", "mulaw", "alaw"
_TYPES = {PCM_S16LE: "<i2", PCM_F32LE: "<f4", MULAW: "u1", ALAW: "u1"}
PCM = frozenset(_TYPES)


def bytes_per_sample(encoding: str) -> int:
    """2, 4 or 1; also 1 for containers, whose positions are bytes."""
    return np.dtype(_TYPES.get(encoding, "u1")).itemsize


def to_samples(data: bytes, encoding: str) -> Samples:
    """Whole samples as float32 in [-1, 1]; NaN becomes silence, what is too large the limit."""
    values = np.frombuffer(data, _TYPES[encoding])
    if encoding == PCM_F32LE:
        floats: Samples = values.astype(np.float32)
        np.nan_to_num(floats, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        np.clip(floats, -1, 1, out=floats)
        return floats
    return to_integers(values, encoding).astype(np.float32) / np.float32(32768)


def to_integers(values: NDArray[np.generic], encoding: str) -> NDArray[np.int16]:
    """16-bit samples from 16-bit samples, or from bytes of µ-law or A-law."""
    table = _COMPANDED.get(encoding)
    return values.astype(np.int16) if table is None else table[values]


def _expand_mulaw() -> NDArray[np.int16]:
    """What each of the 256 bytes means (ITU-T G.711, table 2a, scaled to 16 bits)."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int16)
    size = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(code & 128, -size, size).astype(np.int16)


def _expand_alaw() -> NDArray[np.int16]:
    """The same by A-law (table 1a): every other bit travels inverted, and a set sign means positive."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int16), (code & 15).astype(np.int16)
    size = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0))
    return np.where(code & 128, size, -size).astype(np.int16)


_COMPANDED = {MULAW: _expand_mulaw(), ALAW: _expand_alaw()}


class Cutter:
    """Cuts bytes, which may come in pieces of any length, between samples."""

    def __init__(self, encoding: str) -> None:
        self._width = bytes_per_sample(encoding)
        self._rest = b""

    def whole(self, data: bytes) -> bytes:
        """The samples that are complete now; the beginning of the next one is kept."""
        data = self._rest + data
        end = len(data) - len(data) % self._width
        self._rest = data[end:]
        return data[:end]


class PcmStream:
    """A ``StreamDecoder`` for raw samples. What remains of half a sample at the end is dropped."""

    backlog = 0

    def __init__(self, encoding: str, sample_rate: int) -> None:
        self._encoding = encoding
        self._cutter = Cutter(encoding)
        self._resampler: soxr.ResampleStream | None = None
        if sample_rate != SAMPLE_RATE:
            self._resampler = soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="float32")

    def feed(self, data: bytes) -> Samples:
        return self._resample(to_samples(self._cutter.whole(data), self._encoding), last=False)

    def wait(self, seconds: float) -> None:
        """Nothing is ever under way."""

    def finish(self) -> Samples:
        return self._resample(np.zeros(0, np.float32), last=True)

    def close(self) -> None:
        self._resampler = None

    def _resample(self, samples: Samples, *, last: bool) -> Samples:
        if self._resampler is None or not (len(samples) or last):
            return samples
        resampled: Samples = self._resampler.resample_chunk(samples, last=last)
        np.clip(resampled, -1, 1, out=resampled)  # a filter swings a little beyond the limits of its input
        return resampled
