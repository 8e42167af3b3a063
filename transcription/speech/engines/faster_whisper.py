"""Whisper on CTranslate2, with the encoder context cut to what the window needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

from transcription.speech.engines.base import (
    CLOSING_MARKS,
    MAX_TEXT_TOKENS,
    OPENING_MARKS,
    RANDOM_SEED,
    EngineOptions,
    batches,
    compression_ratio,
    require_language,
    token_cap,
)
from transcription.speech.engines.language import pooled
from transcription.speech.engines.tokens import load_tokenizer
from transcription.speech.errors import ModelError
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Hypothesis, Window, Word

MAX_WORKERS = 4
"""A recording has at most 60 s of sound in work at once: about four windows."""
TOKEN_SECONDS = 0.02
"""The encoder gives one frame every 20 ms."""


class FasterWhisperEngine:
    """Two calls on one thread each beat one call on two threads: 0.34 against 0.43 s a window (base, int8, beam 5).

    A lone call is quicker on two threads: a greedy reading of 5 s took 0.32 against 0.40 s. Two calls side by side on
    two threads each lose nothing of either: two windows of 12 s took 0.72 s, in turn 1.15 s (best of 12, 2 cores,
    beside other work). Several windows in one call save nothing on a CPU: four encoded together took a third more of
    its time than one by one.
    """

    name = "faster-whisper"

    def __init__(self, folder: Path, options: EngineOptions) -> None:
        device = self.device = _device(options.device)
        threads = options.threads or len(os.sched_getaffinity(0))
        self.model = options.model
        self.workers = options.workers or (1 if device == "cuda" else min(threads, MAX_WORKERS))
        self.batch_size = 4 if device == "cuda" else 1 if options.workers else 2
        ctranslate2.set_random_seed(RANDOM_SEED)
        try:
            self._whisper = ctranslate2.models.Whisper(
                str(folder),
                device=device,
                compute_type=_compute_type(options.compute_type, device),
                inter_threads=self.workers,
                intra_threads=threads if options.workers else max(1, threads // self.workers),
            )
            self._vocabulary = load_tokenizer(folder / "tokenizer.json")
        except Exception as exc:  # CTranslate2 and tokenizers raise bare RuntimeError, ValueError and Exception
            raise ModelError(detail=f"{folder}: {exc}") from exc
        self._multilingual: bool = self._whisper.is_multilingual
        self._suppressed = list(get_suppressed_tokens(self._tokenizer("en", "transcribe"), [-1]))
        self._features = FeatureExtractor(feature_size=self._whisper.n_mels)
        self.languages = frozenset(self._language_codes() if self._multilingual else ["en"])

    def transcribe(self, windows: Sequence[Window], options: DecodeOptions) -> list[Hypothesis]:
        require_language(options.language, self.languages)
        if not windows:
            return []
        if not options.language:
            options = replace(options, language=self.detect_language(windows)[0])
        hypotheses: dict[int, Hypothesis] = {}
        for (context, _, _), indices in batches(windows, options):
            found = self._decode([windows[index] for index in indices], context, options)
            hypotheses.update(zip(indices, found, strict=True))
        return [hypotheses[index] for index in range(len(windows))]

    def language_scores(self, windows: Sequence[Window]) -> list[dict[str, float]]:
        if not self._multilingual:
            return [{"en": 1.0} for _ in windows]
        scores = []
        for (context, _, _), indices in batches(windows, DecodeOptions()):
            encoded = self._encode([windows[index] for index in indices], context)
            found = self._whisper.detect_language(encoded)
            scores += [{token[2:-2]: probability for token, probability in row} for row in found]
        return scores

    def detect_language(self, windows: Sequence[Window]) -> tuple[str, float]:
        return pooled(self.language_scores(windows))

    def _encode(self, windows: Sequence[Window], context: float) -> Any:
        size = int(context * SAMPLE_RATE)
        mels = [
            self._features(np.pad(w.samples[:size], (0, max(0, size - len(w.samples)))), padding=0) for w in windows
        ]
        return self._whisper.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(np.stack(mels))))

    def _decode(self, windows: Sequence[Window], context: float, options: DecodeOptions) -> list[Hypothesis]:
        """Reads windows that share context, prompt and prefix."""
        tokenizer = self._tokenizer(options.language, options.task)
        encoded = self._encode(windows, context)
        prefix = tokenizer.encode(windows[0].prefix)
        prompt_tokens = [*self._prompt(tokenizer, windows[0].prompt), *prefix]
        cap = len(prefix) + token_cap(max(window.text_seconds for window in windows), options)
        sampling = options.temperature > 0
        results = self._whisper.generate(
            encoded,
            [prompt_tokens] * len(windows),
            beam_size=1 if sampling else options.beam_size,
            num_hypotheses=5 if sampling else 1,
            sampling_topk=0 if sampling else 1,
            sampling_temperature=options.temperature if sampling else 1,
            # The text may take half of max_length at most, and no more than the prompt leaves of it.
            max_length=max(2 * cap, cap + len(prompt_tokens)),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
        )
        texts = [result.sequences_ids[0][len(prefix) :] for result in results]  # they begin with the prefix
        words = self._align(tokenizer, encoded, texts, windows, prefix) if options.word_times else [()] * len(windows)
        return [
            _hypothesis(tokenizer, tokens, result, aligned, options, len(prefix))
            for tokens, result, aligned in zip(texts, results, words, strict=True)
        ]

    def _prompt(self, tokenizer: Tokenizer, earlier: str) -> list[int]:
        prompt: list[int] = []
        if earlier:
            prompt = [tokenizer.sot_prev, *tokenizer.encode(" " + earlier.strip())[-(MAX_TEXT_TOKENS - 1) :]]
        return [*prompt, *tokenizer.sot_sequence, tokenizer.no_timestamps]

    def _align(
        self,
        tokenizer: Tokenizer,
        encoded: Any,
        texts: list[list[int]],
        windows: Sequence[Window],
        prefix: list[int],
    ) -> list[tuple[Word, ...]]:
        """Times of words from the decoder's attention, by dynamic time warping; of those after the prefix."""
        frames = [max(2, int(window.duration * 100)) for window in windows]
        results = self._whisper.align(encoded, tokenizer.sot_sequence, [[*prefix, *text] for text in texts], frames)
        return [
            _words(tokenizer, [*prefix, *tokens], result, window, len(prefix))
            for tokens, result, window in zip(texts, results, windows, strict=True)
        ]

    def _tokenizer(self, language: str, task: str) -> Tokenizer:
        return Tokenizer(self._vocabulary, self._multilingual, task=task, language=language)

    def _language_codes(self) -> Iterator[str]:
        return (code for code in _LANGUAGE_CODES if self._vocabulary.token_to_id(f"<|{code}|>") is not None)


def _hypothesis(
    tokenizer: Tokenizer,
    tokens: list[int],
    result: Any,
    words: tuple[Word, ...],
    options: DecodeOptions,
    forced: int,
) -> Hypothesis:
    text = tokenizer.decode(tokens)
    return Hypothesis(
        text=text.strip(),
        language=options.language,
        words=words,
        # Scores come divided by the number of tokens, also of the forced ones, which cost nothing; the mean counts the
        # end token, as Whisper's own does.
        avg_logprob=result.scores[0] * (forced + len(tokens)) / (len(tokens) + 1),
        no_speech_prob=result.no_speech_prob,
        compression_ratio=compression_ratio(text),
        temperature=options.temperature,
        tokens=tuple(tokens),
    )


def _words(tokenizer: Tokenizer, tokens: list[int], result: Any, window: Window, skipped: int) -> tuple[Word, ...]:
    """The words that begin after the first ``skipped`` tokens."""
    texts, groups = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    if len(groups) <= 1 or not result.alignments:
        return ()
    token_index, frame = np.array(result.alignments).T
    times = frame[np.diff(token_index, prepend=-1).astype(bool)] * TOKEN_SECONDS
    bounds = np.cumsum([0, *(len(group) for group in groups[:-1])])
    aligned: list[dict[str, Any]] = [
        {"word": text, "tokens": group, "first": first, "last": last}
        for text, group, first, last in zip(texts, groups, bounds[:-1], bounds[1:], strict=False)
    ]
    merge_punctuations(aligned, OPENING_MARKS, CLOSING_MARKS)  # the marks add to a word's text, not to its time
    return tuple(
        Word(
            start=round(window.start + min(float(times[entry["first"]]), window.duration), 3),
            end=round(window.start + min(float(times[entry["last"]]), window.duration), 3),
            text=entry["word"],
            probability=float(np.mean(result.text_token_probs[entry["first"] : entry["last"]])),
            tokens=tuple(entry["tokens"]),
        )
        for entry in aligned
        if entry["word"] and entry["first"] >= skipped
    )


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


def _compute_type(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    return "float16" if device == "cuda" else "int8"
