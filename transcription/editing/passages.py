"""Corrections of single passages: text, split, merge, times. A passage is the row of a segment (see ``FIELDS``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

from transcription.editing.changes import Change, Row, Rows, changed, made, taken
from transcription.editing.words import broken_as, refit, retime
from transcription.speech.captions import characters
from transcription.speech.types import Word

FIELDS = ("rank", "start", "end", "text", "language", "confidence", "doubt", "words", "speaker")
"""Of a row. ``words`` are ``[start, end, text, probability]``, with ``true`` behind it for what a person wrote."""
LONGEST_TEXT = 10_000
"""Characters in a passage: some ten minutes of talk. A passage is one paragraph, not a book."""
SHORTEST = 0.1
"""Seconds that a passage lasts at least, if a person says how long."""
CLOCK = 0.001
"""Seconds to which times are kept."""
ROUNDING = 0.005
"""Seconds by which a time with two decimals, as pages show them, may differ from the one that it shows."""

_TINY = 1e-9
"""What sums of floats may be off by."""


class Refused(Exception):  # noqa: N818  (a wish that makes no sense for this passage)
    """``code`` says why: ``empty``, ``too_long``, ``one_sided``, ``too_short``, ``too_early`` or ``too_late``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_text(text: str, *, lines: bool = False) -> str:
    """As it is kept: single spaces, no control characters, no lone surrogates. Raises Refused: empty, too_long.

    Marks of direction and joiners stay, because names need them; overrides of direction, which can make text look like
    what it is not, do not. With ``lines``, line breaks stay too.
    """
    if len(text) > 2 * LONGEST_TEXT:
        raise Refused("too_long")
    parts = (_clean_line(part) for part in (text.splitlines() if lines else [text]))
    cleaned = "\n".join(part for part in parts if part)
    if len(cleaned) > LONGEST_TEXT:
        raise Refused("too_long")
    if not cleaned or not characters.is_visible(cleaned):
        raise Refused("empty")
    return cleaned


def _clean_line(text: str) -> str:
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", characters.clean(text)).strip()


def with_text(row: Row, text: str) -> Row:
    """The passage with another text: kept words keep their times, and nothing in it is doubtful any more.

    One without words is a caption made elsewhere, and keeps its lines: those that are sent, or where one line is sent,
    as from the page's field, those of before.
    """
    if row["words"]:
        cleaned = clean_text(text)
    elif "\n" not in (cleaned := clean_text(text, lines=True)):
        cleaned = broken_as(row["text"], cleaned)
    if cleaned == row["text"].strip():
        return row
    words = retime(read_words(row), cleaned, start=row["start"], end=row["end"])
    return row | {"text": cleaned, "doubt": "", "words": written_words(words), "confidence": mean_confidence(words)}


def confirmed(row: Row) -> Row:
    """The passage as somebody has heard it and found it right."""
    words = [Word(w.start, w.end, w.text, 1.0, edited=w.edited) for w in read_words(row)]
    return row | {"doubt": "", "words": written_words(words), "confidence": 1.0}


def text_changed(number: int, row: Row, text: str) -> Change:
    return changed(number, row, **with_text(row, text))


def times_changed(number: int, row: Row, *, start: float, end: float, room: tuple[float, float]) -> Change:
    """The passage from another time to another, in seconds, within the ``room`` that its neighbours leave it.

    A time that differs from a limit only by rounding means the limit. Where the passage reaches beyond the room
    already, it may go on to. Raises Refused: too_short, too_early, too_late.
    """
    least, most = widened(room, row)
    start, end = _at(start, least, row["start"]), _at(end, most, row["end"])
    if round(end - start, 3) < SHORTEST:
        raise Refused("too_short")
    if start < least:
        raise Refused("too_early")
    if end > most:
        raise Refused("too_late")
    words = refit(read_words(row), start=start, end=end)
    return changed(number, row, start=start, end=end, words=written_words(words))


def has_times(row: Row, *, start: float, end: float) -> bool:
    """Whether the passage lasts so already."""
    return max(abs(row["start"] - start), abs(row["end"] - end)) <= ROUNDING + _TINY


def widened(room: tuple[float, float], row: Row) -> tuple[float, float]:
    """From when to when a passage may last: never less than it does already."""
    return min(room[0], row["start"]), max(room[1], row["end"])


def _at(time: float, limit: float, now: float) -> float:
    """A time to the millisecond; the limit, or the time that it was, where only rounding tells them apart."""
    for known in (now, limit):
        if abs(time - known) <= ROUNDING + _TINY:
            return known
    return round(time, 3)


def split(number: int, row: Row, *, text: str, at: int, new_number: int, new_rank: float) -> list[Change]:
    """Two passages out of one, which may have been corrected in the same breath.

    ``at`` counts characters of ``text``; inside of a word, the second begins with the next one. Raises Refused.
    """
    first, second = _sides(text, at, lines=not row["words"])
    space = " " if characters.needs_space(first, second) else ""
    whole = with_text(row, f"{first}{space}{second}")
    words = read_words(whole)
    if not words:
        turn = round(row["start"] + (row["end"] - row["start"]) * len(first) / len(first + second), 3)
        above, below = whole | {"text": first, "end": turn}, whole | {"text": second, "start": turn}
    else:
        count = _words_of(words, first)
        if not 0 < count < len(words):
            raise Refused("one_sided")
        above = _side(whole, words[:count]) | {"end": max(row["start"], words[count - 1].end)}
        below = _side(whole, words[count:]) | {"start": words[count].start}
    return [changed(number, row, **above), made(new_number, below | {"rank": new_rank})]


def _sides(text: str, at: int, *, lines: bool) -> tuple[str, str]:
    """The two texts. Raises Refused("one_sided") where one has none."""
    while 0 < at < len(text) and _is_inside(text, at):
        at += 1
    try:
        return clean_text(text[:at], lines=lines), clean_text(text[at:], lines=lines)
    except Refused as refused:
        raise Refused("one_sided" if refused.code == "empty" else refused.code) from refused


def _is_inside(text: str, at: int) -> bool:
    left, right = text[at - 1], text[at]
    return not left.isspace() and not right.isspace() and not characters.may_break(left, right)


def _words_of(words: Sequence[Word], text: str) -> int:
    """How many words the first of two texts has, by its letters: spaces may differ."""
    wanted = len("".join(text.split()))
    lengths = accumulate(len("".join(word.text.split())) for word in words)
    return sum(1 for length in lengths if length <= wanted)


def _side(row: Row, words: Sequence[Word]) -> Row:
    text = "".join(word.text for word in words).strip()
    return row | {"text": text, "words": written_words(words), "confidence": mean_confidence(words)}


def merge(upper: tuple[int, Row], lower: tuple[int, Row]) -> list[Change]:
    """One passage out of two neighbours. It keeps the speaker and language of the upper one."""
    (number, above), (gone, below) = upper, lower
    first, second = above["text"].strip(), below["text"].strip()
    space = " " if characters.needs_space(first, second) else ""
    text = f"{first}{space}{second}"
    if len(text) > LONGEST_TEXT:
        raise Refused("too_long")
    words = [*_timed(above), *_spaced(_timed(below), space)] if above["words"] or below["words"] else []
    fields: dict[str, Any] = {
        "end": max(above["end"], below["end"]),
        "text": text,
        "words": written_words(words),
        "doubt": above["doubt"] or below["doubt"],
        "confidence": mean_confidence(words) if words else min(above["confidence"], below["confidence"]),
    }
    return [taken(gone, below), changed(number, above, **fields)]


def holds_its_words(row: Row) -> bool:
    """Whether they are spoken within it; words have times to the millisecond, passages may have finer ones."""
    times = [time for word in read_words(row) for time in (word.start, word.end)]
    return not times or (row["start"] - CLOCK <= min(times) and max(times) <= row["end"] + CLOCK)


def is_moved(change: Change) -> bool:
    """Whether a passage has other times afterwards, or was not there."""
    return not {"start", "end"}.isdisjoint(change.after or {})


def crowded(rows: Rows, changes: Sequence[Change]) -> Iterator[tuple[int, int]]:
    """Which passages, once moved or made by ``changes``, would share some time with which neighbour.

    ``rows`` are all passages, with ``rank``, ``start`` and ``end``.
    """
    new = {each.number: rows.get(each.number, {}) | each.after for each in changes if is_moved(each) and each.after}
    taken_out = {change.number for change in changes if change.after is None}
    after = {number: row for number, row in (rows | new).items() if number not in taken_out}
    order = sorted(after, key=lambda number: (after[number]["rank"], number))
    for upper, lower in pairwise(order):
        if (upper in new or lower in new) and after[upper]["end"] > after[lower]["start"]:
            yield (upper, lower) if upper in new else (lower, upper)


def _spaced(words: Sequence[Word], space: str) -> list[Word]:
    """The first begins with this space: at the head of a passage it may have had another, as its script wants."""
    return [replace(words[0], text=space + words[0].text.lstrip()), *words[1:]]


def _timed(row: Row) -> tuple[Word, ...]:
    """Its words; of a passage without any, the whole text as one."""
    return read_words(row) or (Word(row["start"], row["end"], f" {row['text'].strip()}", row["confidence"]),)


def read_words(row: Row) -> tuple[Word, ...]:
    return tuple(word_of(word) for word in row["words"])


def word_of(value: Sequence[Any]) -> Word:
    """Of what a row holds."""
    start, end, text, probability = value[:4]
    return Word(start, end, text, probability, edited=len(value) > 4)


def written_words(words: Sequence[Word]) -> list[list[Any]]:
    """As a row holds them."""
    return [
        [round(w.start, 3), round(w.end, 3), w.text, round(w.probability, 3), *([True] if w.edited else [])]
        for w in words
    ]


def mean_confidence(words: Sequence[Word]) -> float:
    """Of a passage that consists of them."""
    return round(sum(word.probability for word in words) / len(words), 4) if words else 1.0
