"""Which language is spoken, judged from several windows together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

SURE = 0.8
"""Probability from which the language counts as known."""
FLOOR = 1e-4
"""No single window may rule a language out."""


class LanguageEvidence:
    """Pools the language probabilities of windows as independent evidence (the product of their likelihoods)."""

    def __init__(self) -> None:
        self._log_scores: dict[str, float] = {}
        self.windows = 0

    def add(self, scores: Iterable[Mapping[str, float]]) -> None:
        for window in scores:
            self.windows += 1
            for language, probability in window.items():
                score = math.log(max(probability, FLOOR))
                self._log_scores[language] = self._log_scores.get(language, 0.0) + score

    def best(self) -> tuple[str, float]:
        """The most likely language and its probability; ("", 0.0) before any evidence."""
        if not self._log_scores:
            return "", 0.0
        language, top = max(self._log_scores.items(), key=lambda item: item[1])
        return language, 1.0 / sum(math.exp(score - top) for score in self._log_scores.values())

    @property
    def sure(self) -> bool:
        return self.best()[1] >= SURE


def pooled(scores: Iterable[Mapping[str, float]]) -> tuple[str, float]:
    evidence = LanguageEvidence()
    evidence.add(scores)
    return evidence.best()
