"""A recogniser without a model: what it "hears" follows from the sound alone, so that tests can foresee it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from transcription.speech.engines.base import LATIN_SCRIPT, compression_ratio, require_language
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Hypothesis, Window, Word

SLOT = 0.5
"""Seconds a word lasts."""
AUDIBLE = 0.01
"""Root mean square from which a slot counts as spoken."""


class ScriptedEngine:
    """One word for every audible half second of the recording, named after its slot: "w7" from 3.5 s to 4.0 s.

    The names do not depend on how the recording is cut into windows, so lost and doubled words show. With ``script``
    the words come from there instead, slot by slot and over again. A prefix takes away the words that it names; of a
    script, as many as it has.
    ``delay`` seconds are slept for every window.
    """

    name = "scripted"
    device = ""

    def __init__(self, *, script: Sequence[str] = (), delay: float = 0.0, workers: int = 1) -> None:
        self.model = "scripted"
        self.languages = LATIN_SCRIPT
        self.workers = workers
        self.batch_size = 2
        self._script = tuple(script)
        self._delay = delay

    def transcribe(self, windows: Sequence[Window], options: DecodeOptions) -> list[Hypothesis]:
        require_language(options.language, self.languages)
        return [self._hypothesis(window, options) for window in windows]

    def language_scores(self, windows: Sequence[Window]) -> list[dict[str, float]]:
        return [{"en": 0.95, "de": 0.05} for _ in windows]

    def detect_language(self, windows: Sequence[Window]) -> tuple[str, float]:
        return "en", 0.95

    def _hypothesis(self, window: Window, options: DecodeOptions) -> Hypothesis:
        time.sleep(self._delay)
        words = self._after(window.prefix.split(), tuple(self._words(window)))
        text = "".join(word.text for word in words).strip()
        return Hypothesis(
            text=text,
            language=options.language or "en",
            words=words if options.word_times else (),
            avg_logprob=-0.1,
            compression_ratio=compression_ratio(text),
        )

    def _after(self, known: Sequence[str], words: tuple[Word, ...]) -> tuple[Word, ...]:
        if self._script:
            return words[len(known) :]
        return tuple(word for word in words if word.text.strip() not in known)

    def _words(self, window: Window) -> Iterator[Word]:
        """Of every slot whose middle lies in the window."""
        first = int(np.ceil(window.start / SLOT - 0.5))
        for slot in range(first, int(np.ceil(window.end / SLOT - 0.5))):
            begin = max(0, int((slot * SLOT - window.start) * SAMPLE_RATE))
            end = int(((slot + 1) * SLOT - window.start) * SAMPLE_RATE)
            sound = window.samples[begin:end]
            if len(sound) and float(np.sqrt(np.mean(np.square(sound)))) >= AUDIBLE:
                start = max(window.start, slot * SLOT)
                yield Word(start, min(window.end, (slot + 1) * SLOT), f" {self._word(slot)}", 0.9)

    def _word(self, slot: int) -> str:
        return self._script[slot % len(self._script)] if self._script else f"w{slot}"
