"""A part of the sound that was read once more, as a proposal: what it would change, and carrying that out.

A proposal is about a span of time. It concerns the passages that have a word in the span as they are now, however they
were split, joined and corrected since it was asked for, and it replaces those words only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from transcription.editing.changes import Change, Row, changed, taken
from transcription.editing.compare import Run, SpokenWord, compare, spoken_words
from transcription.editing.passages import LONGEST_TEXT, Refused, mean_confidence, read_words, written_words
from transcription.speech.captions import characters
from transcription.speech.types import Word

Numbered = tuple[int, Row]


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of the recording."""

    start: float
    end: float

    def holds(self, start: float, end: float) -> bool:
        """Whether the middle of something lies in it: what reaches over an edge belongs to one side."""
        return self.start <= (start + end) / 2 < self.end


@dataclass(frozen=True, slots=True)
class _Parts:
    """The words of a passage before, in and behind the span. A passage without word times is in it as a whole."""

    before: tuple[Word, ...]
    inside: tuple[Word, ...]
    behind: tuple[Word, ...]


def touched(rows: Sequence[Numbered], span: Span) -> list[Numbered]:
    """Those of the passages that have a word in the span."""
    return [(number, row) for number, row in rows if _holds_any(row, span)]


def _holds_any(row: Row, span: Span) -> bool:
    if not row["words"]:
        return span.holds(row["start"], row["end"])
    return any(span.holds(word.start, word.end) for word in read_words(row))


def differences(rows: Sequence[Numbered], heard: Sequence[Word], span: Span) -> list[Run]:
    """What the proposal would change in ``rows``, all of which are touched, word by word."""
    old = [word for number, row in rows for word in _spoken(number, row, span)]
    return compare(old, [SpokenWord(word.start, word.text.strip(), 0) for word in heard])


def _spoken(number: int, row: Row, span: Span) -> list[SpokenWord]:
    inside = written_words(_parts(row, span).inside)
    return list(spoken_words(number, row | {"words": inside}))


def accepted(rows: Sequence[Numbered], heard: Sequence[Word], span: Span) -> list[Change]:
    """Changes that put ``heard`` in the place of the words in the span, with the times at which it was heard.

    ``rows`` are all touched, in their order. Words that are the same in both stay in their passage, the others go by
    time; a passage of which no word is left is taken away. Raises Refused("too_long").
    """
    parts = [_parts(row, span) for _number, row in rows]
    shares: list[list[Word]] = [[] for _row in rows]
    for word, place in zip(heard, _places(rows, parts, heard), strict=True):
        shares[place].append(word)
    return [_replaced(*row, part, share) for row, part, share in zip(rows, parts, shares, strict=True)]


def _parts(row: Row, span: Span) -> _Parts:
    words = read_words(row)
    inside = [n for n, word in enumerate(words) if span.holds(word.start, word.end)]
    if not inside:
        return _Parts((), (), ())
    first, behind = inside[0], inside[-1] + 1
    return _Parts(words[:first], words[first:behind], words[behind:])


def _places(rows: Sequence[Numbered], parts: Sequence[_Parts], heard: Sequence[Word]) -> list[int]:
    """For each word which of the passages it goes into; never back to an earlier one."""
    old = [
        (place, word.text)
        for place, ((number, row), part) in enumerate(zip(rows, parts, strict=True))
        for word in spoken_words(number, row | {"words": written_words(part.inside)})
    ]
    known = _known_places(old, heard)
    ends = list(accumulate(((a["end"] + b["start"]) / 2 for (_, a), (_, b) in pairwise(rows)), max))
    places: list[int] = []
    for n, word in enumerate(heard):
        least = places[-1] if places else 0
        most = next((known[later] for later in range(n, len(heard)) if later in known), len(rows) - 1)
        by_time = bisect_right(ends, (word.start + word.end) / 2)
        places.append(max(least, min(known.get(n, by_time), most)))
    return places


def _known_places(old: Sequence[tuple[int, str]], heard: Sequence[Word]) -> dict[int, int]:
    """Of the heard words that stand in the text already: in which passage."""
    matcher = SequenceMatcher(None, [text for _, text in old], [word.text.strip() for word in heard], autojunk=False)
    return {b + n: old[a + n][0] for a, b, size in matcher.get_matching_blocks() for n in range(size)}


def _replaced(number: int, row: Row, parts: _Parts, share: Sequence[Word]) -> Change:
    words = _joined(parts.before, share, parts.behind)
    if not words:
        return taken(number, row)
    text = "".join(word.text for word in words).strip()
    if len(text) > LONGEST_TEXT:
        raise Refused("too_long")
    fields = {
        "text": text,
        "words": written_words(words),
        "doubt": "",
        "confidence": mean_confidence(words),
        "start": row["start"] if parts.before or not share else round(share[0].start, 3),
        "end": row["end"] if parts.behind or not share else round(share[-1].end, 3),
    }
    return changed(number, row, **fields)


def _joined(*groups: Sequence[Word]) -> list[Word]:
    """One after the other, with a space at the seams where the script has spaces."""
    words: list[Word] = []
    for group in groups:
        for at, word in enumerate(group):
            if at == 0 and words and characters.needs_space(words[-1].text, word.text.lstrip()):
                word = Word(word.start, word.end, f" {word.text.lstrip()}", word.probability, edited=word.edited)
            words.append(word)
    return words


def concerns(change: Change, numbers: Container[int], span: Span) -> bool:
    """Whether an edit touched text or times of passages that the proposal concerns, or took one of them away."""
    if change.after is None:
        gone = change.before or {}
        return bool(gone["start"] < span.end and gone["end"] > span.start)
    return change.number in numbers and not {"text", "start", "end"}.isdisjoint(change.after)
