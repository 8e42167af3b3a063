"""Other people's whole-file transcription with the same weights, to be measured beside ours; nothing else uses it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import decode_audio

from transcription.speech.engines import weights
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.openai_whisper import load_model
from transcription.speech.types import Samples

PEERS = ("faster-whisper", "faster-whisper-batched", "openai-whisper")

Transcriber = Callable[[Samples, str], tuple[str, str]]
"""Samples and language ("" to detect it) in; text and language out."""


def load_audio(path: Path) -> Samples:
    """The whole file in memory, as these programs do it."""
    return np.asarray(decode_audio(str(path)), dtype=np.float32)


def load_peer(name: str, options: EngineOptions, *, beam_size: int, word_times: bool) -> Transcriber:
    folder = weights.fetch(options.model, options.models_dir)
    if name == "openai-whisper":
        return _openai(folder, options, beam_size, word_times)
    model = WhisperModel(
        str(folder),
        device="cpu" if options.device == "auto" else options.device,
        compute_type="int8" if options.compute_type == "auto" else options.compute_type,
        cpu_threads=options.threads or len(os.sched_getaffinity(0)),
    )
    if name == "faster-whisper-batched":
        return _faster(BatchedInferencePipeline(model), beam_size=beam_size, word_timestamps=word_times, batch_size=8)
    return _faster(model, beam_size=beam_size, word_timestamps=word_times)


def _faster(model: WhisperModel | BatchedInferencePipeline, **settings: object) -> Transcriber:
    def transcribe(samples: Samples, language: str) -> tuple[str, str]:
        segments, info = model.transcribe(samples, language=language or None, **settings)
        return " ".join(segment.text.strip() for segment in segments), info.language

    return transcribe


def _openai(folder: Path, options: EngineOptions, beam_size: int, word_times: bool) -> Transcriber:
    """``whisper.transcribe`` with the values its command line sets; loading the model is left out of the time."""
    model = load_model(folder, options.models_dir / f"{options.model}.pt")

    def transcribe(samples: Samples, language: str) -> tuple[str, str]:
        result = model.transcribe(
            samples,
            language=language or None,
            beam_size=beam_size,
            best_of=5,
            word_timestamps=word_times,
            temperature=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
            fp16=False,
        )
        return result["text"], result["language"]

    return transcribe
