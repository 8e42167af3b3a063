"""Plain text: paragraphs, with or without the times at which they begin and the names of who speaks."""

from __future__ import annotations

from transcription.speech.captions.clock import clock
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.paragraphs import Paragraph, paragraphs
from transcription.speech.captions.rules import label_of


def write_text(document: TranscriptDocument, options: WriteOptions) -> str:
    """One line a paragraph, a blank line between them: ``[00:01:02] Ann: Text``."""
    return "\n".join(f"{_line(paragraph, options)}\n" for paragraph in paragraphs(document))


def _line(paragraph: Paragraph, options: WriteOptions) -> str:
    time = f"[{clock(paragraph.start)}] " if options.times else ""
    return time + (label_of(paragraph.speaker) if options.speakers else "") + paragraph.text
