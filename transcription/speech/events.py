"""What a live transcriber says while somebody speaks. Times are seconds from the start of the recording."""

from __future__ import annotations

from dataclasses import dataclass

from transcription.speech.types import Checkpoint


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    at: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    at: float


@dataclass(frozen=True, slots=True)
class UtteranceSettled:
    """All text is final of the utterance that was said to have started ``at`` that time. It may have had none."""

    at: float


@dataclass(frozen=True, slots=True)
class Partial:
    """The open segment: ``stable + unstable`` is its text, spaces included. ``stable`` only grows, until the segment
    with this ``index`` comes in a ``Checkpoint``, whose text begins with it."""

    index: int
    start: float
    stable: str
    unstable: str


Event = SpeechStarted | SpeechEnded | UtteranceSettled | Partial | Checkpoint
"""A ``Checkpoint`` carries final segments, in live work at most one, or only says that all before it was silence."""
