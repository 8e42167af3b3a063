"""The formats that a transcript can be written in. A new one is a writer and a line in ``FORMATS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.write_json import write_json
from transcription.speech.captions.write_srt import write_srt
from transcription.speech.captions.write_text import write_text, write_timed_text
from transcription.speech.captions.write_vtt import write_vtt
from transcription.speech.errors import UnknownFormat


@dataclass(frozen=True, slots=True)
class Format:
    """``label`` is for a menu, ``extension`` comes without its dot."""

    label: str
    media_type: str
    extension: str
    write: Callable[[TranscriptDocument], str | bytes]


@dataclass(frozen=True, slots=True)
class Exported:
    content: bytes
    media_type: str
    extension: str


FORMATS: dict[str, Format] = {
    "txt": Format("Plain text", "text/plain; charset=utf-8", "txt", write_text),
    "txt-times": Format("Plain text with times", "text/plain; charset=utf-8", "txt", write_timed_text),
    "srt": Format("SubRip captions", "application/x-subrip; charset=utf-8", "srt", write_srt),
    "vtt": Format("WebVTT captions", "text/vtt; charset=utf-8", "vtt", write_vtt),
    "json": Format("JSON", "application/json", "json", write_json),
}


def export(format: str, document: TranscriptDocument) -> Exported:
    """A transcript as a file, text as UTF-8 without a byte order mark. Raises ``UnknownFormat``."""
    if format not in FORMATS:
        raise UnknownFormat(detail=format)
    chosen = FORMATS[format]
    content = chosen.write(document)
    return Exported(content.encode() if isinstance(content, str) else content, chosen.media_type, chosen.extension)
