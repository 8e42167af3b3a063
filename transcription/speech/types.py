"""The nouns of the speech core. Times are float seconds; samples are float32 mono in [-1, 1] at ``SAMPLE_RATE``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000

Samples = NDArray[np.float32]
Task = Literal["transcribe", "translate"]


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word; ``text`` keeps its leading space, so that joining words gives the segment's text."""

    start: float
    end: float
    text: str
    probability: float
    tokens: tuple[int, ...] = field(default=(), repr=False, compare=False)
    """What the model wrote for it, where that is known."""
    edited: bool = False
    """A person wrote it; its times are taken from what it replaces, or lie between those of its neighbours."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the text of a segment came about, in Whisper's own terms. All but ``tokens`` are of the segment's window."""

    seek: int
    """Where the window begins, in hundredths of a second."""
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A timed span of final text. ``doubt`` names the guard that this text did not fully satisfy, "" if none."""

    index: int
    start: float
    end: float
    text: str
    language: str
    words: tuple[Word, ...] = ()
    confidence: float = 1.0
    """Mean word probability, 0 to 1."""
    doubt: str = ""
    decoding: Decoding | None = field(default=None, repr=False, compare=False)
    """Known while a recording is being transcribed."""
    speaker: str = ""
    """The name to show; empty where speakers are not told apart."""
    is_placed: bool = False
    """A person has said when it begins or ends: its captions do so too, also where no word is spoken."""


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of sound that the model sees at once. ``start`` is its place in the recording."""

    start: float
    samples: Samples
    prompt: str = ""
    """Earlier text or vocabulary, given to the decoder as context."""
    prefix: str = ""
    """What is known to be said at the beginning of these samples: the decoder goes on after it, and the hypothesis
    holds only what follows. Its leading space counts."""
    speech_seconds: float = 0.0
    """How much of the sound is speech whose text is asked for: a bound for its length. 0 where that is not known."""

    @property
    def duration(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def end(self) -> float:
        return self.start + self.duration

    @property
    def text_seconds(self) -> float:
        """Of sound that the text may be of."""
        return self.speech_seconds or self.duration


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How an engine reads windows. ``language`` "" means: detect it."""

    language: str = ""
    task: Task = "transcribe"
    beam_size: int = 5
    temperature: float = 0.0
    word_times: bool = True
    full_context: bool = False
    """Always use the 30-second encoder context (the fall-back of the guards)."""
    quick: bool = False
    """As little encoder context as the window leaves, at a cost in accuracy."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """An engine's reading of one window. Word times are relative to the recording."""

    text: str
    language: str
    words: tuple[Word, ...] = ()
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 0.0
    temperature: float = 0.0
    tokens: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """What a user chose for a whole recording."""

    language: str = ""
    task: Task = "transcribe"
    vocabulary: tuple[str, ...] = ()
    beam_size: int = 5
    prompt: str = ""
    """What was said or written before the recording begins: context for its first words."""
    temperature: float | None = None
    """Fixed. None: the lowest at which no guard objects."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A piece of finished work: everything before ``position`` has been read, and ``segments`` are what is new.

    Segments are contiguous in ``index`` and never revised by a later checkpoint.
    """

    position: float
    segments: tuple[Segment, ...]
    language: str
    language_probability: float = 0.0


ShouldStop = Callable[[], bool]
"""Asked between pieces of work; True ends the work with ``Cancelled``."""
