"""A document for Word and its kin (Office Open XML)."""

from __future__ import annotations

import io
from dataclasses import dataclass

import regex
from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run

from transcription.speech.captions.characters import clean
from transcription.speech.captions.clock import clock
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.paragraphs import Paragraph, paragraphs
from transcription.speech.captions.scripts import is_east_asian, is_right_to_left, language_tag

_NOT_IN_XML = regex.compile(r"[\ufffe\uffff]")
_MUTED = RGBColor(0x64, 0x5F, 0x56)
_EAST_ASIAN_FONTS = {"ja": "Yu Gothic", "ko": "Malgun Gothic", "yue": "Microsoft JhengHei"}
"""Such as come with the systems of the countries; others replace what they do not have. Chinese is the rest."""


def write_docx(document: TranscriptDocument, options: WriteOptions) -> bytes:
    """Title, length and day, then paragraphs, each under its speaker and time.

    Each paragraph is marked with its language, and written from the right where that is so; so the spelling checker,
    the fonts and the cursor do what a reader of that language expects.
    """
    file = Document()
    title = _text(document.title)
    _describe(file, title, document)
    _direct(file.add_heading(title, level=0), is_rtl=is_right_to_left(title, document.language))
    _add(file.add_paragraph(), _Said(f"{document.day} · {clock(document.duration)}"), muted=True)
    shown = ""
    for paragraph in paragraphs(document):
        _head(file, paragraph, options, is_new=paragraph.speaker != shown)
        shown = paragraph.speaker
        said = _Said(_text(paragraph.text), paragraph.language)
        block = file.add_paragraph()
        _add(block, said)
        _direct(block, is_rtl=said.is_rtl)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    language: str = ""

    @property
    def is_rtl(self) -> bool:
        return is_right_to_left(self.text, self.language)


def _describe(file: DocxDocument, title: str, document: TranscriptDocument) -> None:
    """What file managers show, and the looks of the text."""
    file.core_properties.title = title[:255]
    file.core_properties.author = "Scripta"
    file.core_properties.language = language_tag(document.language)
    file.core_properties.created = document.created
    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    normal.paragraph_format.space_after = Pt(6)


def _head(file: DocxDocument, paragraph: Paragraph, options: WriteOptions, *, is_new: bool) -> None:
    """The line above a paragraph: who speaks, where that is somebody else than before, and since when."""
    speaker = _text(paragraph.speaker) if options.speakers and is_new else ""
    time = clock(paragraph.start) if options.times else ""
    if not speaker and not time:
        return
    block = file.add_paragraph()
    block.paragraph_format.keep_with_next = True
    block.paragraph_format.space_before, block.paragraph_format.space_after = Pt(6), Pt(0)
    if speaker:
        _add(block, _Said(speaker, paragraph.language), bold=True)
    if time:
        _add(block, _Said(f"  {time}" if speaker else time), muted=True)
    _direct(block, is_rtl=is_right_to_left(paragraph.text, paragraph.language))


def _add(block: DocxParagraph, said: _Said, *, bold: bool = False, muted: bool = False) -> None:
    run = block.add_run(said.text)
    run.bold = bold or None
    if muted:
        run.font.size, run.font.color.rgb = Pt(9), _MUTED
    if said.language:
        _mark(run, said)


def _mark(run: Run, said: _Said) -> None:
    """Language and fonts of a run; Word has three of each: for Latin, for East Asian and for complex scripts."""
    properties = run._r.get_or_add_rPr()
    tag, east_asian = language_tag(said.language), is_east_asian(said.language)
    fonts = properties.get_or_add_rFonts()
    if east_asian:
        fonts.set(qn("w:eastAsia"), _EAST_ASIAN_FONTS.get(said.language, "Microsoft YaHei"))
        fonts.set(qn("w:hint"), "eastAsia")
    fonts.set(qn("w:cs"), "Arial")
    if said.is_rtl:
        properties.append(OxmlElement("w:rtl"))
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia" if east_asian else "w:bidi" if said.is_rtl else "w:val"), tag)
    properties.append(language)


def _direct(block: DocxParagraph, *, is_rtl: bool) -> None:
    """The direction of a paragraph."""
    if is_rtl:
        properties = block._p.get_or_add_pPr()
        bidi = OxmlElement("w:bidi")
        properties.insert_element_before(
            bidi, "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )


def _text(text: str) -> str:
    return str(_NOT_IN_XML.sub("\ufffd", clean(text).strip()))
