"""The formats that a transcript can be written in. A new one is a writer and a line in ``FORMATS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transcription.speech.captions.checking import CheckedCue, checked
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.write_ass import write_ass
from transcription.speech.captions.write_csv import write_csv
from transcription.speech.captions.write_docx import write_docx
from transcription.speech.captions.write_json import write_json
from transcription.speech.captions.write_pdf import write_pdf
from transcription.speech.captions.write_srt import write_srt
from transcription.speech.captions.write_text import write_text
from transcription.speech.captions.write_vtt import write_vtt
from transcription.speech.errors import UnknownFormat, UnknownOption
from transcription.speech.marking import gettext_noop


@dataclass(frozen=True, slots=True)
class Format:
    """``label`` is for a menu, ``extension`` comes without its dot.

    ``times`` and ``speakers`` are what a user gets without asking; None: it is no choice, because the format has none
    of them, or always has them. ``labels`` is for captions: the names of speakers stand in the lines.
    """

    label: str
    media_type: str
    extension: str
    write: Callable[[TranscriptDocument, WriteOptions], str | bytes]
    times: bool | None = None
    speakers: bool | None = None
    is_captions: bool = False
    is_binary: bool = False
    labels: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    content: bytes
    media_type: str
    extension: str


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[str, Format] = {
    "txt": Format(
        gettext_noop("Plain text"), "text/plain; charset=utf-8", "txt", write_text, times=False, speakers=True
    ),
    "docx": Format(gettext_noop("Word"), _WORD, "docx", write_docx, times=True, speakers=True, is_binary=True),
    "pdf": Format(gettext_noop("PDF"), "application/pdf", "pdf", write_pdf, times=True, speakers=True, is_binary=True),
    "srt": Format(
        gettext_noop("SubRip captions"),
        "application/x-subrip; charset=utf-8",
        "srt",
        write_srt,
        speakers=True,
        is_captions=True,
        labels=True,
    ),
    "vtt": Format(
        gettext_noop("WebVTT captions"), "text/vtt; charset=utf-8", "vtt", write_vtt, speakers=True, is_captions=True
    ),
    "ass": Format(
        gettext_noop("ASS captions"),
        "text/x-ssa; charset=utf-8",
        "ass",
        write_ass,
        speakers=True,
        is_captions=True,
        labels=True,
    ),
    "csv": Format(gettext_noop("Table (CSV)"), "text/csv; charset=utf-8", "csv", write_csv, times=True, speakers=True),
    "json": Format(gettext_noop("JSON"), "application/json", "json", write_json),
}
CAPTIONS = tuple(name for name, each in FORMATS.items() if each.is_captions)


def export(
    format: str, document: TranscriptDocument, *, times: bool | None = None, speakers: bool | None = None
) -> Exported:
    """A transcript as a file, text as UTF-8; a byte order mark only in CSV, whose readers need it.

    ``times`` and ``speakers`` None are as usual in the format. Raises ``UnknownFormat``, and ``UnknownOption`` for a
    choice that the format does not have.
    """
    chosen = _format(format)
    content = chosen.write(document, WriteOptions(_choice(times, chosen.times), _choice(speakers, chosen.speakers)))
    return Exported(content.encode() if isinstance(content, str) else content, chosen.media_type, chosen.extension)


def report(format: str, document: TranscriptDocument, *, speakers: bool | None = None) -> list[CheckedCue]:
    """The captions that ``export`` writes, each with the rules that it breaks. Raises as ``export`` does."""
    chosen = _format(format)
    if not chosen.is_captions:
        raise UnknownFormat(detail=format)
    return checked(document, labels=chosen.labels and _choice(speakers, chosen.speakers))


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise UnknownFormat(detail=name)
    return FORMATS[name]


def _choice(wish: bool | None, usual: bool | None) -> bool:
    if wish is None:
        return bool(usual)
    if usual is None:
        raise UnknownOption
    return wish
