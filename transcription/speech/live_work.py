"""The units of live work: what may be read next, one window for the engine, and what came out of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from transcription.speech.agreement import StableText, split_words, without_echo
from transcription.speech.engines.base import Engine
from transcription.speech.guards import TEMPERATURES, Reading, invented, read, tripped
from transcription.speech.types import DecodeOptions, Hypothesis, Window
from transcription.speech.windows import Cut


class Urgency(IntEnum):
    IDLE = 0
    PARTIAL = 1
    FINAL = 2


@dataclass(slots=True, eq=False)
class Utterance:
    """A stretch of speech in frames. ``closed`` once it has ended."""

    begin: int
    """Where its sound begins, with the pre-roll."""
    speech: int
    """Where speech begins."""
    end: int = 0
    """The frame after the last one of speech; while open, as far as is known."""
    at: float = 0.0
    """When it was said to have started, in seconds of the recording."""
    closed: bool = False
    joined: bool = False
    """It goes on where another was settled in the midst of speech."""
    speech_frames: int = 0
    read_until: int = 0
    """Where the sound of the newest reading that was begun ended."""
    speculated: int = 0
    """For which ``end`` a full reading was begun."""
    reading: tuple[int, Reading] | None = None
    """The newest full reading, and the ``end`` that it was made for."""
    tries: int = 0
    text: StableText = field(default_factory=StableText)


@dataclass(frozen=True, slots=True)
class Work:
    """One window for the engine. ``is_final``: somebody waits for its text to stay."""

    is_final: bool
    cut: Cut
    options: DecodeOptions
    detect: bool = False
    """The language is not sure yet: weigh this window too."""
    full: bool = False
    """Read with beam and guards; else once, quickly. What the guards reject is tried again only if it is final."""
    utterance: Utterance | None = None
    end: int = 0

    @property
    def window(self) -> Window:
        return self.cut.window


@dataclass(frozen=True, slots=True)
class Outcome:
    reading: Reading
    scores: dict[str, float] = field(default_factory=dict)


def perform(works: Sequence[Work], engine: Engine) -> list[Outcome]:
    """What a thread of the engine does: partial windows of several speakers go together, full readings alone."""
    outcomes: dict[int, Outcome] = {}
    groups: dict[DecodeOptions, list[int]] = defaultdict(list)
    for index, work in enumerate(works):
        options, scores = work.options, {}
        if work.detect:
            scores = engine.language_scores([replace(work.window, prefix="")])[0]
            options = replace(options, language=options.language or max(scores, key=lambda code: scores[code]))
        if work.full:
            temperatures = TEMPERATURES if work.is_final else ()
            reading = read([work.cut], engine, options, lambda: False, temperatures=temperatures)[0]
            outcomes[index] = Outcome(reading, scores)
        elif work.detect:
            outcomes[index] = Outcome(_glance(work, engine.transcribe([work.window], options)[0], options), scores)
        else:
            groups[options].append(index)
    for options, indices in groups.items():
        found = engine.transcribe([works[index].window for index in indices], options)
        for index, hypothesis in zip(indices, found, strict=True):
            outcomes[index] = Outcome(_glance(works[index], hypothesis, options))
    return [outcomes[index] for index in range(len(works))]


def _glance(work: Work, hypothesis: Hypothesis, options: DecodeOptions) -> Reading:
    """A loop is common in a window that ends within a word: what was said before it is right all the same."""
    doubt = "invented" if invented(hypothesis) else tripped(hypothesis, work.cut, options)
    words = split_words(hypothesis.text, options.language)
    if doubt in ("", "loop", "endless") and len(kept := without_echo(words)) < len(words):
        return Reading(work.cut, replace(hypothesis, text="".join(kept).strip()))
    return Reading(work.cut, hypothesis, doubt)
