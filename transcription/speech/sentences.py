"""Groups timed words into segments that read like sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transcription.speech.captions.grammar import ends_sentence
from transcription.speech.types import Word

LONG_PAUSE = 1.0
"""A silence in seconds that separates segments even without a full stop."""
LONGEST = 12.0
"""Seconds after which a segment ends at the next comma or pause..."""
MOST_CHARACTERS = 200
"""...as it does at this length."""
SHORT_PAUSE = 0.3


def split_sentences(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """Spans of words: one sentence each, cut at long pauses, and at commas or short pauses when a sentence is long."""
    span: list[Word] = []
    for word, following in zip(words, [*words[1:], None], strict=False):
        span.append(word)
        if following is None or _ends(span, following):
            yield tuple(span)
            span = []


def _ends(span: Sequence[Word], following: Word) -> bool:
    word = span[-1]
    text = word.text.strip().rstrip("\"'”’»)")
    pause = following.start - word.end
    if pause >= LONG_PAUSE or ends_sentence(text):
        return True
    if word.end - span[0].start < LONGEST and sum(len(each.text) for each in span) < MOST_CHARACTERS:
        return False
    return pause >= SHORT_PAUSE or text.endswith((",", ";", ":", "、", "，", "；")) or _far_too_long(span)


def _far_too_long(span: Sequence[Word]) -> bool:
    return (
        sum(len(each.text) for each in span) >= 1.5 * MOST_CHARACTERS or span[-1].end - span[0].start >= 1.5 * LONGEST
    )
