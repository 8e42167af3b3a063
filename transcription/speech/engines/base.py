"""What every recogniser offers: windows of sound in, hypotheses out."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from transcription.speech.errors import UnsupportedLanguage
from transcription.speech.types import DecodeOptions, Hypothesis, Window

SHORT_CONTEXT = 15.0
"""Seconds of encoder context for a window of at most ``SHORT_WINDOW`` seconds.

Whisper pads every window to 30 s. At 15 s the encoder costs 40 % as much and the word error rate is no higher
(100 LibriSpeech test-other utterances, base, greedy: 10.69 -> 10.01 %); below 12 s accuracy pays for the time.
"""
SHORT_WINDOW = 13.0
QUICK_CONTEXTS = (8.0, 10.0, 12.0)
"""Seconds of encoder context, for texts that a better reading replaces within seconds: live partial texts."""
QUICK_MARGIN = 1.0
"""Seconds of a quick context that stay empty after the window: without, its last words are cut off."""
FULL_CONTEXT = 30.0
TEXT_CONTEXT = 448
"""Tokens the decoder can hold: prompt, task tokens and text."""
MAX_TEXT_TOKENS = TEXT_CONTEXT // 2
TOKENS_PER_SECOND = 7
DENSE_TOKENS_PER_SECOND = 16
"""For scripts that Whisper's vocabulary spells out in bytes or single characters."""
LATIN_SCRIPT = frozenset(
    # fmt: off
    (
        "af",
        "az",
        "br",
        "bs",
        "ca",
        "cs",
        "cy",
        "da",
        "de",
        "en",
        "es",
        "et",
        "eu",
        "fi",
        "fo",
        "fr",
        "gl",
        "ha",
        "haw",
        "hr",
        "ht",
        "hu",
        "id",
        "is",
        "it",
        "jw",
        "la",
        "lb",
        "ln",
        "lt",
        "lv",
        "mg",
        "mi",
        "ms",
        "mt",
        "nl",
        "nn",
        "no",
        "oc",
        "pl",
        "pt",
        "ro",
        "sk",
        "sl",
        "sn",
        "so",
        "sq",
        "su",
        "sv",
        "sw",
        "tk",
        "tl",
        "tr",
        "uz",
        "vi",
        "yo",
    )
    # fmt: on
)
OPENING_MARKS, CLOSING_MARKS = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the word after them, and to the word before them."""
RANDOM_SEED = 20_220_921
"""Sampling at a temperature gives the same text for the same file."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engine to load, with which model, on which hardware."""

    name: str = "faster-whisper"
    model: str = "base"
    """A name of the catalogue or the path of a model folder."""
    models_dir: Path = Path("data/models")
    device: str = "auto"
    """"auto", "cpu" or "cuda"."""
    compute_type: str = "auto"
    """"auto" means int8 on a CPU and float16 on a GPU."""
    threads: int = 0
    """CPU threads, 0 means one for every core this process may use."""
    workers: int = 0
    """Calls side by side, of which each may use all the threads, so that a lone call is quick. 0 means as many calls as
    there are threads, on one thread each: most work in all."""


class Engine(Protocol):
    """Stateless between calls and safe to call from ``workers`` threads at once."""

    name: str
    model: str
    languages: frozenset[str]
    device: str
    """Where it computes: "cpu", "cuda", or "" for nowhere."""
    workers: int
    """Calls that run side by side without slowing each other down."""
    batch_size: int
    """Windows a call should carry to use the hardware well."""

    def transcribe(self, windows: Sequence[Window], options: DecodeOptions) -> list[Hypothesis]:
        """One hypothesis a window, in order. Windows are at most 30 s long. ``options.language`` "" is detected from
        all the windows together. Raises ``UnsupportedLanguage`` and ``ModelError``."""

    def language_scores(self, windows: Sequence[Window]) -> list[dict[str, float]]:
        """Probability of every language, one mapping a window."""

    def detect_language(self, windows: Sequence[Window]) -> tuple[str, float]:
        """The language that explains all the windows best, with its probability."""


def context_seconds(window: Window, options: DecodeOptions) -> float:
    """Seconds of encoder context that a window is padded to."""
    if options.quick:
        for context in QUICK_CONTEXTS:
            if window.duration <= context - QUICK_MARGIN:
                return context
    return SHORT_CONTEXT if window.duration <= SHORT_WINDOW and not options.full_context else FULL_CONTEXT


def batches(windows: Sequence[Window], options: DecodeOptions) -> list[tuple[tuple[float, str, str], list[int]]]:
    """Indices of windows that can be decoded together, under their common context seconds, prompt and prefix."""
    groups: dict[tuple[float, str, str], list[int]] = defaultdict(list)
    for index, window in enumerate(windows):
        groups[context_seconds(window, options), window.prompt, window.prefix].append(index)
    return list(groups.items())


def token_cap(seconds: float, options: DecodeOptions) -> int:
    """Most tokens that speech of this length can need: a decoder that reaches it is in a loop.

    English speech has 3 to 5 tokens a second. With the full context, the fall-back, only the model's own limit holds.
    """
    if options.full_context:
        return MAX_TEXT_TOKENS
    latin = options.language in LATIN_SCRIPT or options.task == "translate"
    rate = TOKENS_PER_SECOND if latin else DENSE_TOKENS_PER_SECOND
    return min(MAX_TEXT_TOKENS, int(seconds * rate) + 8)


def compression_ratio(text: str) -> float:
    """How well text packs: above 2.4 it repeats itself (the measure of Whisper's own decoder)."""
    data = text.strip().encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def require_language(language: str, languages: frozenset[str]) -> None:
    if language and language not in languages:
        raise UnsupportedLanguage(detail=f"language {language!r}")
