"""Sound for the tests of the speech core, cut into blocks as the decoder would."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from faster_whisper.audio import decode_audio

from transcription.speech.types import SAMPLE_RATE, Samples

DATA = Path(__file__).parents[1] / "data"
SPEECH_SECONDS = 11.0


@cache
def speech() -> Samples:
    """John F. Kennedy's sentence of 1961, eleven seconds."""
    return load("jfk.flac")[: int(SPEECH_SECONDS * SAMPLE_RATE)]


def load(name: str) -> Samples:
    return np.asarray(decode_audio(str(DATA / name)), dtype=np.float32)


def blocks(samples: Samples, seconds: float = 5.0) -> Iterator[Samples]:
    size = int(seconds * SAMPLE_RATE)
    yield from (samples[begin : begin + size] for begin in range(0, len(samples), size))
