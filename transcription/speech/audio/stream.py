"""Sound that arrives in pieces, as samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from transcription.speech.audio.container import DEMUXERS, LOW_BACKLOG, ContainerStream
from transcription.speech.audio.pcm import PCM, PcmStream
from transcription.speech.audio.sandbox import Limits
from transcription.speech.errors import UnknownEncoding
from transcription.speech.types import Samples

LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000
STREAM_LIMITS = Limits()
"""Processor time is granted as sound comes, so that a long recording does not run out of it."""


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

    def wait(self, seconds: float) -> None:
        """Return when there is something to fetch or little left to decode; at the latest after ``seconds``."""

    def finish(self) -> Samples: ...

    def close(self) -> None: ...


def open_stream(encoding: str, sample_rate: int, *, limits: Limits = STREAM_LIMITS) -> StreamDecoder:
    """A decoder for "pcm_s16le", "pcm_f32le", "mulaw" or "alaw" at 8,000 to 48,000 samples a second, for "webm", "ogg".

    ``sample_rate`` and ``limits`` only concern one or the other kind. Raises ``UnknownEncoding``.
    """
    if encoding in DEMUXERS:
        return ContainerStream(encoding, limits)
    if encoding in PCM and LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        return PcmStream(encoding, sample_rate)
    raise UnknownEncoding(detail=f"{encoding} at {sample_rate} Hz")


def replay(decoder: StreamDecoder, pieces: Iterable[bytes]) -> Iterator[Samples]:
    """Feed stored sound as fast as it can be decoded, waiting for the decoder; what it still holds comes later."""
    for piece in pieces:
        yield decoder.feed(piece)
        while decoder.backlog > LOW_BACKLOG:
            decoder.wait(1.0)
            yield decoder.feed(b"")
