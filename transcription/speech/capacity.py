"""How many live speakers an engine can serve at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from transcription.speech.engines.base import Engine
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Window

PARTIAL_EVERY = 2.5
"""Seconds after which each speaker gets a new partial text at the latest, while all of them speak."""
FINAL_EVERY = 6.0
"""Seconds of an ordinary utterance, each of which is read once more with a beam."""
PARTIAL_COST, FINAL_COST = 1.7, 2.3
"""What reading speech costs, in readings of silence: the encoder does the same work, the decoder has words to write."""
MOST_SPEAKERS = 250
"""However quick the engine is: what one web process can receive."""
WINDOW_SECONDS = 12.0
ROUNDS = 5


def measure(engine: Engine, *, threads: int) -> int:
    """Speakers whom this engine can serve. Takes some two seconds for base on two cores."""
    return speakers(reading_seconds(engine, threads=threads))


def reading_seconds(engine: Engine, *, threads: int) -> float:
    """Seconds between two ends of quick readings of silence while all the engine's workers read: the best of a few
    rounds. On a CPU of ``threads`` cores it follows from the processor's time, for at the start of a server others use
    the same cores; elsewhere from the clock."""
    window = Window(0.0, np.zeros(int(WINDOW_SECONDS * SAMPLE_RATE), dtype=np.float32))
    options = DecodeOptions(language="en", beam_size=1, word_times=False)

    def read() -> None:
        engine.transcribe([window], options)

    read()  # the first one also allocates memory
    if engine.device == "cpu":
        return min(_seconds(read, engine.workers, time.process_time) for _ in range(ROUNDS)) / threads
    return min(_seconds(read, engine.workers, time.perf_counter) for _ in range(ROUNDS))


def _seconds(read: Callable[[], None], workers: int, clock: Callable[[], float]) -> float:
    began = clock()
    with ThreadPoolExecutor(workers) as pool:
        for reading in [pool.submit(read) for _ in range(workers)]:
            reading.result()
    return (clock() - began) / workers


def speakers(seconds: float) -> int:
    """Speakers who, all speaking at once, each get a partial text every ``PARTIAL_EVERY`` seconds and a final one every
    ``FINAL_EVERY``, when a reading of silence takes so many ``seconds``; at least one."""
    busy = seconds * (PARTIAL_COST / PARTIAL_EVERY + FINAL_COST / FINAL_EVERY)
    return max(1, int(1 / busy)) if busy * MOST_SPEAKERS > 1 else MOST_SPEAKERS
