"""OpenAI's own implementation on PyTorch: it runs wherever torch does, and checks the faster engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from transcription.speech.engines.base import (
    CLOSING_MARKS,
    OPENING_MARKS,
    RANDOM_SEED,
    EngineOptions,
    batches,
    require_language,
    token_cap,
)
from transcription.speech.engines.conversion import dimensions, read_variables, state_dict
from transcription.speech.engines.language import pooled
from transcription.speech.errors import ModelError
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Hypothesis, Window, Word


class _Encoded:
    """Stands for the model in Whisper's own functions where the sound is encoded already: its encoder does nothing."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def encoder(self, features: Any) -> Any:
        return features

    def __call__(self, features: Any, tokens: Any) -> Any:
        return self._model.decoder(tokens, features)


class OpenAIWhisperEngine:
    """Decodes with hooks on the model's layers, so one call at a time; torch uses all cores for it."""

    name = "openai-whisper"
    workers = 1
    batch_size = 4

    def __init__(self, folder: Path, options: EngineOptions) -> None:
        import torch  # noqa: PLC0415  slow to import
        from whisper.tokenizer import LANGUAGES  # noqa: PLC0415  slow to import

        if options.threads:
            torch.set_num_threads(options.threads)
        torch.manual_seed(RANDOM_SEED)
        self.device = options.device if options.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
        self._half = self.device == "cuda" and options.compute_type in ("auto", "float16")
        try:
            self._model = load_model(folder, options.models_dir / f"{options.model}.pt").to(self.device)
        except (RuntimeError, KeyError) as exc:
            raise ModelError(detail=f"{folder}: {exc}") from exc
        self.model = options.model
        self._multilingual: bool = self._model.is_multilingual
        codes = list(LANGUAGES)[: self._model.num_languages]
        self.languages = frozenset(codes if self._multilingual else ["en"])
        self._encoded = _Encoded(self._model)
        self._lock = threading.Lock()

    def transcribe(self, windows: Sequence[Window], options: DecodeOptions) -> list[Hypothesis]:
        require_language(options.language, self.languages)
        if not windows:
            return []
        if not options.language:
            options = replace(options, language=self.detect_language(windows)[0])
        hypotheses: dict[int, Hypothesis] = {}
        for (context, _, _), indices in batches(windows, options):
            batch = [windows[index] for index in indices]
            with self._lock:
                found = self._decode(batch, context, options)
            hypotheses.update(zip(indices, found, strict=True))
        return [hypotheses[index] for index in range(len(windows))]

    def language_scores(self, windows: Sequence[Window]) -> list[dict[str, float]]:
        from whisper.decoding import detect_language  # noqa: PLC0415  slow to import

        if not self._multilingual:
            return [{"en": 1.0} for _ in windows]
        scores: list[dict[str, float]] = []
        for (context, _, _), indices in batches(windows, DecodeOptions()):
            with self._lock:
                features = self._encode([windows[index] for index in indices], context)
                scores += detect_language(self._encoded, features, self._tokenizer("en", "transcribe"))[1]
        return scores

    def detect_language(self, windows: Sequence[Window]) -> tuple[str, float]:
        return pooled(self.language_scores(windows))

    def _encode(self, windows: Sequence[Window], context: float) -> Any:
        """Whisper's encoder with its positions cut to the context, shape (windows, frames, width)."""
        import torch  # noqa: PLC0415  slow to import
        from torch.nn.functional import gelu  # noqa: PLC0415  slow to import
        from whisper.audio import log_mel_spectrogram, pad_or_trim  # noqa: PLC0415  slow to import

        encoder = self._model.encoder
        with torch.no_grad():
            padded = (pad_or_trim(window.samples, int(context * SAMPLE_RATE)) for window in windows)
            mels = torch.stack([log_mel_spectrogram(samples, self._model.dims.n_mels) for samples in padded])
            hidden = gelu(encoder.conv2(gelu(encoder.conv1(mels.to(self.device))))).permute(0, 2, 1)
            hidden = hidden + encoder.positional_embedding[: hidden.shape[1]]
            for block in encoder.blocks:
                hidden = block(hidden)
            features = encoder.ln_post(hidden)
        return features.half() if self._half else features

    def _decode(self, windows: Sequence[Window], context: float, options: DecodeOptions) -> list[Hypothesis]:
        """Reads windows that share context, prompt and prefix."""
        from whisper.decoding import DecodingOptions, DecodingTask  # noqa: PLC0415  slow to import

        features = self._encode(windows, context)
        prefix = self._tokenizer(options.language, options.task).encode(windows[0].prefix)
        sampling = options.temperature > 0
        task = DecodingTask(
            self._encoded,
            DecodingOptions(
                task=options.task,
                language=options.language,
                temperature=options.temperature,
                beam_size=None if sampling else options.beam_size,
                best_of=5 if sampling else None,
                sample_len=token_cap(max(window.text_seconds for window in windows), options),
                prompt=windows[0].prompt or None,
                prefix=prefix or None,  # as tokens: of a text, Whisper would change the spaces
                without_timestamps=True,
                fp16=self._half,
            ),
        )
        # Whisper 20250625 repeats the tokens for every beam but not the sound, so that only a single window works.
        task._get_audio_features = lambda given: given.repeat_interleave(task.n_group, dim=0)
        task._detect_language = lambda given, tokens: ([options.language] * len(windows), None)
        results = task.run(features)
        return [
            Hypothesis(
                text=result.text,
                language=options.language,
                words=self._words(each, window, result.tokens, prefix, options) if options.word_times else (),
                avg_logprob=result.avg_logprob,
                no_speech_prob=result.no_speech_prob,
                compression_ratio=result.compression_ratio if result.text else 0.0,
                temperature=options.temperature,
                tokens=tuple(result.tokens),
            )
            for window, each, result in zip(windows, features, results, strict=True)
        ]

    def _words(
        self, features: Any, window: Window, tokens: list[int], prefix: list[int], options: DecodeOptions
    ) -> tuple[Word, ...]:
        """The words that begin after the prefix."""
        from whisper.timing import find_alignment, merge_punctuations  # noqa: PLC0415  slow to import

        tokenizer = self._tokenizer(options.language, options.task)
        frames = max(2, int(window.duration * 100))
        timings = find_alignment(self._encoded, tokenizer, [*prefix, *tokens], features, frames)
        firsts = [0, *accumulate(len(timing.tokens) for timing in timings)]
        merge_punctuations(timings, OPENING_MARKS, CLOSING_MARKS)
        return tuple(
            Word(
                start=round(window.start + min(float(timing.start), window.duration), 3),
                end=round(window.start + min(float(timing.end), window.duration), 3),
                text=timing.word,
                probability=float(timing.probability),
                tokens=tuple(timing.tokens),
            )
            for timing, first in zip(timings, firsts, strict=False)
            if timing.word and first >= len(prefix)
        )

    def _tokenizer(self, language: str, task: str) -> Any:
        from whisper.tokenizer import get_tokenizer  # noqa: PLC0415  slow to import

        return get_tokenizer(self._multilingual, num_languages=self._model.num_languages, language=language, task=task)


def load_model(folder: Path, official: Path) -> Any:
    """OpenAI's checkpoint where it is at hand, else the same numbers out of the CTranslate2 folder."""
    import torch  # noqa: PLC0415  slow to import
    import whisper  # noqa: PLC0415  slow to import

    if official.is_file():
        model = whisper.load_model(str(official), device="cpu")
    else:
        variables = read_variables(folder / "model.bin")
        model = whisper.model.Whisper(whisper.model.ModelDimensions(**dimensions(variables)))
        weights = {name: torch.from_numpy(np.array(array)) for name, array in state_dict(variables).items()}
        model.load_state_dict(weights)
    heads = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
    for layer, head in json.loads((folder / "config.json").read_bytes())["alignment_heads"]:
        heads[layer, head] = True
    model.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
    return model.eval()
