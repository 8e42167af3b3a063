"""A document to print and to file (PDF), set by Typst with the fonts that Scripta brings along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from transcription.speech.captions import fonts
from transcription.speech.captions.characters import clean
from transcription.speech.captions.clock import clock
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.paragraphs import paragraphs
from transcription.speech.captions.scripts import is_right_to_left

_SOURCE = Path(__file__).with_name("transcript.typ")
_LONGEST_LANGUAGE = 3
"""Letters of a language's code, for Typst."""


def write_pdf(document: TranscriptDocument, options: WriteOptions) -> bytes:
    """As ``write_docx``: title, length and day, then paragraphs under their speakers and times.

    Text can be selected and searched, with the exceptions of docs/open-points.md, and is tagged for screen readers.
    Raises ``MissingFont`` rather than draw empty boxes.
    """
    body = _body(document, options)
    parts = (body["title"], *body["paragraphs"])
    letters = {letter for part in parts for text in (part["text"], part["speaker"]) for letter in text}
    fonts.require(letters)
    families = {language: fonts.families(language, letters) for language in {part["lang"] for part in parts}}
    for part in parts:
        part["fonts"] = families[part["lang"]]
    return bytes(
        typst.compile(
            _SOURCE,
            root=_SOURCE.parent,
            font_paths=[fonts.FOLDER, fonts.cjk_path().parent],
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(body, ensure_ascii=False)},
        )
    )


def _body(document: TranscriptDocument, options: WriteOptions) -> dict[str, Any]:
    parts, shown = [], ""
    for paragraph in paragraphs(document):
        part = _part(paragraph.text, paragraph.language)
        if options.speakers and paragraph.speaker != shown:
            part["speaker"] = shown = paragraph.speaker
        if options.times:
            part["time"] = clock(paragraph.start)
        parts.append(part)
    return {
        "title": _part(clean(document.title).strip(), document.language),
        "about": f"{document.day} · {clock(document.duration)}",
        "paragraphs": parts,
    }


def _part(text: str, language: str) -> dict[str, Any]:
    return {
        "text": text,
        "lang": language if 1 < len(language) <= _LONGEST_LANGUAGE else "en",
        "rtl": is_right_to_left(text, language),
        "speaker": "",
        "time": "",
    }
