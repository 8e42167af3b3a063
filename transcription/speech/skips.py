"""Speech that a reading left out.

Whisper sometimes ends a text where a sentence ends, although the window goes on with another voice or another thought.
Nothing in its scores tells: what it wrote is right. But the words' times do, beside the detector of speech: between two
words that follow each other nobody speaks for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from transcription.speech.types import SAMPLE_RATE, Word
from transcription.speech.windows import Cut, Span

LEFT_OUT = 1.4
"""Seconds of speech from the start of a word to the start of the next, or to the window's end, that hold more words.
In 40 windows of read speech all intervals above 1.5 s were sentences left out, and none of 5 s of speech was missed."""
SHORTEST_PAUSE = 0.1
"""Seconds without speech at which a window may be divided."""


def left_out(words: Sequence[Word], cut: Cut) -> Span | None:
    """The first interval between two words in which too much is said; None when the words cover the speech."""
    starts = [word.start for word in words]
    for since, until in pairwise([cut.speech[0].start, *starts, cut.window.end]):
        if _speech(cut, since, until) >= LEFT_OUT:
            return Span(since, until)
    return None


def place_to_divide(cut: Cut, gap: Span) -> float | None:
    """The middle of the first pause in ``gap``, with speech before and after it."""
    for one, following in pairwise(cut.speech):
        middle = (one.end + following.start) / 2
        if following.start - one.end >= SHORTEST_PAUSE and gap.start < middle < gap.end:
            return middle
    return None


def divide(cut: Cut, at: float) -> tuple[Cut, Cut]:
    """What is before and after ``at`` seconds of the recording; only the first knows how its text begins."""
    window = cut.window
    sample = round((at - window.start) * SAMPLE_RATE)
    head = replace(window, samples=window.samples[:sample], speech_seconds=0.0)
    tail = replace(window, start=at, samples=window.samples[sample:], prefix="", speech_seconds=0.0)
    return (
        Cut(head, tuple(span for span in cut.speech if span.start < at)),
        Cut(tail, tuple(span for span in cut.speech if span.start >= at)),
    )


def _speech(cut: Cut, since: float, until: float) -> float:
    return sum(max(0.0, min(span.end, until) - max(span.start, since)) for span in cut.speech)
