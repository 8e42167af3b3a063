"""A long talk at real pace, through a server with a real model: its first minutes against its last."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from accounts.services import keys
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.live_client import BYTES, RATE, LiveClient, require_websockets
from transcription.management.benchmarks.live_figures import Figures, SpokenWord, figures, look
from transcription.management.benchmarks.live_streams import Talk, read_samples, speak, to_pcm
from transcription.management.benchmarks.memory import resident_bytes
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.speech.audio import Limits, decode
from transcription.speech.batch import transcribe
from transcription.speech.engines.base import Engine, EngineOptions
from transcription.speech.engines.registry import load_engine
from transcription.speech.types import TranscribeOptions

COMPARED = 300.0
"""Seconds at the beginning and at the end, of long talks; of short ones, a quarter."""
MOST_GROWTH = 1.25
SLACK = 0.2
"""Seconds by which a percentile may differ anyway: other words are spoken."""
MOST_BYTES = 50e6
"""By which the web process may grow from the end of the first minutes on."""
LOOK_SECONDS = 2.0

Memory = list[tuple[float, int]]
"""Seconds since the beginning, bytes."""


def run(*, say: Any, sources: Sequence[Path], seconds: float, **options: Any) -> int:
    """Exit status 1 when words come later, or memory has grown."""
    require_websockets()
    return run_in_scratch_folder(lambda: _measure(say, sources, seconds, **options))


def _measure(
    say: Any, sources: Sequence[Path], seconds: float, *, engine: str, model: str, language: str, **_: Any
) -> int:
    pcm, spoken = joined(
        sources, seconds, EngineOptions(name=engine, model=model, models_dir=settings.MODELS), language
    )
    say(f"{len(pcm) / BYTES / RATE / 60:.1f} min of {len(sources)} recordings joined, {len(spoken)} words")
    environment = {"SCRIPTA_ENGINE": engine, "SCRIPTA_MODEL": model, "SCRIPTA_LIVE_MODEL": model}
    with Installation(environment=environment) as scripta:
        key = keys.create_key(user=owner(), name="Measuring")[1]
        web = scripta.process_named("web")

        talk, memory = asyncio.run(_perform(scripta.url, key, web, pcm, language))
    return _compare(say, talk, memory, spoken)


async def _perform(url: str, key: str, web: psutil.Process, pcm: bytes, language: str) -> tuple[Talk, Memory]:
    await speak(LiveClient(url, key, language=language), pcm[: 4 * RATE * BYTES], drain=120)  # loads the model
    memory: Memory = []
    watched = asyncio.create_task(_watch(web, memory))
    talk = await speak(LiveClient(url, key, language=language, title="A long talk"), pcm)
    watched.cancel()
    return talk, memory


async def _watch(web: psutil.Process, memory: Memory) -> None:
    for number in itertools.count():
        memory.append((number * LOOK_SECONDS, resident_bytes(web)))
        await asyncio.sleep(LOOK_SECONDS)


def joined(
    sources: Sequence[Path], seconds: float, options: EngineOptions, language: str
) -> tuple[bytes, list[SpokenWord]]:
    """The recordings in turn, over and over, and when their words end, as the same model reads them as whole files."""
    reader = load_engine(options)
    known = {path: (to_pcm(read_samples(path)), _words(path, reader, language)) for path in sources}
    sound, spoken = bytearray(), []
    for path in itertools.cycle(sources):
        pcm, words = known[path]
        offset = len(sound) / BYTES / RATE
        spoken += [SpokenWord(word.text, word.end + offset) for word in words]
        sound += pcm
        if len(sound) >= seconds * RATE * BYTES:
            return bytes(sound), spoken
    raise ValueError("no recordings")


def _words(path: Path, engine: Engine, language: str) -> list[SpokenWord]:
    choices = TranscribeOptions(language=language)
    with decode(path, limits=Limits()) as blocks:
        checkpoints = list(transcribe(blocks, engine, choices))
    return [
        SpokenWord(word.text, word.end)
        for checkpoint in checkpoints
        for segment in checkpoint.segments
        for word in segment.words
    ]


def _compare(say: Any, talk: Talk, memory: Memory, spoken: list[SpokenWord]) -> int:
    text = "".join(word.text for word in spoken)
    seen = look(talk.screens, ended=talk.ended, text=text, spoken=spoken)
    span = min(COMPARED, talk.ended / 4)
    first, last = figures(seen, end=span), figures(seen, begin=talk.ended - span)
    problems = list(_problems(talk, first, last, memory, span))
    for name, one, at in (("first", first, span), ("last", last, talk.ended)):
        say(
            f"{name} {span / 60:.1f} min: shown {one.shown_p50:.2f} / {one.shown_p95:.2f} s, "
            f"settled {one.settled_p50:.2f} / {one.settled_p95:.2f} s, web process {_bytes_at(memory, at) / 1e6:.0f} MB"
        )
    say(f"words unlike the whole-file reading: {seen.errors.rate:.1%}, tail {seen.tail:.2f} s")
    for problem in problems:
        say(f"MISSED {problem}")
    return int(bool(problems))


def _problems(talk: Talk, first: Figures, last: Figures, memory: Memory, span: float) -> Iterator[str]:
    yield from talk.heard.problems
    if not talk.finished or talk.heard.connections != 1:
        yield f"finished: {talk.finished}, connections: {talk.heard.connections}"
    for name in ("shown_p50", "shown_p95"):
        before, after = getattr(first, name), getattr(last, name)
        if not after <= max(MOST_GROWTH * before, before + SLACK):
            yield f"{name.replace('_', ' ')} {before:.2f} s, then {after:.2f} s"
    if (grown := _bytes_at(memory, talk.ended) - _bytes_at(memory, span)) > MOST_BYTES:
        yield f"the web process grew by {grown / 1e6:.0f} MB"


def _bytes_at(memory: Memory, at: float) -> int:
    """The largest of the minute before."""
    return max((size for when, size in memory if at - 60 <= when <= at), default=0)
