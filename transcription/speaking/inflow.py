"""What a speaker may send next: positions without gaps, and not faster than anybody speaks. Pure."""

from __future__ import annotations

from django.utils.translation import gettext

from transcription.enums import CONTAINERS
from transcription.protocol import Close, Frame, ProtocolError
from transcription.services.live import Connection
from transcription.speech.audio import bytes_per_sample

MOST_AHEAD = 30.0
"""Seconds of sound that may be ahead of the clock, or not yet acknowledged."""
CONTAINER_RATE = 192_000
"""Bytes a second that sound in a container may have: 1.5 Mbit/s, lossless stereo."""


class Gap(Exception):  # noqa: N818  (an answer to the speaker, not an error of ours)
    """Sound is missing before this frame."""


class Inflow:
    """Keeps what was accepted and waits to be stored and heard. Positions count samples (PCM) or bytes."""

    def __init__(self, connection: Connection, *, now: float, age: float) -> None:
        """``age``: seconds since the recording was made, by the wall clock: so much can have been spoken, though the
        first of it comes only now, because its speaker could not reach the server."""
        self.width = bytes_per_sample(connection.encoding)
        self.rate = CONTAINER_RATE if connection.encoding in CONTAINERS else connection.sample_rate
        self.received = connection.received
        """What is durable."""
        self.end = connection.received
        """What was accepted."""
        accepted = connection.received / self.rate
        if age < accepted - MOST_AHEAD:
            age = accepted  # the wall clock has been set back since
        self._began = now - max(0.0, age)
        self._unstored = bytearray()

    @property
    def is_empty(self) -> bool:
        return not self._unstored

    def accept(self, frame: Frame, now: float) -> bytes:
        """The new sound in a frame, often all of it. Raises Gap, ProtocolError."""
        if len(frame.payload) % self.width:
            raise ProtocolError("bad_frame", gettext("A frame holds whole samples."))
        if frame.position > self.end:
            raise Gap
        new = frame.payload[(self.end - frame.position) * self.width :]
        if not new:
            return b""
        end = self.end + len(new) // self.width
        ahead = end / self.rate - (now - self._began)
        if max(ahead, (end - self.received) / self.rate) > MOST_AHEAD:
            words = gettext("Sound comes faster than it can have been spoken. Wait for the acknowledgements.")
            raise ProtocolError("too_fast", words, Close.TOO_FAST)
        self.end = end
        self._unstored += new
        return new

    def take(self) -> tuple[int, bytes]:
        """All that is to be stored next, with its position."""
        data = bytes(self._unstored)
        self._unstored.clear()
        return self.end - len(data) // self.width, data
