"""JSON for programs. Its shape is a promise, written down in docs/contracts/transcript.schema.json."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from transcription.speech.captions.characters import clean
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.types import Segment, Word

VERSION = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""


def write_json(document: TranscriptDocument, options: WriteOptions) -> str:
    """One object; times in seconds to the millisecond; the texts of a segment's words joined give its text."""
    body = {
        "version": VERSION,
        "title": clean(document.title).strip(),
        "language": document.language,
        "duration": _number(document.duration),
        "created": document.created.isoformat(),
        "model": document.model,
        "engine": document.engine,
        "segments": [_segment(segment) for segment in document.segments],
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "index": segment.index,
        "start": _number(segment.start),
        "end": _number(segment.end),
        "text": clean(segment.text).strip(),
        "language": segment.language,
        "speaker": clean(segment.speaker).strip() or None,
        "confidence": _number(segment.confidence),
        "doubt": segment.doubt,
        "words": [_word(word) for word in segment.words],
    }


def _word(word: Word) -> dict[str, Any]:
    return {
        "start": _number(word.start),
        "end": _number(word.end),
        "text": clean(word.text),
        "probability": _number(word.probability),
    }


def _number(value: float) -> float:
    """JSON has no infinities; an alignment that stumbled must not cost the user the whole export."""
    return round(float(value), 3) if isfinite(value) else 0.0
