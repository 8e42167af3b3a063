"""WebVTT, the captions of web pages: https://www.w3.org/TR/webvtt1/."""

from __future__ import annotations

from html import escape

import webvtt

from transcription.speech.captions.clock import clock
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.rules import Cue


def write_vtt(document: TranscriptDocument, options: WriteOptions) -> str:
    """Cues in the order of their starts; ``&``, ``<`` and ``>`` escaped, speakers as ``<v NAME>``."""
    return str(webvtt.WebVTT(captions=[_caption(cue, options) for cue in document.cues()]).content)


def _caption(cue: Cue, options: WriteOptions) -> webvtt.Caption:
    text = escape(cue.text, quote=False)
    if cue.speaker and options.speakers:
        text = f"<v {escape(cue.speaker, quote=False)}>{text}"
    return webvtt.Caption(start=clock(cue.start, "."), end=clock(cue.end, "."), text=text)
