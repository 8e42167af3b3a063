import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.speech.captions.speech import document, spoken, untimed
from transcription.speech.captions import export
from transcription.speech.captions.fonts import fonts
from transcription.speech.errors import MissingFont

TALK = document(
    spoken("Good morning, everybody.", start=62.0, speaker="Ann"),
    untimed("Ещё по-русски, και ελληνικά.", start=80.0, end=84.0, language="ru", index=2, speaker="Bo"),
)


def pages(transcript, **options):
    return [page.extract_text() for page in PdfReader(io.BytesIO(export("pdf", transcript, **options).content)).pages]


def test_document_has_title_speakers_and_times():
    reader = PdfReader(io.BytesIO(export("pdf", TALK).content))
    assert (reader.metadata.title, reader.metadata.author) == ("A talk", "Scripta")
    lines = [line.strip() for line in pages(TALK)[0].splitlines() if line.strip()]
    assert lines == [
        "A talk",
        "2026-01-02 · 00:01:24",
        "Ann 00:01:02",
        "Good morning, everybody.",
        "Bo 00:01:20",
        "Ещё по-русски, και ελληνικά.",
        "1 / 1",
    ]


SCRIPTS = {
    "ar": "صباح الخير يا أصدقاء",
    "he": "שלום עולם",
    "fa": "می‌خواهم بگویم",
    "hi": "नमस्ते दुनिया",
    "bn": "ওহে বিশ্ব",
    "ta": "வணக்கம்",
    "te": "నమస్కారం",
    "kn": "ನಮಸ್ಕಾರ",
    "ml": "നമസ്കാരം",
    "gu": "નમસ્તે",
    "pa": "ਸਤ ਸ੍ਰੀ ਅਕਾਲ",
    "si": "ආයුබෝවන්",
    "th": "สวัสดีครับ",
    "lo": "ສະບາຍດີ",
    "km": "សួស្តី",
    "my": "မင်္ဂလာပါ",
    "bo": "བཀྲ་ཤིས་བདེ་ལེགས།",
    "ka": "გამარჯობა",
    "hy": "Բարև ձեզ",
    "am": "ሰላም ነህ",
    "zh": "我们今天要讨论的是人工智能",
    "ja": "今日はとても天気がいいので",
    "ko": "오늘은 날씨가 아주 좋아서",
    "vi": "Tiếng Việt có dấu",
    "en": "♪ music ♪ – “quotes” … € £ → 😀",
}


def fonts_of(transcript):
    reader = PdfReader(io.BytesIO(export("pdf", transcript).content))
    return {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }


@pytest.mark.parametrize("language", SCRIPTS)
def test_script_is_drawn_with_a_font_that_has_it(language):
    assert fonts_of(document(untimed(SCRIPTS[language], language=language))), "no font at all"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "نتحدث اليوم عن محاضرة التاريخ"),
        ("fa", "پژوهش و گفتگو"),
        ("ur", "آج موسم بہت اچھا ہے"),
        ("ps", "نن هوا ډېره ښه ده"),
        ("he", "שלום עולם"),
    ],
)
def test_words_from_the_right_can_be_found(language, text):
    words = pages(document(untimed(text, language=language), title=text))[0].split()
    assert {word: words.count(word) for word in text.split()} == dict.fromkeys(text.split(), 2)


def test_arabic_letters_that_one_font_lacks_are_all_of_another():
    used = fonts_of(document(untimed("اڄ موسم", language="sd"), untimed("موسم", language="ar", start=9.0, end=11.0)))
    assert used == {"NotoSans-Regular", "NotoSans-Bold", "NotoSansArabic-Regular"}


def test_character_that_no_font_has_is_refused_in_words():
    with pytest.raises(MissingFont) as raised:
        export("pdf", document(untimed("Hieroglyph 𓀀 and 𓀁, \ue000")))
    assert raised.value.message == (
        "This text has characters for which the server has no font: \ue000 (U+e000), 𓀀 (Egyptian hieroglyph a001), "
        "𓀁 (Egyptian hieroglyph a002). Choose Word or plain text instead."
    )


def test_words_are_no_commands():
    text = '#panic("x") $x$ *bold* _it_ @ref <label> \\ // /* = head ` {} [] "\' #import "a.typ"'
    assert " ".join(pages(document(untimed(text), title=text))[0].split()).count('#panic("x") $x$ *bold*') == 2


@given(st.text(st.characters(codec="latin-1"), max_size=200))
@settings(max_examples=15, deadline=None)
def test_odd_text_makes_a_document(text):
    try:
        assert export("pdf", document(untimed(text), title=text)).content.startswith(b"%PDF-")
    except MissingFont:
        assert any(not any(font.has(c) for font in fonts()) for c in text)
