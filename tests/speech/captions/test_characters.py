import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transcription.speech.captions.characters import clean, may_break, needs_space, width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" plain", " plain"),
        (" a\x00b\x1bc", " abc"),
        ("two\n\n lines\u2028 here", "two lines here"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("\ufeffmark", "mark"),
        ("half \ud83d one", "half \ufffd one"),
        ("a    b", "a b"),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


@given(st.text())
@example(" \x00 ")
def test_clean_text_can_always_be_written_on_one_line(text):
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned
    assert len(cleaned.splitlines()) <= 1
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("hello you", "en", 9),
        ("naïve", "fr", 5),
        ("nai\u0308ve", "fr", 5),
        ("ที่นี่", "th", 2),
        ("東京", "ja", 2),
        ("iPhone15が", "ja", 5),
        ("안녕 하세요", "ko", 6),
        ("a\u200bb", "en", 2),
    ],
)
def test_width(text, language, expected):
    assert width(text, language) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("東", "京", True),
        ("です", "。", False),
        ("「", "東", False),
        ("き", "ゃ", False),
        ("Trans", "formers", False),
        ("用", "AI", True),
        ("20", "%", False),
        ("เ", "ก", False),
        ("ก", "\u0e34", False),
    ],
)
def test_may_break_without_a_space(before, after, expected):
    assert may_break(before, after) is expected


def test_needs_space_between_sentences():
    assert needs_space("end.", "Begin") is True
    assert needs_space("です。", "東京") is False
    assert needs_space("です。", "Tokyo") is True
