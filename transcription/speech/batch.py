"""Transcribes a whole recording: blocks of sound in, checkpoints of segments out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from transcription.speech.engines.base import Engine, require_language
from transcription.speech.engines.language import LanguageEvidence
from transcription.speech.errors import Cancelled
from transcription.speech.guards import TEMPERATURES, Reading, confidence, read
from transcription.speech.sentences import split_sentences
from transcription.speech.types import (
    SAMPLE_RATE,
    Checkpoint,
    DecodeOptions,
    Decoding,
    Samples,
    Segment,
    ShouldStop,
    TranscribeOptions,
    Word,
)
from transcription.speech.vad import FRAME, SpeechDetector
from transcription.speech.windows import Cut, WindowCutter

MOST_IN_WORK = 60.0
"""Seconds of sound between the last checkpoint and the end of what is being read: what a crash costs at most."""
SILENT_STEP = 30.0
"""Silence is reported as progress in steps of this many seconds."""
WARM_UP_SECONDS = 20.0
"""Sound before the start that the detector of speech should hear when a recording is not read from its beginning: its
gain remembers as much. With 5 s a soft word three seconds after the start was lost."""
STOP_POLL = 0.1
"""Seconds between two looks at ``should_stop`` while the engine works."""


def transcribe(
    blocks: Iterable[Samples],
    engine: Engine,
    options: TranscribeOptions,
    *,
    start: float = 0.0,
    first_index: int = 0,
    language: str = "",
    warm_up: float = 0.0,
    should_stop: ShouldStop = lambda: False,
) -> Iterator[Checkpoint]:
    """Checkpoints in order, each covering at most 60 s of sound.

    ``blocks`` begin ``warm_up`` seconds before ``start`` seconds of the recording. To resume, pass the position of the
    last checkpoint, the index after its last segment, its language, and some seconds to warm up: the detector of speech
    listens to them, so that it hears the first word as it would have without the break. Memory stays bounded however
    long the recording is. Raises ``Cancelled`` a fraction of a second after ``should_stop`` turns true; an engine
    call under way then finishes unheard in its thread. Raises ``UnsupportedLanguage`` and ``ModelError``.
    ``options.prompt`` is for the first window: whoever resumes gives none.
    """
    require_language(options.language, engine.languages)
    run = _Run(engine, options, start, first_index, language or options.language, should_stop)
    try:
        first = True  # window of the recording
        for position, cuts in _cuts(blocks, start, warm_up, ", ".join(options.vocabulary)):
            if first and cuts:
                cuts, first = [_told(cuts[0], options.prompt), *cuts[1:]], False
            yield from run.take(position, cuts)
            if should_stop():
                raise Cancelled
        yield from run.finish()
    finally:
        run.close()


def _told(cut: Cut, earlier: str) -> Cut:
    """With text that came before, closest to the sound: the end of a long prompt is what the decoder sees."""
    prompt = " ".join(filter(None, [cut.window.prompt, earlier]))
    return replace(cut, window=replace(cut.window, prompt=prompt))


def _cuts(blocks: Iterable[Samples], start: float, warm_up: float, prompt: str) -> Iterator[tuple[float, list[Cut]]]:
    """After each block: the position up to which all speech has come out, and the windows that did."""
    detector, cutter = SpeechDetector(), WindowCutter(start=start, prompt=prompt)
    rest: Samples = np.zeros(0, dtype=np.float32)
    for block in _warmed_up(blocks, detector, round(warm_up * SAMPLE_RATE)):
        samples = np.concatenate([rest, block])
        whole = len(samples) // FRAME * FRAME
        samples, rest = samples[:whole], samples[whole:]
        cuts = list(cutter.feed(samples, detector.probabilities(samples)))
        yield cutter.position, cuts
    padded = np.pad(rest, (0, -len(rest) % FRAME))
    cuts = [*cutter.feed(rest, detector.probabilities(padded)), *cutter.finish()]
    yield cutter.position, cuts


def _warmed_up(blocks: Iterable[Samples], detector: SpeechDetector, samples: int) -> Iterator[Samples]:
    """What follows the first ``samples``, which only the detector hears."""
    heard: list[Samples] = []
    for block in blocks:
        head, block = block[:samples], block[samples:]
        if samples:
            heard.append(head)
            samples -= len(head)
            if samples == 0:
                sound = np.concatenate(heard)
                detector.probabilities(sound[len(sound) % FRAME :])
        if len(block):
            yield block


@dataclass(frozen=True, slots=True)
class _Work:
    end: float
    readings: Future[list[Reading]]


class _Run:
    """The state of one transcription: windows waiting, windows in work, what has been handed out."""

    def __init__(
        self,
        engine: Engine,
        options: TranscribeOptions,
        start: float,
        first_index: int,
        language: str,
        should_stop: ShouldStop,
    ) -> None:
        self._engine = engine
        fixed = options.temperature
        self._decode = DecodeOptions(
            language=language, task=options.task, beam_size=options.beam_size, temperature=fixed or 0.0
        )
        self._temperatures = TEMPERATURES if fixed is None else (fixed,)
        self._should_stop = should_stop
        self._indices = count(first_index)
        self._evidence = LanguageEvidence()
        self._probability = 1.0 if language else 0.0
        self._done = start
        self._position = start
        self._waiting: list[Cut] = []
        self._working: deque[_Work] = deque()
        self._submitted = 0
        self._threads = ThreadPoolExecutor(engine.workers, thread_name_prefix="recogniser")

    def take(self, position: float, cuts: Sequence[Cut]) -> Iterator[Checkpoint]:
        for cut in cuts:
            if self._waiting and cut.window.end - self._waiting[0].window.start > MOST_IN_WORK / self._engine.workers:
                yield from self._submit()
            self._waiting.append(cut)
            if len(self._waiting) >= self._group_size():
                yield from self._submit()
        self._position = position
        if self._waiting and position - self._waiting[0].window.start > SILENT_STEP:
            yield from self._submit()
        while self._working and self._working[0].readings.done():
            yield self._next()
        if not self._working and not self._waiting and position - self._done >= SILENT_STEP:
            yield self._checkpoint(position, ())

    def finish(self) -> Iterator[Checkpoint]:
        if self._waiting:
            yield from self._submit()
        while self._working:
            yield self._next()
        yield self._checkpoint(max(self._position, self._done), ())

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _group_size(self) -> int:
        """The first windows go alone, so that the reader soon sees text."""
        return 1 if self._submitted < self._engine.workers else self._engine.batch_size

    def _submit(self) -> Iterator[Checkpoint]:
        group, self._waiting = self._waiting, []
        end = group[-1].window.end
        while self._working and (len(self._working) >= self._engine.workers or end - self._done > MOST_IN_WORK):
            yield self._next()
        # Silence before the group is over: it need not be counted as work at risk.
        if not self._working and group[0].window.start - self._done >= SILENT_STEP:
            yield self._checkpoint(group[0].window.start, ())
        self._settle_language(group)
        readings = self._threads.submit(
            read, group, self._engine, self._decode, self._should_stop, temperatures=self._temperatures
        )
        self._working.append(_Work(end, readings))
        self._submitted += 1

    def _settle_language(self, group: Sequence[Cut]) -> None:
        """Pools the evidence of the first windows until it is sure; meanwhile the best guess is used."""
        if self._probability == 1.0 or self._evidence.sure:
            return
        self._evidence.add(self._engine.language_scores([cut.window for cut in group]))
        language, self._probability = self._evidence.best()
        self._decode = replace(self._decode, language=language)

    def _next(self) -> Checkpoint:
        work = self._working.popleft()
        while not wait([work.readings], timeout=STOP_POLL).done:
            if self._should_stop():
                raise Cancelled
        segments = [segment for reading in work.readings.result() for segment in self._segments(reading)]
        return self._checkpoint(work.end, segments)

    def _segments(self, reading: Reading) -> Iterator[Segment]:
        hypothesis = reading.hypothesis
        language = "en" if self._decode.task == "translate" else hypothesis.language
        for words in split_sentences(hypothesis.words):
            yield Segment(
                index=next(self._indices),
                start=words[0].start,
                end=words[-1].end,
                text="".join(word.text for word in words).strip(),
                language=language,
                words=words,
                confidence=confidence(words),
                doubt=reading.doubt,
                decoding=_decoding(reading, words),
            )

    def _checkpoint(self, position: float, segments: Iterable[Segment]) -> Checkpoint:
        self._done = position
        return Checkpoint(position, tuple(segments), self._decode.language, self._probability)


def _decoding(reading: Reading, words: Sequence[Word]) -> Decoding:
    hypothesis = reading.hypothesis
    return Decoding(
        seek=round(reading.cut.window.start * 100),
        temperature=hypothesis.temperature,
        avg_logprob=hypothesis.avg_logprob,
        compression_ratio=hypothesis.compression_ratio,
        no_speech_prob=hypothesis.no_speech_prob,
        tokens=tuple(token for word in words for token in word.tokens),
    )
