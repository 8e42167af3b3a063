"""Ways of reading a file that can be measured beside each other: our pipeline, and its peers on the same weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from transcription.speech.audio import Limits, decode
from transcription.speech.batch import transcribe
from transcription.speech.engines import peers
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.registry import load_engine
from transcription.speech.types import SAMPLE_RATE, TranscribeOptions


@dataclass(frozen=True, slots=True)
class Result:
    text: str
    language: str
    audio_seconds: float


Reader = Callable[[Path, str], Result]
"""Takes a file and the language spoken in it, "" to detect it."""


def pipeline(options: EngineOptions, *, beam_size: int = 5) -> Reader:
    """The product's own way from file to segments."""
    engine = load_engine(options)

    def read(path: Path, language: str) -> Result:
        with decode(path, limits=Limits()) as blocks:
            checkpoints = list(transcribe(blocks, engine, TranscribeOptions(language=language, beam_size=beam_size)))
            seconds = blocks.position
        text = " ".join(segment.text for checkpoint in checkpoints for segment in checkpoint.segments)
        return Result(text, checkpoints[-1].language, seconds)

    return read


def peer(name: str, options: EngineOptions, *, beam_size: int = 5, word_times: bool = True) -> Reader:
    """Another program's way; it decodes the file itself where it can."""
    transcriber = peers.load_peer(name, options, beam_size=beam_size, word_times=word_times)

    def read(path: Path, language: str) -> Result:
        samples = peers.load_audio(path)
        text, found = transcriber(samples, language)
        return Result(text, found, len(samples) / SAMPLE_RATE)

    return read
