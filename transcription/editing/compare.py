"""Two states of a text compared word by word.

Ten hours are some 90,000 words: too many to compare at once (the time grows with the product). Both are cut at moments
around which they say the same, and the pieces are compared.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal, NamedTuple

from transcription.editing.changes import Row
from transcription.editing.passages import word_of

PIECE = 400
"""Words after which a cut is looked for."""
WINDOW = 15.0
"""Seconds by which two versions may place the same words differently."""


class SpokenWord(NamedTuple):
    start: float
    text: str
    passage: int


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that are the same in both, or stand in one only. For "same", the words of the newer state."""

    kind: Literal["same", "removed", "added"]
    words: tuple[SpokenWord, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def spoken_words(index: int, row: Row) -> Iterator[SpokenWord]:
    """Of a passage; without times of their own, all begin when the passage does."""
    if row["words"]:
        yield from (SpokenWord(word.start, word.text.strip(), index) for word in map(word_of, row["words"]))
    else:
        yield from (SpokenWord(row["start"], text, index) for text in row["text"].split())


def compare(old: Sequence[SpokenWord], new: Sequence[SpokenWord]) -> list[Run]:
    """What leads from the old words to the new. Letters count, signs and case too."""
    runs: list[Run] = []
    for (a, b), (c, d) in pairwise(_cuts(old, new)):
        runs += _compare_piece(old[a:c], new[b:d])
    return list(_joined(runs))


def _cuts(old: Sequence[SpokenWord], new: Sequence[SpokenWord]) -> Iterator[tuple[int, int]]:
    """Pairs of places where both go on with the same three words, at about the same time."""
    yield (0, 0)
    starts = [word.start for word in new]
    a, b = PIECE, 0
    while a < len(old) - 3:
        near = range(bisect_left(starts, old[a].start - WINDOW, b), bisect_left(starts, old[a].start + WINDOW, b))
        found = [n for n in near if _same_words(old[a : a + 3], new[n : n + 3])]
        if len(found) == 1 and found[0] > b:
            b = found[0]
            yield (a, b)
            a += PIECE
        else:
            a += 1
    yield (len(old), len(new))


def _same_words(old: Sequence[SpokenWord], new: Sequence[SpokenWord]) -> bool:
    return [word.text for word in old] == [word.text for word in new]


def _compare_piece(old: Sequence[SpokenWord], new: Sequence[SpokenWord]) -> Iterator[Run]:
    matcher = SequenceMatcher(None, [word.text for word in old], [word.text for word in new], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Run("same", tuple(new[c:d]))
            continue
        if b > a:
            yield Run("removed", tuple(old[a:b]))
        if d > c:
            yield Run("added", tuple(new[c:d]))


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Without two runs of the same kind in a row, as cuts leave them."""
    held: Run | None = None
    for run in runs:
        if held is not None and held.kind == run.kind:
            held = Run(held.kind, held.words + run.words)
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held
