"""Engines by name."""

from __future__ import annotations

from transcription.speech.engines import weights
from transcription.speech.engines.base import Engine, EngineOptions
from transcription.speech.errors import SpeechError

ENGINES = ("faster-whisper", "openai-whisper", "scripted")


def load_engine(options: EngineOptions) -> Engine:
    """Loads the model into memory, fetching it first when it is not on this machine.

    The engines import their libraries only when asked for: torch alone takes seconds and 200 MB.
    The scripted engine reads a number in ``options.model`` as its delay in seconds.
    Raises ``ModelUnavailable``, ``ModelCorrupt``, ``UnknownModel`` and ``ModelError``.
    """
    if options.name == "scripted":
        from transcription.speech.engines.scripted import ScriptedEngine  # noqa: PLC0415

        return ScriptedEngine(delay=_seconds(options.model))
    if options.name not in ENGINES:
        raise SpeechError(f"There is no speech engine “{options.name}”. Known engines: {', '.join(ENGINES)}.")
    folder = weights.fetch(options.model, options.models_dir)
    if options.name == "openai-whisper":
        from transcription.speech.engines.openai_whisper import OpenAIWhisperEngine  # noqa: PLC0415

        return OpenAIWhisperEngine(folder, options)
    from transcription.speech.engines.faster_whisper import FasterWhisperEngine  # noqa: PLC0415

    return FasterWhisperEngine(folder, options)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
