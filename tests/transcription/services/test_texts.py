from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.services.texts import clean_line, clean_text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One\r\ntwo\rthree\n\n\n\nfour", "One\ntwo\nthree\n\nfour"),
        ("a\0b\x1b[31m", "a b [31m"),
        ("\u202egnp.exe \u2066x\u2069", "gnp.exe x"),
        ("  spaces   and\ttabs  ", "spaces and tabs"),
        ("👩‍👩‍👧 ünïcode", "👩‍👩‍👧 ünïcode"),
        ("line\u2028separator", "line separator"),
        ("\n\n", ""),
        ("<script>", "<script>"),
        ("\u200b\u2060 \u200f", ""),
        ("a\n\u200b\nb", "a\n\nb"),
        ("*", "*"),
    ],
)
def test_text_keeps_its_lines_and_loses_what_nobody_sees(text, kept):
    assert clean_text(text) == kept


@given(st.text())
def test_cleaned_text_stays_as_it_is(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert [clean_line(line, limit=len(line)) for line in cleaned.split("\n")] == cleaned.split("\n")
