"""Sound that arrives in pieces, as samples."""

from __future__ import annotations

from typing import Protocol

from transcription.speech.audio.pcm import PCM, PcmStream
from transcription.speech.errors import UnknownEncoding
from transcription.speech.types import Samples

LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000


class StreamDecoder(Protocol):
    """Bytes in, 16 kHz mono float32 samples in [-1, 1] out. However the bytes are cut, the samples are the same.

    Not thread-safe. ``feed`` never waits for a decoder: it returns what is ready, an empty array often, and may be
    called with no bytes to fetch more. ``finish`` ends the sound and returns what is left of it; only ``close`` may
    follow. ``close`` may be called at any time, and twice. What cannot be decoded raises ``MediaError``; a
    decoder that fails or cannot keep up raises ``DecoderFailed``. Either ends the stream.
    """

    @property
    def backlog(self) -> int:
        """Bytes that wait to be decoded; always 0 for PCM."""

    def feed(self, data: bytes) -> Samples: ...

    def finish(self) -> Samples: ...

    def close(self) -> None: ...


def open_stream(encoding: str, sample_rate: int) -> StreamDecoder:
    """A decoder for ``encoding`` ("pcm_s16le", "pcm_f32le", "mulaw") at 8,000 to 48,000 samples a second.

    Raises ``UnknownEncoding``.
    """
    if encoding not in PCM or not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise UnknownEncoding(detail=f"{encoding} at {sample_rate} Hz")
    return PcmStream(encoding, sample_rate)
