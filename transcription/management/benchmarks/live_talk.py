"""Somebody talks for hours without a pause: work and memory must not grow with the length of the talk.

First the pure core on a virtual clock, with an engine without a model. With ``--real`` also real recordings, at real
pace, through a server with a real model.
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from django.conf import settings

from transcription.management.benchmarks import live_talk_real
from transcription.management.benchmarks.live_figures import percentile
from transcription.management.benchmarks.live_streams import read_samples
from transcription.management.benchmarks.scratch import INSIDE
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.events import Event
from transcription.speech.live import LiveTranscriber, Urgency, perform
from transcription.speech.live_work import Work
from transcription.speech.types import SAMPLE_RATE, Checkpoint, Samples, TranscribeOptions
from transcription.speech.vad import FRAME, SpeechDetector

HELP = "Talk for hours without a pause, and compare the end with the beginning."
BLOCK = 0.1
"""Seconds of sound at once."""
ENGINE_SECONDS = 0.15
"""How long the engine takes for a window, on the virtual clock."""
PARTS = 10
MOST_GROWTH = 1.2
"""Last part to first."""
LONGEST_WINDOW = 13.0
"""Seconds; longer ones need the model's long context."""
MOST_BYTES = 20e6
"""By which the process may grow after the first part."""
SURE = 0.8
"""Probability of speech of the frames that the talk is made of."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--hours", type=float, default=2.0, help="length of the talk on the virtual clock (default 2)")
    parser.add_argument("--speech", type=Path, nargs="*", help="recordings to make it of (default: those of the tests)")
    parser.add_argument("--real", type=float, default=0.0, metavar="MINUTES", help="also at real pace, real model")
    parser.add_argument("--engine", default=settings.ENGINE, help="of the real talk")
    parser.add_argument("--model", default=settings.MODEL, help="of the real talk")
    parser.add_argument("--language", default="en", help="of the real talk (default en)")


def run(*, say: Any, hours: float, speech: list[Path] | None, real: float, **options: Any) -> int:
    """Exit status 1 when the end costs more than the beginning, or a word was lost or doubled."""
    sources = speech or sorted((settings.BASE_DIR / "tests" / "data").glob("*.flac"))
    status = 0
    if hours and INSIDE not in os.environ:  # the real talk runs this command again, in a folder of its own
        status = talk(say, sources, seconds=hours * 3600)
    if real:
        status |= live_talk_real.run(say=say, sources=sources, seconds=real * 60, **options)
    return status


@dataclass(slots=True)
class Part:
    """One tenth of the talk."""

    feeds: list[float] = field(default_factory=list)
    """Processor seconds that hearing a block took."""
    windows: list[float] = field(default_factory=list)
    """Seconds of sound in each window."""
    seconds: float = 0.0
    """Of sound."""
    rss: int = 0
    """Bytes of the process at its end."""

    @property
    def calls_a_minute(self) -> float:
        return len(self.windows) / max(self.seconds, 1e-9) * 60

    @property
    def window_seconds_a_second(self) -> float:
        return sum(self.windows) / max(self.seconds, 1e-9)

    @property
    def seconds_a_block(self) -> float:
        """The median: what else runs on the machine spoils a few."""
        return percentile(self.feeds, 50)

    def __str__(self) -> str:
        return (
            f"{self.calls_a_minute:5.0f} calls a minute, {self.window_seconds_a_second:6.2f} s of windows a second, "
            f"longest {max(self.windows, default=0):5.2f} s, hearing {1000 * self.seconds_a_block:.2f} ms a block "
            f"(p99 {1000 * percentile(self.feeds, 99):.2f}), {self.rss / 1e6:.0f} MB"
        )


def talk(say: Any, sources: Sequence[Path], *, seconds: float) -> int:
    """The pure core; an exit status."""
    sound = unbroken_speech(sources)
    say(f"{seconds / 3600:.2f} h made of {len(sound) / SAMPLE_RATE:.0f} s of speech without a pause")
    simulation = Simulation(sound)
    parts = []
    for number in range(PARTS):
        parts.append(simulation.part(seconds / PARTS))
        say(f"part {number + 1:2}: {parts[-1]}")
    simulation.end()
    problems = [*growth(parts), *simulation.lost_or_doubled()]
    for problem in problems:
        say(f"MISSED {problem}")
    say(f"{len(simulation.words)} words, {simulation.segments} segments; flat and complete: {not problems}")
    return int(bool(problems))


def unbroken_speech(sources: Sequence[Path]) -> Samples:
    """What the detector is sure of in the recordings, joined without anything between."""
    pieces = []
    for path in sources:
        samples = read_samples(path)
        frames = samples[: len(samples) // FRAME * FRAME]
        sure = SpeechDetector().probabilities(frames) >= SURE
        pieces.append(frames.reshape(-1, FRAME)[sure].reshape(-1))
    return np.concatenate(pieces)


def growth(parts: Sequence[Part]) -> Iterator[str]:
    """What is larger in the end than in the beginning."""
    first, last = parts[0], parts[-1]
    for name in ("calls_a_minute", "window_seconds_a_second", "seconds_a_block"):
        before, after = getattr(first, name), getattr(last, name)
        if after > MOST_GROWTH * before:
            yield f"{name.replace('_', ' ')}: {before:.3f} in the first part, {after:.3f} in the last"
    if (longest := max(max(part.windows, default=0.0) for part in parts)) > LONGEST_WINDOW:
        yield f"a window of {longest:.1f} s"
    if (grown := last.rss - first.rss) > MOST_BYTES:
        yield f"the process grew by {grown / 1e6:.0f} MB"


class Simulation:
    """A speaker, and an engine that always takes the same time, on a clock of their own."""

    def __init__(self, sound: Samples) -> None:
        self.engine = ScriptedEngine()
        self.transcriber = LiveTranscriber(TranscribeOptions(language="en"), languages=self.engine.languages)
        self.words: list[str] = []
        self.segments = 0
        self._sound = sound
        self._block = int(BLOCK * SAMPLE_RATE)
        self._heard = 0
        self._work: Work | None = None
        self._done_at = 0.0
        self._process = psutil.Process()

    @property
    def now(self) -> float:
        return self._heard / SAMPLE_RATE

    def part(self, seconds: float) -> Part:
        part, end = Part(), self._heard + int(seconds * SAMPLE_RATE)
        begin = self._heard
        while self._heard < end:
            block = self._next_block()
            began = time.process_time()
            events = self.transcriber.feed(block, self.now)
            part.feeds.append(time.process_time() - began)
            self._take(events)
            self._serve(part)
        part.seconds, part.rss = (self._heard - begin) / SAMPLE_RATE, self._process.memory_info().rss
        return part

    def end(self) -> None:
        self._take(self.transcriber.finish(self.now))
        while not self.transcriber.is_done:
            self._done_at = 0.0  # the clock stands still now
            self._serve(Part())

    def lost_or_doubled(self) -> Iterator[str]:
        """Each word is named after its half second: w0, w1, w2 …"""
        numbers = [int(word.removeprefix("w")) for word in self.words]
        expected = range(int(self.now / 0.5))
        if doubled := len(numbers) - len(set(numbers)):
            yield f"{doubled} words were doubled"
        if lost := sorted(set(expected) - set(numbers)):
            yield f"{len(lost)} words were lost: {lost[:10]}"
        if numbers != sorted(numbers):
            yield "words are out of order"

    def _next_block(self) -> Samples:
        places = np.arange(self._heard, self._heard + self._block) % len(self._sound)
        self._heard += self._block
        return self._sound[places]

    def _serve(self, part: Part) -> None:
        """Give back what the engine has read by now, and let it begin with the next."""
        if self._work is not None and self.now >= self._done_at:
            work, self._work = self._work, None
            self._take(self.transcriber.complete(work, perform([work], self.engine)[0], self.now))
        if self._work is None and self.transcriber.urgency(self.now) != Urgency.IDLE:
            self._work = self.transcriber.begin(self.now)
            self._done_at = self.now + ENGINE_SECONDS
            if self._work is not None:
                part.windows.append(self._work.window.duration)

    def _take(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Checkpoint):
                self.segments += len(event.segments)
                self.words += [word for segment in event.segments for word in segment.text.split()]
