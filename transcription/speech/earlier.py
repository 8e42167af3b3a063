"""What a live transcriber knows beside the newest sound: the words before, and the language."""

from __future__ import annotations

from collections.abc import Sequence

from transcription.speech.engines.base import SHORT_WINDOW
from transcription.speech.engines.language import LanguageEvidence
from transcription.speech.types import Word

MOST_GAP = 2.0
"""Seconds of silence across which no context is heard: decoding it invites invented text."""
PROMPT_CHARACTERS = 300
KEPT_SECONDS = 2 * SHORT_WINDOW


class EarlierText:
    """Settled words: the newest with their times, to be heard again; those before as text only."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[Word] = []

    def add(self, words: Sequence[Word]) -> None:
        self._words += words
        oldest = self._words[-1].end - KEPT_SECONDS
        gone = [word for word in self._words if word.start < oldest]
        self._text = (self._text + "".join(word.text for word in gone))[-2 * PROMPT_CHARACTERS :]
        self._words = self._words[len(gone) :]

    def context(self, *, before: float, since: float) -> list[Word]:
        """The last words that begin after ``since`` seconds, none across a long silence ahead of ``before``."""
        found: list[Word] = []
        later = before
        for word in reversed(self._words):
            if word.start < since or later - word.end > MOST_GAP:
                break
            found.append(word)
            later = word.start
        return found[::-1]

    def prompt(self, vocabulary: Sequence[str], *, without: int) -> str:
        """Vocabulary and the text before the last ``without`` words."""
        words = self._words[: len(self._words) - without]
        earlier = (self._text + "".join(word.text for word in words)).strip()[-PROMPT_CHARACTERS:]
        return " ".join(part for part in (", ".join(vocabulary), earlier) if part)


class SpokenLanguage:
    """Chosen, or pooled from windows until it is sure. A choice made while somebody speaks waits for ``apply``."""

    def __init__(self, language: str) -> None:
        self.code = language
        self.is_sure = bool(language)
        self._evidence = LanguageEvidence()
        self._wanted: str | None = None

    def choose(self, language: str) -> None:
        """ "" means: detect it again."""
        self._wanted = language

    def apply(self) -> None:
        if self._wanted is not None:
            self.code, self.is_sure = self._wanted, bool(self._wanted)
            self._evidence, self._wanted = LanguageEvidence(), None

    def weigh(self, scores: dict[str, float]) -> None:
        """Take the probabilities of one window into account."""
        if scores and not self.is_sure:
            self._evidence.add([scores])
            self.code, self.is_sure = self._evidence.best()[0], self._evidence.sure

    @property
    def probability(self) -> float:
        if self._evidence.windows:
            return self._evidence.best()[1]
        return 1.0 if self.code else 0.0
