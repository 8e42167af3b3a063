"""A table: one passage a row, for spreadsheets."""

from __future__ import annotations

import csv
import io

from transcription.speech.captions.characters import clean
from transcription.speech.captions.clock import clock
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection)."""


def write_csv(document: TranscriptDocument, options: WriteOptions) -> str:
    """As RFC 4180 has it, with a line of names. A cell that could be taken for a formula begins with ``'``."""
    file = io.StringIO(newline="")
    file.write(BYTE_ORDER_MARK)
    table = csv.writer(file)
    timed = ("start", "end") if options.times else ()
    named = ("speaker",) if options.speakers else ()
    table.writerow((*timed, *named, "language", "text"))
    for segment in document.segments:
        times = (clock(segment.start, "."), clock(segment.end, ".")) if options.times else ()
        speaker = (_cell(segment.speaker),) if options.speakers else ()
        table.writerow((*times, *speaker, segment.language, _cell(segment.text)))
    return file.getvalue()


def _cell(text: str) -> str:
    text = clean(text).strip()
    return f"'{text}" if text.startswith(_FORMULA) else text
