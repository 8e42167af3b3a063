"""What live captions must show, and whether they did."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from transcription.management.benchmarks.live_figures import Figures, median
from transcription.speech.metrics import ErrorCount

OURS, PEER = "scripta", "peer"
ONE_SPEAKER = {
    "shown_p50": 0.6,
    "shown_p95": 1.4,
    "settled_p50": 0.8,
    "settled_p95": 4.0,
    "flicker": 0.8,
    "tail": 1.0,
}
"""Figures of each stream, in seconds where they are times."""
MOST_CPU = 1.2
"""Processor seconds for a second of sound, one speaker."""
MOST_WER_RATIO = 1.1
"""Live to whole file, and several speakers to one, errors of all streams added."""
FEW, MANY = 4, 6
MOST_SHOWN_FEW, MOST_SHOWN_MANY = 3.0, 6.0
"""Seconds, 95th percentile: four speakers at once; six, where nobody may fall behind for good."""
FULL = "1013"


@dataclass(frozen=True, slots=True)
class Trial:
    """One server, one recording, so many speakers at once."""

    server: str
    stream: str
    speakers: int


@dataclass(slots=True)
class Results:
    """Of all rounds of a trial."""

    rounds: list[Figures] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Processor seconds for a second of sound."""
    errors: ErrorCount = ErrorCount()
    problems: list[str] = field(default_factory=list)

    @property
    def figures(self) -> Figures:
        return median(self.rounds)


@dataclass(frozen=True, slots=True)
class Verdict:
    what: str
    value: str
    holds: bool

    def __str__(self) -> str:
        return f"{'holds ' if self.holds else 'MISSED'} {self.what}: {self.value}"


Whole = dict[str, dict[str, ErrorCount]]
"""Errors of each whole-file reading, by stream."""


def judge(results: dict[Trial, Results], whole: Whole, refusals: list[str]) -> Iterator[Verdict]:
    """Only what was measured is judged."""
    ours = {trial: result for trial, result in results.items() if trial.server == OURS}
    by_count = {
        count: [result for trial, result in ours.items() if trial.speakers == count] for count in (1, FEW, MANY)
    }
    if one := by_count[1]:
        yield from _one_speaker(one)
        yield from _whole_file(one, whole)
    if few := by_count[FEW]:
        yield _at_most(f"{FEW} speakers, shown p95", (each.figures.shown_p95 for each in few), MOST_SHOWN_FEW)
        if one:
            yield _ratio(f"{FEW} speakers, WER to one speaker's", _pooled(few), _pooled(one))
    if many := by_count[MANY]:
        yield _at_most(f"{MANY} speakers, shown p95", (each.figures.shown_p95 for each in many), MOST_SHOWN_MANY)
    if refusals:
        refused = all(answer.startswith(FULL) for answer in refusals)
        yield Verdict("one speaker too many is refused", ", ".join(sorted(set(refusals))), refused)
    problems = [problem for result in ours.values() for problem in result.problems]
    yield Verdict("nobody was disturbed", "; ".join(sorted(set(problems))) or "no errors, all finished", not problems)


def tell(say: Any, results: dict[Trial, Results], whole: Whole, refusals: list[str]) -> int:
    """Say each verdict; an exit status."""
    verdicts = list(judge(results, whole, refusals))
    say("")
    for verdict in verdicts:
        say(str(verdict))
    return int(not all(verdict.holds for verdict in verdicts))


def _one_speaker(results: list[Results]) -> Iterator[Verdict]:
    for name, most in ONE_SPEAKER.items():
        values = (float(getattr(each.figures, name)) for each in results)
        yield _at_most(f"one speaker, {name.replace('_', ' ')}", values, most)
    cpu = (statistics.median(each.cpu) for each in results)
    yield _at_most("one speaker, CPU seconds a second", cpu, MOST_CPU)


def _whole_file(results: list[Results], whole: Whole) -> Iterator[Verdict]:
    for name, by_stream in whole.items():
        yield _ratio(f"one speaker, WER to {name}", _pooled(results), sum(by_stream.values(), ErrorCount()))


def _at_most(what: str, values: Iterable[float], most: float) -> Verdict:
    """The worst of the streams counts; one that is not a number was never seen, and fails."""
    found = list(values)
    return Verdict(f"{what} ≤ {most}", ", ".join(f"{value:.2f}" for value in found), all(v <= most for v in found))


def _ratio(what: str, live: ErrorCount, other: ErrorCount) -> Verdict:
    value = f"{live.rate:.2%} to {other.rate:.2%}, {live.rate / other.rate if other.errors else float('inf'):.2f} ×"
    return Verdict(f"{what} ≤ {MOST_WER_RATIO} ×", value, live.rate <= MOST_WER_RATIO * other.rate)


def _pooled(results: list[Results]) -> ErrorCount:
    return sum((each.errors for each in results), ErrorCount())
