"""Passages that are joined, get other times, and would share time with a neighbour once others have moved."""

from __future__ import annotations

import pytest

from transcription.editing.changes import Row, changed, made, taken
from transcription.editing.passages import Refused, crowded, has_times, holds_its_words, merge, times_changed

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


def test_passages_that_grow_into_each_other_crowd():
    assert list(crowded(ROWS, [changed(1, ROWS[1], end=7.5), changed(2, ROWS[2], start=7.2)])) == [(1, 2)]


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


HERE = row(4, "one two", " one", " two") | {"end": 7.0}
ROOM = (3.0, 8.004)


def timed(**times: float) -> tuple[float, float, list]:
    after = HERE | (times_changed(1, HERE, **({"start": 4.0, "end": 7.0} | times), room=ROOM).after or {})
    return after["start"], after["end"], [word[:2] for word in after["words"]]


def test_passage_gets_other_times_and_its_words_stay():
    assert timed(start=3.2, end=7.5) == (3.2, 7.5, [[4, 5], [5, 6]])


def test_words_follow_a_passage_that_ends_earlier():
    assert timed(end=5.2) == (4.0, 5.2, [[4, 4.6], [4.6, 5.2]])


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"start": 2.99}, "too_early"),
        ({"end": 8.01}, "too_late"),
        ({"start": 6.95}, "too_short"),
        ({"start": 6.0, "end": 5.0}, "too_short"),
        ({"start": 2.0, "end": 2.0}, "too_short"),
    ],
)
def test_times_without_room_are_refused(times, code):
    with pytest.raises(Refused) as refused:
        timed(**times)
    assert refused.value.code == code


def test_tenth_of_a_second_is_long_enough():
    assert timed(start=6.1, end=6.2)[:2] == (6.1, 6.2)


def test_time_as_a_page_shows_it_means_the_limit():
    assert timed(start=2.995, end=8.0)[:2] == (3.0, 8.004)


def test_time_that_only_rounding_changes_stays():
    precise = HERE | {"start": 4.0004}
    change = times_changed(1, precise, start=4.0, end=7.5, room=ROOM)
    assert change.after == {"end": 7.5}
    assert has_times(precise, start=4.0, end=7.0)
    assert not has_times(precise, start=4.01, end=7.0)


def test_passage_that_overlaps_already_may_go_on_to():
    overlapping = HERE | {"start": 2.5, "end": 9.0}
    change = times_changed(1, overlapping, start=2.7, end=9.0, room=ROOM)
    assert change.after == {"start": 2.7}
    with pytest.raises(Refused):
        times_changed(1, overlapping, start=2.4, end=9.0, room=ROOM)


def test_passage_holds_its_words_but_for_rounding():
    assert holds_its_words(HERE | {"start": 4.0004})
    assert not holds_its_words(HERE | {"end": 5.9})
    assert holds_its_words(HERE | {"words": []})
