"""Captions and other written forms of a transcript: ``export`` writes a file, ``check`` reports on captions."""

from transcription.speech.captions.characters import clean, needs_space
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.formats import FORMATS, Exported, Format, export
from transcription.speech.captions.rules import CaptionRules, Cue, Violation, check, rules_for
from transcription.speech.captions.splitting import split

__all__ = [
    "FORMATS",
    "CaptionRules",
    "Cue",
    "Exported",
    "Format",
    "TranscriptDocument",
    "Violation",
    "check",
    "clean",
    "export",
    "needs_space",
    "rules_for",
    "split",
]
