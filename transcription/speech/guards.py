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
from transcription.speech.skips import divide, left_out, place_to_divide
from transcription.speech.types import DecodeOptions, Hypothesis, ShouldStop, Word
from transcription.speech.windows import Cut, Span

MAX_COMPRESSION = 2.4
MIN_LOGPROB = -1.0
MAX_NO_SPEECH = 0.6
MIN_CONFIDENCE = 0.4
"""Mean word probability below which a window that is likely without speech holds no speech."""
EDGE = 0.1
"""Seconds of a word that the detector may not hear: soft sounds at its ends."""
SHORTEST_WORD = 0.04
SILENT_MARGIN = 0.3
"""Seconds that a word may lie beside speech: of 3,000 words read right, none lay further than 0.1 s."""
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
    if len(hypothesis.tokens) >= token_cap(cut.window.text_seconds, options):
        return "endless"
    if hypothesis.avg_logprob < MIN_LOGPROB:
        return "unsure"
    return ""


def invented(hypothesis: Hypothesis) -> bool:
    """Whether the model itself says that nobody speaks, and its text is a guess too. No phrase is forbidden as such."""
    if hypothesis.no_speech_prob <= MAX_NO_SPEECH:
        return False
    return hypothesis.avg_logprob < MIN_LOGPROB or confidence(hypothesis.words) < MIN_CONFIDENCE


def confidence(words: Sequence[Word]) -> float:
    """Mean word probability; 1.0 when there are no words to doubt."""
    return sum(word.probability for word in words) / len(words) if words else 1.0


def heard(words: Sequence[Word], speech: Sequence[Span]) -> tuple[Word, ...]:
    """The words that lie on speech, their times drawn in to where it sounds.

    Attention gives a word after a pause the time of the pause as well; the detector knows better where it begins.
    """
    return tuple(settled for word in words if (settled := _settle(word, speech)))


def _settle(word: Word, speech: Sequence[Span]) -> Word | None:
    near = [span for span in speech if word.end > span.start - SILENT_MARGIN and word.start < span.end + SILENT_MARGIN]
    if not near:
        return None
    start = max(word.start, near[0].start - EDGE)
    end = min(word.end, near[-1].end + EDGE)
    return replace(word, start=round(start, 3), end=round(end, 3)) if end - start >= SHORTEST_WORD else word


def _repeats(text: str) -> bool:
    words = text.lower().split()
    grams = Counter(zip(*(words[shift:] for shift in range(LOOP_WORDS)), strict=False))
    return any(count >= LOOP_TIMES for count in grams.values())


def read(
    cuts: Sequence[Cut],
    engine: Engine,
    options: DecodeOptions,
    should_stop: ShouldStop,
    *,
    temperatures: Sequence[float] = TEMPERATURES,
) -> list[Reading]:
    """Decodes windows; those that trip a guard again with the full context, at each of the ``temperatures``."""
    readings = _attempt(cuts, engine, options)
    for temperature in temperatures:
        again = [index for index, reading in enumerate(readings) if reading.doubt]
        if not again:
            break
        if should_stop():
            raise Cancelled
        harder = replace(options, full_context=True, temperature=temperature)
        for index, reading in zip(again, _attempt([cuts[i] for i in again], engine, harder), strict=True):
            readings[index] = _better(readings[index], reading)
    return [_on_speech(_completed(reading, engine, options)) for reading in readings]


def _completed(reading: Reading, engine: Engine, options: DecodeOptions) -> Reading:
    """Where speech was left out, the window is read in two parts; that counts if it finds more that is believed. The
    words of a translation do not stand where they are said."""
    words = reading.hypothesis.words
    has_places = words and not reading.doubt and options.task == "transcribe"
    gap = left_out(words, reading.cut) if has_places else None
    at = place_to_divide(reading.cut, gap) if gap else None
    if at is None:
        return reading
    head, tail = divide(reading.cut, at)
    before = [reading] if words[-1].start < at else _attempt([head], engine, options)
    text = before[0].hypothesis.text
    told = replace(tail.window, prompt=" ".join(filter(None, [tail.window.prompt, reading.cut.window.prefix, text])))
    (after,) = _attempt([replace(tail, window=told)], engine, options)
    after = _completed(after, engine, options)
    found = _joined(reading, before[0], after)
    return found if len(found.hypothesis.words) > len(words) else reading


def _joined(whole: Reading, before: Reading, after: Reading) -> Reading:
    """Two parts as one; what is doubted in either is left out, for the reading as a whole was not doubted."""
    words = tuple(word for part in (before, after) if _is_believed(part) for word in part.hypothesis.words)
    tokens = (*before.hypothesis.tokens, *after.hypothesis.tokens)
    text = "".join(word.text for word in words).strip()
    return replace(whole, hypothesis=replace(whole.hypothesis, text=text, words=words, tokens=tokens))


def _is_believed(part: Reading) -> bool:
    return not part.doubt and confidence(part.hypothesis.words) >= MIN_CONFIDENCE


def _attempt(cuts: Sequence[Cut], engine: Engine, options: DecodeOptions) -> list[Reading]:
    hypotheses = engine.transcribe([cut.window for cut in cuts], options)
    return [_judge(cut, hypothesis, options) for cut, hypothesis in zip(cuts, hypotheses, strict=True)]


def _judge(cut: Cut, hypothesis: Hypothesis, options: DecodeOptions) -> Reading:
    if invented(hypothesis):
        return Reading(cut, replace(hypothesis, text="", words=(), tokens=()))
    return Reading(cut, hypothesis, tripped(hypothesis, cut, options))


def _on_speech(reading: Reading) -> Reading:
    words = heard(reading.hypothesis.words, reading.cut.speech)
    text = "".join(word.text for word in words).strip()
    return replace(reading, hypothesis=replace(reading.hypothesis, text=text, words=words))


def _better(old: Reading, new: Reading) -> Reading:
    """Undoubted beats doubted, anything beats a loop, then the likelier text wins."""

    def rank(reading: Reading) -> tuple[bool, bool, float]:
        return not reading.doubt, reading.doubt not in ("loop", "endless"), reading.hypothesis.avg_logprob

    return max(old, new, key=rank)
