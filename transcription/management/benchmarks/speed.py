"""Speed and accuracy of the pipeline beside its peers: same machine, same weights, same files, runs interleaved."""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from transcription.management.benchmarks import readers
from transcription.management.benchmarks.corpus import Row, Score, read_manifest
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.library import library_reader
from transcription.management.benchmarks.scratch import run_in_scratch_folder
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.peers import PEERS

HELP = "Time the pipeline beside faster-whisper and openai-whisper, all with word times."
OURS = "scripta"
REQUIRED = {"faster-whisper": 2.0, "faster-whisper-batched": 1.1, "openai-whisper": 6.0}
"""How many times faster than each peer the pipeline has to be."""


@dataclass
class Contestant:
    read: readers.Reader
    seconds: list[float] = field(default_factory=list)
    """One total a round."""
    cpu_seconds: list[float] = field(default_factory=list)
    """The same in processor time, which other work on the machine changes less."""
    score: Score = field(default_factory=Score)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", help="recordings; a manifest.jsonl beside them gives references")
    parser.add_argument("--rounds", type=int, default=3, help="runs of everything (default 3); medians count")
    parser.add_argument("--model", default="base")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=PEERS)
    parser.add_argument("--compute-type", default="auto")


def run(*, say: Callable[[str], None], **options: Any) -> int:
    """Exit status 1 when a required ratio is missed or the word error rate is above that of faster-whisper."""
    return run_in_scratch_folder(lambda: _in_an_installation(say, **options))


def _in_an_installation(say: Callable[[str], None], **options: Any) -> int:
    """Database and web process run as they do for people; the attempts are made here, where they can be timed."""
    with Installation("--workers", "0"):
        return _measure(say, **options)


def _measure(say: Callable[[str], None], *, files: list[Path], rounds: int, peers: list[str], **options: Any) -> int:
    rows = list(_rows(files))
    contestants = {name: Contestant(read) for name, read in _readers(peers, **options)}
    _warm_up(contestants)
    for number in range(rounds):
        _round(contestants, rows, first=number == 0)
        say(
            f"round {number + 1}: "
            + ", ".join(f"{name} {each.seconds[-1]:.1f} s" for name, each in contestants.items())
        )
    say(_table(contestants))
    return int(not _satisfied(contestants))


def _rows(files: list[Path]) -> Iterator[Row]:
    for path in files:
        manifest = path.parent / "manifest.jsonl"
        known = {row.path.name: row for row in read_manifest(manifest)} if manifest.is_file() else {}
        yield known.get(path.name) or Row(path, "", "en")


def _readers(
    peers: list[str], *, model: str, beam: int, compute_type: str, **_: Any
) -> Iterator[tuple[str, readers.Reader]]:
    engine = EngineOptions(model=model, models_dir=settings.MODELS, device=settings.DEVICE, compute_type=compute_type)
    yield OURS, library_reader(engine, beam_size=beam)
    for name in peers:
        yield name, readers.peer(name, engine, beam_size=beam)


def _warm_up(contestants: dict[str, Contestant]) -> None:
    """Loading libraries and compiling loops belongs to none of the times."""
    for contestant in contestants.values():
        contestant.read(settings.BASE_DIR / "tests" / "data" / "jfk.flac", "en")


def _round(contestants: dict[str, Contestant], rows: list[Row], *, first: bool) -> None:
    for contestant in contestants.values():
        contestant.seconds.append(0.0)
        contestant.cpu_seconds.append(0.0)
    for row in rows:
        for contestant in contestants.values():
            begun, cpu_begun = time.perf_counter(), time.process_time()
            result = contestant.read(row.path, row.language)
            work = time.perf_counter() - begun
            contestant.seconds[-1] += work
            contestant.cpu_seconds[-1] += time.process_time() - cpu_begun
            if first and row.text:
                contestant.score.add(row, result.text, audio_seconds=result.audio_seconds, work_seconds=work)


def _table(contestants: dict[str, Contestant]) -> str:
    ours = contestants[OURS]
    lines = ["| | median s | scripta is faster | processor s | ratio | WER |", "|---|---|---|---|---|---|"]
    for name, each in contestants.items():
        wall, cpu = _median_and_ratio(each.seconds, ours.seconds), _median_and_ratio(each.cpu_seconds, ours.cpu_seconds)
        wer = f"{each.score.words.rate * 100:.2f} %" if each.score.files else "no reference"
        lines.append(f"| {name} | {wall} | {cpu} | {wer} |")
    return "\n".join(lines)


def _median_and_ratio(theirs: list[float], ours: list[float]) -> str:
    median = statistics.median(theirs)
    return f"{median:.1f} | {median / statistics.median(ours):.2f} ×"


def _satisfied(contestants: dict[str, Contestant]) -> bool:
    ours = contestants[OURS]
    faster = all(
        statistics.median(each.seconds) >= REQUIRED[name] * statistics.median(ours.seconds)
        for name, each in contestants.items()
        if name != OURS
    )
    better = all(
        ours.score.words.rate <= each.score.words.rate
        for name, each in contestants.items()
        if name.startswith("faster-whisper")
    )
    return faster and better
