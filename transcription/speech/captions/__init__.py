"""Captions and other written forms of a transcript: ``export`` writes a file, ``report`` says which rules it breaks,
``read_captions`` takes one in."""

from transcription.speech.captions.characters import clean, needs_space
from transcription.speech.captions.checking import CheckedCue, Summary, summed_up
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.formats import CAPTIONS, FORMATS, Exported, Format, export, report
from transcription.speech.captions.read_captions import LARGEST_FILE, read_captions
from transcription.speech.captions.rules import CaptionRules, Cue, Violation, check, rules_for
from transcription.speech.captions.splitting import split

__all__ = [
    "CAPTIONS",
    "FORMATS",
    "LARGEST_FILE",
    "CaptionRules",
    "CheckedCue",
    "Cue",
    "Exported",
    "Format",
    "Summary",
    "TranscriptDocument",
    "Violation",
    "check",
    "clean",
    "export",
    "needs_space",
    "read_captions",
    "report",
    "rules_for",
    "split",
    "summed_up",
]
