"""Recordings of any length, made of real speech."""

from __future__ import annotations

import itertools
import random
import tempfile
import wave
from pathlib import Path

import numpy as np

from transcription.speech.audio import Limits, decode, encode_playback
from transcription.speech.types import SAMPLE_RATE

PAUSES = (0.2, 1.5)
"""Seconds of quiet between two pieces, drawn anew each time: windows are cut at other places in each round."""


def repeat_speech(sources: list[Path], target: Path, *, seconds: float) -> float:
    """Write an MP3 of the recordings in turn, over and over with pauses; how long it became, at least ``seconds``."""
    pieces = [_samples(path) for path in sources]
    draw = random.Random(0)
    written = 0
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".wav") as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE)
            for piece in itertools.cycle(pieces):
                quiet = bytes(2 * int(draw.uniform(*PAUSES) * SAMPLE_RATE))
                sound.writeframes(piece + quiet)
                written += (len(piece) + len(quiet)) // 2
                if written >= seconds * SAMPLE_RATE:
                    break
        file.flush()
        with target.open("wb") as mp3:
            mp3.writelines(encode_playback(file.name, limits=Limits(max_seconds=2 * seconds + 600)))
    return written / SAMPLE_RATE


def _samples(path: Path) -> bytes:
    """As signed 16-bit numbers."""
    with decode(path, limits=Limits()) as blocks:
        return (np.concatenate(list(blocks)) * 32767).astype("<i2").tobytes()
