"""The stream that FFmpeg writes samples in: AU, whose header says how many channels there are."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from transcription.speech.audio.mixing import Mixer
from transcription.speech.errors import DecoderFailed
from transcription.speech.types import SAMPLE_RATE, Samples

HEADER = 24
WIDTH = 4
"""Bytes a sample."""
FLOAT = 6
BLOCK = SAMPLE_RATE // 10


def parse_header(header: bytes) -> tuple[int, int]:
    """The whole header's length and the number of channels, from its first 24 bytes. Raises ``DecoderFailed``."""
    magic, size, _, encoding, rate, channels = struct.unpack(">4sIIIII", header)
    if (magic, encoding, rate) != (b".snd", FLOAT, SAMPLE_RATE) or not channels or size < HEADER:
        raise DecoderFailed(detail=f"unexpected AU header {header!r}")
    return size, channels


def to_frames(data: bytes, channels: int) -> NDArray[np.float32]:
    """(samples, channels), within [-1, 1] even if what was decoded is not; half a frame at the end is dropped."""
    frames = np.frombuffer(data, ">f4", count=len(data) // WIDTH).astype(np.float32)
    frames = frames[: len(frames) // channels * channels].reshape(-1, channels)
    return np.clip(np.nan_to_num(frames, copy=False), -1, 1)


class Reader:
    """Makes mono samples from such a stream in pieces of any length, which do not show in the result.

    Several channels are mixed by tenths of a second, because the mixer decides block by block.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._mixer: Mixer | None = None
        self._channels = 0

    def feed(self, data: bytes) -> Samples:
        self._rest += data
        if not self._mixer and not self._begin():
            return np.zeros(0, np.float32)
        block = WIDTH * self._channels * (1 if self._channels == 1 else BLOCK)
        parts = [self._mix(block) for _ in range(len(self._rest) // block)] if self._channels > 1 else []
        return np.concatenate(parts) if parts else self._mix(len(self._rest) // block * block)

    def finish(self) -> Samples:
        """What is left of the last block."""
        return self._mix(len(self._rest)) if self._mixer else np.zeros(0, np.float32)

    def _begin(self) -> bool:
        if len(self._rest) < HEADER:
            return False
        size, channels = parse_header(self._rest[:HEADER])
        if len(self._rest) < size:
            return False
        self._rest = self._rest[size:]
        self._mixer, self._channels = Mixer(channels), channels
        return True

    def _mix(self, size: int) -> Samples:
        assert self._mixer
        data, self._rest = self._rest[:size], self._rest[size:]
        return np.clip(self._mixer.mix(to_frames(data, self._channels)), -1, 1)
