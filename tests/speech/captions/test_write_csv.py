import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech.captions.speech import document, odd_texts, spoken, untimed
from transcription.speech.captions import export
from transcription.speech.captions.characters import clean


def rows(transcript, **options):
    text = export("csv", transcript, **options).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_table_has_a_row_a_passage():
    talk = document(
        spoken("Hi, “you”.", start=1.0, speaker="Ann, B"), untimed("今天", start=3.0, language="zh", index=1)
    )
    assert rows(talk) == [
        ["start", "end", "speaker", "language", "text"],
        ["00:00:01.000", "00:00:01.911", "Ann, B", "en", "Hi, “you”."],
        ["00:00:03.000", "00:00:05.000", "", "zh", "今天"],
    ]
    assert rows(talk, times=False, speakers=False)[1:] == [["en", "Hi, “you”."], ["zh", "今天"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " \n@x", "＝1", "＋1", "－1", "＠x"])
def test_cell_that_could_be_a_formula_is_escaped(text):
    talk = document(untimed(text, speaker=text))
    assert rows(talk)[1] == ["00:00:00.000", "00:00:05.000", f"'{text.strip()}", "en", f"'{text.strip()}"]


@given(st.lists(odd_texts, max_size=4))
@settings(max_examples=80, deadline=None)
def test_every_text_comes_back(texts):
    talk = document(*(untimed(text, index=n) for n, text in enumerate(texts)))
    found = [row[-1] for row in rows(talk)[1:]]
    assert [cell.removeprefix("'") for cell in found] == [clean(text).strip().removeprefix("'") for text in texts]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in found)
