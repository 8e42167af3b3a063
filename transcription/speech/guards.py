"""Guards against text that nobody said: loops, guesses, and words over silence.

The thresholds for compression ratio, log-probability and no-speech are those of Whisper's own decoder
(https://arxiv.org/abs/2212.04356, section 4.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from transcription.speech.engines.base import Engine, token_cap
from transcription.speech.errors import Cancelled
from transcription.speech.types import DecodeOptions, Hypothesis, ShouldStop
from transcription.speech.windows import Cut

MAX_COMPRESSION = 2.4
MIN_LOGPROB = -1.0
MAX_NO_SPEECH = 0.6
LOOP_WORDS, LOOP_TIMES = 3, 5
"""The same three words in a row, five times in a window of at most 13 s, are a loop that short text hides from zlib."""
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is believed about one window; ``doubt`` names a guard that no attempt satisfied."""

    cut: Cut
    hypothesis: Hypothesis
    doubt: str = ""


def tripped(hypothesis: Hypothesis, cut: Cut, options: DecodeOptions) -> str:
    """The name of the guard that rejects this hypothesis, "" when all accept it."""
    if not hypothesis.text:
        return ""
    if hypothesis.compression_ratio > MAX_COMPRESSION or _repeats(hypothesis.text):
        return "loop"
    if len(hypothesis.tokens) >= token_cap(cut.window.duration, options):
        return "endless"
    if hypothesis.avg_logprob < MIN_LOGPROB:
        return "unsure"
    return ""


def _repeats(text: str) -> bool:
    words = text.lower().split()
    grams = Counter(zip(*(words[shift:] for shift in range(LOOP_WORDS)), strict=False))
    return any(count >= LOOP_TIMES for count in grams.values())


def read(cuts: Sequence[Cut], engine: Engine, options: DecodeOptions, should_stop: ShouldStop) -> list[Reading]:
    """Decodes windows; those that trip a guard again with the full context, then at rising temperature."""
    readings = _attempt(cuts, engine, options)
    for temperature in TEMPERATURES:
        again = [index for index, reading in enumerate(readings) if reading.doubt]
        if not again:
            break
        if should_stop():
            raise Cancelled
        harder = replace(options, full_context=True, temperature=temperature)
        for index, reading in zip(again, _attempt([cuts[i] for i in again], engine, harder), strict=True):
            readings[index] = _better(readings[index], reading)
    return readings


def _attempt(cuts: Sequence[Cut], engine: Engine, options: DecodeOptions) -> list[Reading]:
    hypotheses = engine.transcribe([cut.window for cut in cuts], options)
    return [
        Reading(cut, hypothesis, tripped(hypothesis, cut, options))
        for cut, hypothesis in zip(cuts, hypotheses, strict=True)
    ]


def _better(old: Reading, new: Reading) -> Reading:
    """Undoubted beats doubted, anything beats a loop, then the likelier text wins."""

    def rank(reading: Reading) -> tuple[bool, bool, float]:
        return not reading.doubt, reading.doubt not in ("loop", "endless"), reading.hypothesis.avg_logprob

    return max(old, new, key=rank)
