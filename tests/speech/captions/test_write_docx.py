import io
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.speech.captions.speech import document, odd_texts, spoken, untimed
from transcription.speech.captions import export

TALK = document(
    spoken("Good morning, everybody.", start=62.0, speaker="Ann"),
    spoken("Is it so?", start=70.0, index=1, speaker="Ann"),
    untimed("صباح الخير", start=80.0, end=84.0, language="ar", index=2, speaker="Bo"),
    untimed("今日はとても天気がいい。", start=90.0, end=94.0, language="ja", index=3, speaker="Bo"),
)


def read(transcript, **options):
    return Document(io.BytesIO(export("docx", transcript, **options).content))


def texts(transcript, **options):
    return [paragraph.text for paragraph in read(transcript, **options).paragraphs]


def test_document_has_title_speakers_and_times():
    assert texts(TALK) == [
        "A talk",
        "2026-01-02 · 00:01:34",
        "Ann  00:01:02",
        "Good morning, everybody.",
        "00:01:10",
        "Is it so?",
        "Bo  00:01:20",
        "صباح الخير",
        "00:01:30",
        "今日はとても天気がいい。",
    ]
    properties = read(TALK).core_properties
    assert (properties.title, properties.author, properties.language) == ("A talk", "Scripta", "en-US")


def test_times_and_speakers_are_left_out_where_that_is_wished():
    said = ["Good morning, everybody.", "Is it so?", "صباح الخير", "今日はとても天気がいい。"]
    assert texts(TALK, times=False, speakers=False)[2:] == said
    assert texts(TALK, speakers=False)[2::2] == ["00:01:02", "00:01:10", "00:01:20", "00:01:30"]
    assert texts(TALK, times=False)[2:] == ["Ann", *said[:2], "Bo", *said[2:]]


def run_of(paragraph):
    properties = paragraph.runs[0]._r.rPr
    language = properties.find(qn("w:lang"))
    return {
        "bidi": paragraph._p.pPr is not None and paragraph._p.pPr.find(qn("w:bidi")) is not None,
        "rtl": properties.find(qn("w:rtl")) is not None,
        "lang": {key.rpartition("}")[2]: value for key, value in language.attrib.items()},
        "east_asian_font": properties.rFonts.get(qn("w:eastAsia")),
    }


def test_paragraphs_are_marked_with_language_direction_and_fonts():
    paragraphs = read(TALK).paragraphs
    assert run_of(paragraphs[3]) == {"bidi": False, "rtl": False, "lang": {"val": "en-US"}, "east_asian_font": None}
    assert run_of(paragraphs[7]) == {"bidi": True, "rtl": True, "lang": {"bidi": "ar-SA"}, "east_asian_font": None}
    assert run_of(paragraphs[9]) == {
        "bidi": False,
        "rtl": False,
        "lang": {"eastAsia": "ja-JP"},
        "east_asian_font": "Yu Gothic",
    }
    assert run_of(paragraphs[6])["bidi"], "the line above goes the same way"


@given(st.lists(odd_texts, max_size=4), odd_texts, st.text(max_size=20))
@settings(max_examples=40, deadline=None)
def test_every_text_makes_a_valid_document(words, title, speaker):
    talk = document(*(untimed(text, index=n, speaker=speaker) for n, text in enumerate(words)), title=title)
    with zipfile.ZipFile(io.BytesIO(export("docx", talk).content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))


ORDER = ["rFonts", "b", "color", "sz", "rtl", "lang"]


@pytest.mark.parametrize("number", [2, 3, 7, 9])
def test_properties_come_in_the_order_that_the_schema_wants(number):
    for run in read(TALK).paragraphs[number].runs:
        names = [child.tag.rpartition("}")[2] for child in run._r.rPr]
        assert names == [name for name in ORDER if name in names]
