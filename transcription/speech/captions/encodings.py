"""Bytes of a text file as text, whatever editor wrote it."""

from __future__ import annotations

import codecs

import regex
from charset_normalizer import from_bytes

from transcription.speech.errors import CaptionFileError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "cp932", "cp949", "gb18030", "big5",
]  # fmt: skip
"""Those that captions come in, of the systems of the countries."""
_USUAL = "cp1252"
_SAMPLE = 64 * 1024
_NO_TEXT = regex.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
NOT_TEXT = "This file is not text. Choose a file of captions that ends in .srt or .vtt."
DAMAGED = "This file cannot be read as text: it may be damaged. Save it as UTF-8 and try again."


def decode_text(content: bytes) -> str:
    """By its byte order mark; without one as UTF-8; else in the code page that makes sense of it.

    Raises ``CaptionFileError`` for what is no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(_decoded(content, encoding))
    if (wide := _wide(content)) is not None:
        return _checked(_decoded(content, wide))
    try:
        return _checked(content.decode())
    except UnicodeDecodeError:
        pass
    if _NO_TEXT.search(content[:_SAMPLE].decode("latin-1")):
        raise CaptionFileError(NOT_TEXT)
    return _checked(_decoded(content, _code_page(content)))


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: of the digits and spaces of the times every other byte is zero."""
    sample = content[:_SAMPLE]
    if len(content) % 2 or not sample.count(0):
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) / 10 or min(even, odd) > max(even, odd) / 20:
        return None
    return "utf-16-be" if even else "utf-16-le"


def _code_page(content: bytes) -> str:
    found = from_bytes(content[:_SAMPLE], cp_isolation=_CODE_PAGES)
    best = found.best()
    if best is None:
        return _USUAL
    usual = next((match for match in found if match.encoding == _USUAL), best)
    # Of those that make as much sense, the more common one: in short texts much is written alike.
    same = (usual.chaos, usual.coherence) == (best.chaos, best.coherence)
    return usual.encoding if same else best.encoding


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != _USUAL and encoding in _CODE_PAGES:  # beyond the sample it did not fit
            return _decoded(content, _USUAL)
        raise CaptionFileError(DAMAGED) from error


def _checked(text: str) -> str:
    if _NO_TEXT.search(text):
        raise CaptionFileError(NOT_TEXT)
    return text
