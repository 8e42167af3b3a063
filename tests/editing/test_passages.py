"""Which passages would share time with a neighbour once others have moved."""

from __future__ import annotations

from transcription.editing.changes import changed, made, taken
from transcription.editing.passages import crowded

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
