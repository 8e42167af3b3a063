"""Passages that are joined, and those that would share time with a neighbour once others have moved."""

from __future__ import annotations

import pytest

from transcription.editing.changes import Row, changed, made, taken
from transcription.editing.passages import crowded, merge

ROWS = {n: {"rank": float(n), "start": 4.0 * n, "end": 4.0 * n + 3} for n in range(4)}


def test_passage_that_is_made_between_its_neighbours_crowds_nobody():
    new = {"rank": 0.5, "start": 3.0, "end": 4.0}
    assert list(crowded(ROWS, [made(9, new)])) == []


def test_passage_that_is_made_in_a_neighbours_time_crowds_it():
    new = {"rank": 0.5, "start": 2.5, "end": 4.5}
    assert list(crowded(ROWS, [made(9, new)])) == [(9, 0), (9, 1)]


def test_passage_that_grows_crowds_the_next():
    assert list(crowded(ROWS, [changed(1, ROWS[1], end=9.0)])) == [(1, 2)]


def test_passage_that_grows_into_one_that_goes_crowds_nobody():
    assert list(crowded(ROWS, [changed(1, ROWS[1], end=11.0), taken(2, ROWS[2])])) == []


def test_neighbours_that_overlap_already_are_left_alone():
    rows = ROWS | {1: ROWS[1] | {"end": 9.0}}
    assert list(crowded(rows, [made(9, {"rank": 5.0, "start": 20.0, "end": 21.0})])) == []


def test_change_of_text_alone_crowds_nobody():
    rows = {n: row | {"text": "a"} for n, row in ROWS.items()} | {1: ROWS[1] | {"end": 9.0, "text": "a"}}
    assert list(crowded(rows, [changed(1, rows[1], text="b")])) == []


def row(start: float, text: str, *words: str) -> Row:
    timed = [[start + n, start + n + 1, word, 0.9] for n, word in enumerate(words)]
    return {"start": start, "end": start + 3, "text": text, "words": timed, "doubt": "", "confidence": 0.9}


@pytest.mark.parametrize(
    ("upper", "lower", "text"),
    [
        (row(0, "He said", " He", " said"), row(4, "日本", "日", "本"), "He said 日本"),
        (row(0, "日本", "日", "本"), row(4, "he said", " he", " said"), "日本 he said"),
        (row(0, "日本", "日", "本"), row(4, "日", " 日"), "日本日"),
        (row(0, "日本", "日", "本"), row(4, "日"), "日本日"),
    ],
)
def test_joined_words_are_the_joined_text(upper, lower, text):
    after = merge((0, upper), (1, lower))[1].after
    assert after is not None
    assert after["text"] == text
    assert "".join(word[2] for word in after["words"]).strip() == text
