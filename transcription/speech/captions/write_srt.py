"""SubRip: the most widely read caption format, and one without a standard, so nothing is written that is disputed."""

from __future__ import annotations

from datetime import timedelta

import regex
import srt

from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.rules import Cue

_ARROW = regex.compile(r"-[- ] *>|->(?= *\d+:)")
"""What parsers take for the arrow between two times, and what our own takes for one that is broken."""


def write_srt(document: TranscriptDocument, options: WriteOptions) -> str:
    """Cues counted from 1, times as ``HH:MM:SS,mmm`` (more digits beyond 99 hours).

    Speakers are named where their turns begin, as ``NAME: ``. SubRip cannot escape: an arrow in the text is written as
    the character ``→``, tags such as ``<b>`` stay as they are.
    """
    cues = enumerate(document.cues(labels=options.speakers), start=1)
    return str(srt.compose((_subtitle(number, cue, options) for number, cue in cues), reindex=False))


def _subtitle(number: int, cue: Cue, options: WriteOptions) -> srt.Subtitle:
    text = "\n".join(cue.written(labels=options.speakers))
    start, end = (timedelta(milliseconds=round(seconds * 1000)) for seconds in (cue.start, cue.end))
    return srt.Subtitle(number, start, end, _ARROW.sub("→", text))
