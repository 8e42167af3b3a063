"""The markup of passages."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from transcription.services.search import Passage
from transcription.templatetags.passages import BEFORE, LENGTH, marked


def passage(text: str, *spans: tuple[int, int]) -> Passage:
    return Passage(uuid4(), "", datetime.now(UTC), 1, 0, 0.0, 1.0, "en", text, 1, spans)


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("a <b> & c", [(2, 5), (8, 9)], "a <mark>&lt;b&gt;</mark> &amp; <mark>c</mark>"),
        ("nothing", [], "nothing"),
        ("", [], ""),
        ("👍 ja 👍", [(2, 4)], "👍 <mark>ja</mark> 👍"),
    ],
)
def test_text_is_escaped_and_what_was_found_is_marked(text, spans, expected):
    assert marked(passage(text, *spans)) == expected


def test_long_text_is_cut_between_words_around_the_first_place():
    text = f"{'before ' * 100}HERE {'after ' * 100}HERE"
    place = text.index("HERE")
    shown = marked(passage(text, (place, place + 4), (len(text) - 4, len(text))))
    before, after = shown.removeprefix("… before ").removesuffix("after …").split("<mark>HERE</mark>")
    assert set(before.split()) == {"before"}
    assert set(after.split()) == {"after"}
    assert BEFORE - 10 <= len("before ") + len(before) <= BEFORE
    assert len(shown) < LENGTH + 20


def test_text_without_blanks_is_cut_anywhere():
    shown = marked(passage("字" * 50_000, (40_000, 40_002)))
    assert shown == f"… {'字' * BEFORE}<mark>字字</mark>{'字' * (LENGTH - BEFORE - 2)} …"
