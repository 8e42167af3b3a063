"""Synthetic sound and media files for tests. Arrays are float32 at 16 kHz: (samples,) or (samples, channels)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from transcription.speech.audio import Limits, decode
from transcription.speech.types import SAMPLE_RATE

DATA = Path(__file__).parent / "data"
JFK = DATA / "jfk.flac"
"""11 s: "And so my fellow Americans, ask not what your country can do for you ..." (public domain)."""

Sound = NDArray[np.float32]


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def tone(seconds: float, *, hertz: float = 440.0, level: float = 0.5) -> Sound:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def noise(seconds: float, *, level: float = 0.05, seed: int = 0) -> Sound:
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32).clip(-1, 1)


def speech(path: Path = JFK) -> Sound:
    return np.concatenate(list(decode(path, limits=Limits())))


def padded_speech(before: float, after: float = 0.0) -> Sound:
    return np.concatenate([silence(before), speech(), silence(after)])


def run_ffmpeg(*arguments: str | Path) -> None:
    """The wheel's FFmpeg, without the product's sandbox: for making files only."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def write_sound(path: Path, sound: Sound, *options: str) -> Path:
    """Encode an array as the format that ``path``'s extension and FFmpeg's output ``options`` say."""
    channels = sound.shape[1] if sound.ndim == 2 else 1
    raw = path.with_name(path.name + ".f32le")
    sound.astype("<f4").tofile(raw)
    layout = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", str(channels)]
    run_ffmpeg(*layout, "-i", raw, *options, path)
    raw.unlink()
    return path


def convert(source: Path, path: Path, *options: str) -> Path:
    """Encode a file anew as the format that ``path``'s extension and FFmpeg's output ``options`` say."""
    run_ffmpeg("-i", source, *options, path)
    return path
