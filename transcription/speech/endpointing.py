"""Where an utterance begins and where it has ended, decided frame by frame from the probability of speech."""

from __future__ import annotations

from dataclasses import dataclass

from transcription.speech.vad import FRAME_SECONDS
from transcription.speech.windows import OFFSET, ONSET

ONSET_FRAMES = 2
"""Frames in a row above the onset before an utterance is believed to have begun."""
HANGOVER = 0.6
"""Seconds of silence that end an utterance: long enough for a breath, short enough for a reader."""
SHORT_HANGOVER = 0.25
"""The same for an utterance that is nearly as long as a window: better end it here than cut it in a word."""
PATIENT_UNTIL, IMPATIENT_FROM = 5.0, 11.0
"""Seconds of utterance between which the hangover shrinks from the one to the other."""
PRE_ROLL = 0.5
"""Seconds before the onset that belong to an utterance: soft first sounds score below the onset."""


@dataclass(frozen=True, slots=True)
class Endpointing:
    """How speech is told from silence. ``onset`` and ``offset`` are probabilities, the rest is seconds."""

    onset: float = ONSET
    offset: float = OFFSET
    hangover: float = HANGOVER
    short_hangover: float = SHORT_HANGOVER
    pre_roll: float = PRE_ROLL


@dataclass(frozen=True, slots=True)
class Onset:
    frame: int
    """The first frame of speech."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    frame: int
    """The frame after the last one of speech."""


class Endpointer:
    """Hysteresis on the probability, with memory of where the utterance began. Frames count from 0."""

    def __init__(self, options: Endpointing = Endpointing()) -> None:  # noqa: B008  (frozen)
        self._options = options
        self.frame = 0
        """How many frames were heard."""
        self.is_open = False
        self.begin = 0
        self.end = 0
        """The frame after the last one of speech in the open utterance."""
        self.speech_frames = 0
        self._speech = False
        self._run = 0

    @property
    def silence(self) -> float:
        """Seconds since the last speech of the open utterance."""
        return (self.frame - self.end) * FRAME_SECONDS

    def step(self, probability: float) -> Onset | Endpoint | None:
        """Hear one frame."""
        self._speech = probability >= (self._options.offset if self._speech else self._options.onset)
        self.frame += 1
        self._run = self._run + 1 if self._speech else 0
        if not self.is_open:
            return self._open() if self._run >= ONSET_FRAMES else None
        if self._speech:
            self.end = self.frame
            self.speech_frames += 1
        elif self.silence >= self._hangover() - FRAME_SECONDS / 2:
            return self.close()
        return None

    def close(self) -> Endpoint:
        """End the open utterance now: nobody will say more."""
        self.is_open = False
        self._run = 0
        return Endpoint(self.end)

    def cut(self, frame: int) -> None:
        """What was said before ``frame`` is settled: the utterance goes on as if it had begun there."""
        self.begin = frame

    def _open(self) -> Onset:
        self.is_open = True
        self.begin, self.end = self.frame - self._run, self.frame
        self.speech_frames = self._run
        return Onset(self.begin)

    def _hangover(self) -> float:
        length = (self.end - self.begin) * FRAME_SECONDS
        share = min(1.0, max(0.0, (length - PATIENT_UNTIL) / (IMPATIENT_FROM - PATIENT_UNTIL)))
        patient, impatient = self._options.hangover, self._options.short_hangover
        return patient + share * (impatient - patient)
