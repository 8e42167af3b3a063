"""What a listener sees, in figures: when words are shown, when they settle, how often they change, how right they are.

For every word of the reference that was written in the end:

- *shown*: seconds from the end of the spoken word until it first stands on the screen, at its place or beside it
- *settled*: seconds from the end of the spoken word until it stands at its place and never changes again

*Flicker* counts words on the screen that became others or went away, for each word of the last text. *Tail* is the
time from the end of the sound to the last change. Texts are compared after Whisper's English normaliser.
"""

from __future__ import annotations

import difflib
import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from transcription.speech.metrics import ErrorCount, normalise, word_errors

PIECE, SLACK = 120.0, 30.0
"""Seconds of a talk whose words are looked for at once, and how much later they may be shown."""

Screens = Sequence[tuple[float, str]]
"""After each change: seconds since the first sound was spoken, and the whole text on the screen."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    text: str
    end: float
    """Seconds since the first sound."""


@dataclass(frozen=True, slots=True)
class SeenWord:
    """A word that was written in the end; ``shown`` and ``settled`` are seconds after ``end``."""

    end: float
    shown: float | None
    settled: float | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one recording."""

    words: tuple[SeenWord, ...]
    errors: ErrorCount
    flicker: float
    tail: float


@dataclass(frozen=True, slots=True)
class Figures:
    shown_p50: float
    shown_p95: float
    settled_p50: float
    settled_p95: float
    flicker: float
    tail: float
    wer: float


def look(screens: Screens, *, ended: float, text: str, spoken: Sequence[SpokenWord]) -> Seen:
    """Compare what stood on the screen with what was spoken: ``text``, whose words ended at ``spoken``.

    ``ended`` is when the sound ended, on the clock of ``screens``.
    """
    written = [(at, normalise(screen).split()) for at, screen in screens]
    last = written[-1][1] if written else []
    said = [(part, word.end) for word in spoken for part in normalise(word.text).split()]
    return Seen(
        words=tuple(_seen(written, last, said)),
        errors=word_errors(text, " ".join(last)),
        flicker=_changed_words(written) / max(1, len(last)),
        tail=_last_change(written) - ended,
    )


def figures(seen: Seen, *, begin: float = 0.0, end: float = float("inf")) -> Figures:
    """Of the words spoken from ``begin`` to ``end`` seconds; errors, flicker and tail are the whole recording's."""
    words = [word for word in seen.words if begin <= word.end < end]
    shown = [word.shown for word in words if word.shown is not None]
    settled = [word.settled for word in words if word.settled is not None]
    return Figures(
        shown_p50=percentile(shown, 50),
        shown_p95=percentile(shown, 95),
        settled_p50=percentile(settled, 50),
        settled_p95=percentile(settled, 95),
        flicker=seen.flicker,
        tail=seen.tail,
        wer=seen.errors.rate,
    )


def median(many: Sequence[Figures]) -> Figures:
    """Of each figure by itself."""
    return Figures(*(statistics.median(getattr(one, each.name) for one in many) for each in fields(Figures)))


def percentile(values: Sequence[float], percent: float) -> float:
    """Between neighbours in proportion; not a number when there are no values."""
    return float(np.percentile(values, percent)) if values else float("nan")


Written = list[tuple[float, list[str]]]


def _seen(written: Written, last: list[str], said: list[tuple[str, float]]) -> list[SeenWord]:
    """Piece after piece: a talk may say the same twice, and what is said later is not what was shown before."""
    seen, first = [], 0
    pieces = [list(words) for _, words in itertools.groupby(said, key=lambda word: word[1] // PIECE)]
    for number, words in enumerate(pieces, start=1):
        stop = _count_at(written, words[-1][1] + SLACK) if number < len(pieces) else len(last)
        matcher = difflib.SequenceMatcher(a=[word for word, _ in words], b=last[first:stop], autojunk=False)
        pairs = [
            (first + block.b + step, words[block.a + step][1])
            for block in matcher.get_matching_blocks()
            for step in range(block.size)
        ]
        seen += [_seen_word(written, last[place], place, end) for place, end in pairs]
        first = pairs[-1][0] + 1 if pairs else first
    return seen


def _count_at(written: Written, at: float) -> int:
    """How many words stood on the screen then."""
    return next((len(words) for when, words in reversed(written) if when <= at), 0)


def _seen_word(written: Written, word: str, place: int, end: float) -> SeenWord:
    """The words before it may still change in number, so that it may at first stand one place beside."""
    shown = next((at for at, words in written if word in words[max(0, place - 1) : place + 2]), None)
    settled = None
    for at, words in reversed(written):
        if place >= len(words) or words[place] != word:
            break
        settled = at
    return SeenWord(end, None if shown is None else shown - end, None if settled is None else settled - end)


def _changed_words(written: Written) -> int:
    pairs = zip(written, written[1:], strict=False)
    return sum(
        sum(x != y for x, y in zip(before, after, strict=False)) + max(0, len(before) - len(after))
        for (_, before), (_, after) in pairs
    )


def _last_change(written: Written) -> float:
    """Not a number when nothing ever changed."""
    changes = [at for (_, before), (at, after) in zip(written, written[1:], strict=False) if before != after]
    return changes[-1] if changes else float("nan")
