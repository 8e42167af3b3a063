"""Recordings with references, as given by a manifest, and how well they were read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from transcription.speech.metrics import ErrorCount, character_errors, real_time_factor, word_errors


@dataclass(frozen=True, slots=True)
class Row:
    path: Path
    text: str
    language: str


def read_manifest(manifest: Path) -> Iterator[Row]:
    """One JSON object a line: ``file`` (relative to the manifest), ``text``, ``language``. Rows without a reference
    are left out."""
    for line in manifest.read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.strip() else {}
        if row.get("text"):
            yield Row(manifest.parent / row["file"], row["text"], row.get("language") or "en")


class Score:
    """Errors and times pooled over files."""

    def __init__(self) -> None:
        self.words = self.characters = ErrorCount()
        self.files = 0
        self.audio_seconds = self.work_seconds = 0.0

    def add(self, row: Row, text: str, *, audio_seconds: float, work_seconds: float) -> None:
        self.words += word_errors(row.text, text, row.language)
        self.characters += character_errors(row.text, text, row.language)
        self.files += 1
        self.audio_seconds += audio_seconds
        self.work_seconds += work_seconds

    def __str__(self) -> str:
        return (
            f"WER {self.words.rate * 100:.2f} % CER {self.characters.rate * 100:.2f} % "
            f"RTF {real_time_factor(self.work_seconds, self.audio_seconds):.3f} files {self.files}"
        )
