"""Plain text: paragraphs, with or without the times at which they begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from transcription.speech.captions.characters import clean, needs_space
from transcription.speech.captions.clock import clock
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.grammar import ends_sentence

PARAGRAPH_PAUSE = 2.0
"""Seconds of silence that end a paragraph."""
PARAGRAPH_LENGTH = 600
"""Characters after which the next end of a sentence ends a paragraph too: about a hundred words."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    start: float
    end: float
    text: str
    speaker: str = ""

    @property
    def line(self) -> str:
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


def write_text(document: TranscriptDocument) -> str:
    """Paragraphs with a blank line between them."""
    return "\n".join(f"{paragraph.line}\n" for paragraph in paragraphs(document))


def write_timed_text(document: TranscriptDocument) -> str:
    """The same, each paragraph after its time: ``[00:01:02] Text``."""
    return "\n".join(f"[{clock(paragraph.start)}] {paragraph.line}\n" for paragraph in paragraphs(document))


def paragraphs(document: TranscriptDocument) -> Iterator[Paragraph]:
    """A paragraph ends where the speaker rests or changes, or with a sentence once it is long."""
    current: Paragraph | None = None
    for segment in document.segments:
        text, speaker = clean(segment.text).strip(), clean(document.speakers.get(segment.index, "")).strip()
        if not text:
            continue
        following = Paragraph(segment.start, segment.end, text, speaker)
        if current is None:
            current = following
        elif _continues(current, following):
            space = " " if needs_space(current.text, text) else ""
            current = replace(current, end=segment.end, text=f"{current.text}{space}{text}")
        else:
            yield current
            current = following
    if current is not None:
        yield current


def _continues(current: Paragraph, following: Paragraph) -> bool:
    full = len(current.text) >= PARAGRAPH_LENGTH and ends_sentence(current.text.rsplit(maxsplit=1)[-1])
    pause = following.start - current.end
    return not full and pause < PARAGRAPH_PAUSE and current.speaker == following.speaker
