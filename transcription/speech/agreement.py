"""Which words of successive hypotheses stay: agreement between readings of a growing window.

Local agreement was published by Liu, Spanakis and Niehues (Interspeech 2020) and used for Whisper by Macháček, Dabre
and Bojar (https://arxiv.org/abs/2307.14743). Here more readings than two have to agree, and the newest words wait.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from transcription.speech.types import Word

READINGS = 6
"""Readings in a row that have to agree before a word may be called stable."""
UNCERTAIN = 4
"""Words at the end of a thorough reading that a quick one may change: what follows them was not heard yet."""
RECENT = 6
"""Words at the end of what is shown that follow a quick reading at once: they were read with little sound after them,
and nobody has read far beyond them."""
HELD_BACK = 8
"""Words at the end of what is agreed that wait for more sound: they are what a later reading changes most."""

_WORD = re.compile(r"\s*\S+")
_UNSPACED = re.compile(r"\s*[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\s*\S")
_UNSPACED_LANGUAGES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km"})
_MARKS = re.compile(r"[^\w]+")


def is_unspaced(language: str) -> bool:
    """Whether it is written without spaces between words."""
    return language in _UNSPACED_LANGUAGES


def split_words(text: str, language: str) -> list[str]:
    """Words with their leading space, the first too; single characters in scripts that write none."""
    return _UNSPACED.findall(text) if is_unspaced(language) else _WORD.findall(" " + text.strip())


def same(one: str, other: str) -> bool:
    """Whether two words differ at most in case and punctuation."""
    return one == other or key(one) == key(other)


def key(word: str) -> str:
    return _MARKS.sub("", word).casefold() or word.strip()


def without_echo(words: Sequence[str]) -> list[str]:
    """The words up to where they begin to repeat themselves: a decoder that has no more to say may begin anew.

    A repetition is at least three words said twice in a row, or fewer four times. A new sentence that begins as the
    last one did cannot be told from it; its words are there again with the first one that differs.
    """
    keys = [key(word) for word in words]
    for begin in range(1, len(keys)):
        for length in range(1, begin + 1):
            same_again = _shared(keys[begin:], keys[begin - length :])
            is_over = same_again >= (length if length >= 3 else 3 * length)
            if is_over or (same_again >= 3 and begin + same_again == len(keys) and 2 * same_again >= length):
                return list(words[:begin])
    return list(words)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first words are the same."""
    return next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


class StableText:
    """Turns readings of one utterance into what is stable and what may change.

    A reader is disturbed by words that come and go. So where a quick reading differs from what is shown, and goes on as
    it did before, the shown words stay until a second reading in a row says the same; the last few follow at once.
    What a thorough reading has found, no quick one changes.
    """

    def __init__(self) -> None:
        self.stable: list[str] = []
        self.shown: list[str] = []
        self._before: list[str] = []
        self._fixed = 0
        """How many of the shown words a quick reading must leave."""
        self._history: deque[list[str]] = deque(maxlen=READINGS)

    def update(self, words: Sequence[str], *, thorough: bool = False) -> tuple[str, str]:
        """Take a new reading of all the utterance; gives the stable and the unstable part of what to show.

        A ``thorough`` reading is believed at once.
        """
        if thorough:
            self.shown = [*self.stable, *words[_place_after(self.stable, words) :]]
            self._fixed = len(self.shown) - UNCERTAIN
        else:
            self.shown = self._merged(words)
        self._before = list(words)
        self._history.append(self.shown)
        if len(self._history) == READINGS:
            agreed = _common(self._history)
            self.stable = self.stable + self.shown[len(self.stable) : max(0, agreed - HELD_BACK)]
        return "".join(self.stable), "".join(self.shown[len(self.stable) :])

    def _merged(self, words: Sequence[str]) -> list[str]:
        old, new = [key(word) for word in self.shown], [key(word) for word in words]
        matcher = SequenceMatcher(a=old, b=new, autojunk=False)
        merged: list[str] = []
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            is_recent = i2 >= len(old) - RECENT
            keep = i1 < max(len(self.stable), self._fixed) or not (
                is_recent or self._confirmed(old[max(0, i1 - 1) : i2 + 1], new[max(0, j1 - 1) : j2 + 1])
            )
            if kind == "equal":
                first = min(max(i1, len(self.stable)), i2)
                merged += self.shown[i1:first] + list(words[j1 + first - i1 : j2])  # their marks and case may be new
                continue
            merged += self.shown[i1:i2] if keep else words[j1:j2]
            if keep and i2 == len(old):
                merged += words[j1 + max(0, i2 - i1) : j2]
        return merged

    def _confirmed(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Whether the reading before had the new words between their neighbours already, and not the old ones."""
        before = [key(word) for word in self._before]
        return _contains(before, new) and not _contains(before, old)


def _contains(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1))


def _common(readings: Sequence[Sequence[str]]) -> int:
    """How many words at the beginning all readings share."""
    count = 0
    for together in zip(*readings, strict=False):
        if not all(same(together[0], word) for word in together[1:]):
            break
        count += 1
    return count


def _place_after(stable: Sequence[str], words: Sequence[str]) -> int:
    """Where in ``words`` the text goes on that begins with ``stable``."""
    if all(same(one, other) for one, other in zip(stable, words, strict=False)):
        return len(stable)
    matcher = SequenceMatcher(a=[key(word) for word in stable], b=[key(word) for word in words], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return len(stable)
    last = blocks[-1]
    return last.b + last.size + (len(stable) - last.a - last.size)


def keep_stable(stable: Sequence[str], words: Sequence[Word], span: tuple[float, float]) -> tuple[Word, ...]:
    """The final words, made to begin with what was called stable: a reader has seen it as text that stays.

    Where they differ, the stable words share the time of those that they replace; of ``span`` if there are none.
    """
    place = _place_after(stable, [word.text for word in words])
    if place == len(stable) <= len(words):
        return (*(replace(word, text=text) for word, text in zip(words, stable, strict=False)), *words[place:])
    replaced = words[:place]
    start, end = (replaced[0].start, replaced[-1].end) if replaced else span
    step = (end - start) / len(stable)
    probability = sum(word.probability for word in replaced) / len(replaced) if replaced else 0.0
    times = (start + number * step for number in range(len(stable)))
    spread = (Word(round(t, 3), round(t + step, 3), text, probability) for t, text in zip(times, stable, strict=True))
    return (*spread, *words[place:])
