"""SubRip and WebVTT files, read into segments: each caption is one, with its own times and lines.

What a reader sees of a caption is kept: its text, its line breaks and, in WebVTT, who speaks. Its place, colours, fonts
and comments are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import regex
import srt
import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from transcription.speech.captions.characters import clean, is_visible
from transcription.speech.captions.clock import clock
from transcription.speech.captions.encodings import decode_text
from transcription.speech.errors import CaptionFileError
from transcription.speech.types import Segment

LARGEST_FILE = 8 * 2**20
"""Bytes: a hundred hours of captions have two million."""
MOST_CAPTIONS = 100_000
LONGEST_CAPTION = 10_000
LONGEST_SECONDS = 24 * 3600.0
"""Of one caption: what is longer has a slip of the pen in its time."""
SPARE_SECONDS = 5.0
"""Captions may end a little after the sound."""
_LONGEST_NUMBER = 40
"""Digits in a row: no time has as many, and the parsers' expressions would take long over them."""

_BROKEN_TIME = regex.compile(r"^\d+:[\d:.,]+ *-+ ?> *\d+:[\d:.,]+", regex.MULTILINE)
"""With minutes on both sides: numbers with an arrow between them may well be text."""
_SPACE_IN_CAPTION = regex.compile(r"^[^\S\n]++\n(?!(?:.*\n)?.*-->)", regex.MULTILINE)
"""A line of white space. In WebVTT only an empty one ends a caption; where another follows, an editor meant that."""
_SRT_TAG = regex.compile(r"</?(?:i|b|u|s|em|strong|font|c)(?:[ .=][^<>\n]*)?>|\{\\[^{}\n]*\}", regex.IGNORECASE)
_VTT_TAG = regex.compile(r"</?(?:c|i|b|u|ruby|rt|v|lang|\d[\d:.]*)(?:[. \t][^<>]*)?>")
_VOICE = regex.compile(r"<v(?:\.[^ \t<>]*)?[ \t]+([^<>]*)>")


@dataclass(frozen=True, slots=True)
class _Caption:
    number: int
    start: float
    end: float
    text: str
    speaker: str = ""


def read_captions(content: bytes, *, language: str = "", duration: float | None = None) -> tuple[Segment, ...]:
    """The captions of a file, in order. ``language`` is that of the text, ``duration`` the recording's, if known.

    Raises ``CaptionFileError`` for what is no such file, and for one whose times cannot be: nothing is guessed.
    """
    if not content.strip():
        raise CaptionFileError("This file is empty.")
    if len(content) > LARGEST_FILE:
        raise CaptionFileError(f"This file is larger than {LARGEST_FILE // 2**20} MB: it cannot be one of captions.")
    text = _tidy(decode_text(content))
    found = list(_read_vtt(text) if _is_vtt(text) else _read_srt(text))
    if not found:
        raise CaptionFileError("There is no caption in this file.")
    if len(found) > MOST_CAPTIONS:
        raise CaptionFileError(f"This file has more than {MOST_CAPTIONS:,} captions.")
    _check_times(found, duration)
    return tuple(
        Segment(index, caption.start, caption.end, caption.text, language, speaker=caption.speaker)
        for index, caption in enumerate(found)
    )


def _tidy(text: str) -> str:
    """Lines without the white space around them, and never two empty ones in a row: parsers are slow over them."""
    if regex.search(rf"\d{{{_LONGEST_NUMBER},}}", text):
        raise CaptionFileError
    text = regex.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))
    if _is_vtt(text.lstrip()):
        text = _SPACE_IN_CAPTION.sub("", text)
    lines = (line.strip() for line in text.split("\n"))
    return str(regex.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip("\n")


def _is_vtt(text: str) -> bool:
    return text.startswith("WEBVTT")


def _read_srt(text: str) -> Iterator[_Caption]:
    number = 0
    try:
        for number, subtitle in enumerate(srt.parse(text), start=1):
            words = _lines(_without_tags(subtitle.content))
            if _BROKEN_TIME.search(words):  # the parser takes what it cannot read for text
                raise CaptionFileError(_broken(number, text))
            if words:
                yield _Caption(number, _seconds(subtitle.start), _seconds(subtitle.end), words)
    except srt.SRTParseError as error:
        raise CaptionFileError(_broken(number, text)) from error
    except (OverflowError, ValueError) as error:
        raise CaptionFileError(f"The time of caption {number + 1} cannot be read.") from error


def _without_tags(text: str) -> str:
    """Also where taking one away makes another, so that what was read once is not read otherwise the next time."""
    for _ in range(10):
        text, count = _SRT_TAG.subn("", text)
        if not count:
            break
    return text


def _broken(number: int, text: str) -> str:
    if number == 0 and "-->" not in text:
        return CaptionFileError.message
    return f"The caption after number {number} cannot be read." if number else "The first caption cannot be read."


def _read_vtt(text: str) -> Iterator[_Caption]:
    try:
        captions = webvtt.from_string(text, strict=True).captions
    except MalformedCaptionError as error:
        raise CaptionFileError("A caption in this WebVTT file cannot be read. Check the times.") from error
    except MalformedFileError as error:
        raise CaptionFileError from error
    for number, caption in enumerate(captions, start=1):
        start, end = (time.in_milliseconds() / 1000 for time in (caption.start_time, caption.end_time))
        for speaker, words in _voices(caption.raw_text):
            yield _Caption(number, start, end, words, speaker)


def _voices(payload: str) -> Iterator[tuple[str, str]]:
    """Each speaker of a caption with the words; a caption of several becomes several, at the same time."""
    before, *rest = _VOICE.split(payload)
    pieces = [("", before), *zip(rest[::2], rest[1::2], strict=True)]
    for speaker, raw in pieces:
        if words := _lines(unescape(_VTT_TAG.sub("", raw))):
            yield clean(unescape(speaker)).strip(), words


def _lines(text: str) -> str:
    """The lines that can be seen, without white space around them."""
    lines = (clean(line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if is_visible(line))


def _seconds(time: timedelta) -> float:
    return time // timedelta(milliseconds=1) / 1000


def _check_times(captions: list[_Caption], duration: float | None) -> None:
    latest = 0.0
    for caption in captions:
        name = f"Caption {caption.number}"
        if caption.end < caption.start:
            raise CaptionFileError(f"{name} ends before it starts, at {clock(caption.start)}.")
        if caption.start < latest:
            raise CaptionFileError(f"{name} starts before the one above it: the times go back at {clock(latest)}.")
        if caption.end - caption.start > LONGEST_SECONDS:
            raise CaptionFileError(f"{name} would be shown for more than a day.")
        if len(caption.text) > LONGEST_CAPTION:
            raise CaptionFileError(f"{name} has more than {LONGEST_CAPTION:,} characters.")
        if duration is not None and caption.end > duration + SPARE_SECONDS:
            raise CaptionFileError(
                f"{name} ends at {clock(caption.end)}, after the end of the recording ({clock(duration)}). "
                "Are these its captions?"
            )
        latest = caption.start
