"""Nobody speaks: what is streamed live must show no word, and silence must cost nearly nothing."""

from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from accounts.services import keys
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.live import total_cpu_seconds
from transcription.management.benchmarks.live_client import RATE, LiveClient, require_websockets
from transcription.management.benchmarks.live_streams import Talk, read_samples, speak, to_pcm
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder

HELP = "Stream recordings without speech, and count words and processor time."
MOST_CPU = 0.05
"""Processor seconds for a second of silence, above those of the same installation while nobody is connected."""
MOST_WITH_WORDS = 1
ROOM = 1e-3
"""Root mean square of the quiet room: -60 dBFS."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="*", help="recordings in which nobody speaks")
    parser.add_argument("--seconds", type=float, default=60.0, help="of silence, and of a quiet room (default 60)")
    parser.add_argument("--engine", default=settings.ENGINE)
    parser.add_argument("--model", default=settings.MODEL)
    parser.add_argument("--language", default="", help="default: detect it")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when more than one recording shows a word, or silence costs more than allowed."""
    require_websockets()
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, files: list[Path], seconds: float, engine: str, model: str, language: str, **_: Any) -> int:
    room = np.random.default_rng(0).normal(0, ROOM, int(seconds * RATE)).astype(np.float32)
    made = {"digital silence": np.zeros_like(room), "a quiet room": room}
    environment = {"SCRIPTA_ENGINE": engine, "SCRIPTA_MODEL": model, "SCRIPTA_LIVE_MODEL": model}
    with Installation(environment=environment) as scripta:
        trial = Trial(scripta, language)
        trial.stream(to_pcm(read_samples(settings.BASE_DIR / "tests" / "data" / "jfk.flac")))  # loads the model
        idle = trial.idle(seconds)
        say(f"nobody connected: {idle:.3f} CPU seconds a second")
        costs = []
        for name, samples in made.items():
            text, cost = trial.stream(to_pcm(samples))
            costs.append(cost - idle)
            say(f"{name}: {cost - idle:.3f} CPU seconds a second more, text “{text}”")
        wrong = [path.name for path in files if _shows_words(say, trial, path, idle)]
    say(f"{len(files) - len(wrong)} of {len(files)} show no word; with words: {', '.join(wrong) or 'none'}")
    return int(len(wrong) > MOST_WITH_WORDS or max(costs) >= MOST_CPU)


def _shows_words(say: Any, trial: Trial, path: Path, idle: float) -> bool:
    samples = read_samples(path)
    text, cost = trial.stream(to_pcm(samples))
    say(f"{path.name}, {len(samples) / RATE:.1f} s: {cost - idle:.3f} CPU seconds a second more, text “{text}”")
    return bool(text)


class Trial:
    """Recordings one after the other, in one installation."""

    def __init__(self, scripta: Installation, language: str) -> None:
        self.url, self.language = scripta.url, language
        self.key = keys.create_key(user=owner(), name="Measuring")[1]
        self.processes = [scripta.process_named("supervisor"), scripta.process_named("keeper")]

    def cpu_seconds(self) -> float:
        return sum(total_cpu_seconds(process) for process in self.processes)

    def idle(self, seconds: float) -> float:
        before = self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / seconds

    def stream(self, pcm: bytes) -> tuple[str, float]:
        """Any text that stood on the screen at any time, and the cost of a second."""
        client = LiveClient(self.url, self.key, title="Silence", language=self.language)
        before, began = self.cpu_seconds(), time.monotonic()
        talk: Talk = asyncio.run(speak(client, pcm, drain=120))
        took = time.monotonic() - began
        if talk.heard.problems or not talk.finished:
            raise RuntimeError(f"the stream failed: {talk.heard.problems}, finished: {talk.finished}")
        shown = [text.strip() for _, text in talk.screens if text.strip()]
        return (shown[-1] if shown else ""), (self.cpu_seconds() - before) / took
