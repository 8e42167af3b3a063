"""Running text: the paragraphs of a transcript, for people who read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from transcription.speech.captions.characters import clean, needs_space
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
    language: str
    speaker: str = ""


def paragraphs(document: TranscriptDocument) -> Iterator[Paragraph]:
    """One ends where the speaker rests, where speaker or language change, or with a sentence once it is long."""
    current: Paragraph | None = None
    for segment in document.passages:
        text, speaker = _one_line(segment.text), clean(segment.speaker).strip()
        if not text:
            continue
        following = Paragraph(segment.start, segment.end, text, segment.language, speaker)
        if current is None:
            current = following
        elif _continues(current, following):
            current = replace(current, end=segment.end, text=_joined(current.text, text))
        else:
            yield current
            current = following
    if current is not None:
        yield current


def _one_line(text: str) -> str:
    """Without the line breaks that captions bring with them."""
    if "\n" not in text:
        return clean(text).strip()
    whole = ""
    for line in text.split("\n"):
        whole = _joined(whole, clean(line).strip())
    return whole


def _joined(before: str, after: str) -> str:
    if not before or not after:
        return before or after
    return f"{before} {after}" if needs_space(before, after) else before + after


def _continues(current: Paragraph, following: Paragraph) -> bool:
    full = len(current.text) >= PARAGRAPH_LENGTH and ends_sentence(current.text.rsplit(maxsplit=1)[-1])
    pause = following.start - current.end
    same = (current.speaker, current.language) == (following.speaker, following.language)
    return not full and pause < PARAGRAPH_PAUSE and same
