"""What a proposal would change, and what accepting it does to the rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.editing import changes
from transcription.editing.changes import Row, changed, made, taken
from transcription.editing.passages import Refused
from transcription.editing.proposals import Span, accepted, concerns, differences, touched
from transcription.speech.types import Word


def words(text: str, start: float, *, step: float = 0.5, probability: float = 0.9) -> list[Word]:
    """One every half second."""
    each = enumerate(text.split())
    return [Word(start + n * step, start + (n + 1) * step, f" {word}", probability) for n, word in each]


def row(text: str, start: float, **fields: Any) -> Row:
    spoken = [[w.start, w.end, w.text, w.probability] for w in words(text, start, probability=0.5)]
    return {
        "rank": start, "start": start, "end": start + len(spoken) / 2, "text": text, "language": "en",
        "confidence": 0.5, "doubt": "unsure", "words": spoken, "speaker": None,
    } | fields  # fmt: skip


def result(rows: list[tuple[int, Row]], heard: list[Word], span: Span) -> dict[int, Row]:
    state = dict(rows)
    changes.apply(state, accepted(touched(rows, span), heard, span))
    return state


def texts(rows: dict[int, Row]) -> dict[int, str]:
    return {number: each["text"] for number, each in rows.items()}


def test_differences_are_those_of_the_words_in_the_span():
    rows = [(0, row("And so my follow Americans", 10))]
    runs = differences(rows, words("And so my fellow Americans", 10), Span(9, 13))
    assert [(run.kind, run.text) for run in runs] == [
        ("same", "And so my"),
        ("removed", "follow"),
        ("added", "fellow"),
        ("same", "Americans"),
    ]


def test_accepted_words_keep_the_times_at_which_they_were_heard():
    heard = words("And so my fellow Americans", 10.1)
    after = result([(0, row("And so my follow Americans", 10))], heard, Span(9, 13))[0]
    assert after == row("", 10) | {
        "text": "And so my fellow Americans",
        "words": [[w.start, w.end, w.text, 0.9] for w in heard],
        "start": 10.1,
        "end": 12.6,
        "doubt": "",
        "confidence": 0.9,
        "rank": 10,
    }


def test_words_go_into_the_passage_in_which_they_stand_already():
    rows = [(0, row("one two three", 0, speaker=1)), (1, row("four five", 1.5, speaker=2))]
    # By their times alone, "three" would be the second passage's.
    heard = words("one too extra three four five", 0.3)
    after = result(rows, heard, Span(0, 4))
    assert texts(after) == {0: "one too extra three", 1: "four five"}
    assert [each["speaker"] for each in after.values()] == [1, 2]


def test_new_words_go_by_time():
    rows = [(0, row("a b", 0)), (1, row("c d", 10)), (2, row("e f", 20))]
    after = result(rows, [*words("x y", 0), *words("z", 10.5), *words("v w", 20)], Span(0, 22))
    assert texts(after) == {0: "x y", 1: "z", 2: "v w"}


def test_passage_of_which_no_word_is_left_is_taken_away():
    rows = [(0, row("a b", 0)), (1, row("thanks for watching", 10)), (2, row("e f", 20))]
    assert texts(result(rows, [*words("a b", 0), *words("e f", 20)], Span(0, 22))) == {0: "a b", 2: "e f"}
    assert texts(result([rows[1]], [], Span(9, 12))) == {}


def test_words_outside_the_span_stay_as_they_are():
    """As where a passage was joined to its neighbours since."""
    joined = row("before one two behind", 0)
    after = result([(0, joined)], words("ein zwei", 0.5), Span(0.5, 1.5))[0]
    assert after["text"] == "before ein zwei behind"
    assert (after["words"][0], after["words"][-1]) == (joined["words"][0], joined["words"][-1])
    assert (after["start"], after["end"]) == (joined["start"], joined["end"])


def test_passage_without_word_times_gets_them():
    imported = row("Somebody wrote this", 10, words=[])
    runs = differences([(0, imported)], words("Somebody said this", 10), Span(9, 13))
    assert [(run.kind, run.text) for run in runs] == [
        ("same", "Somebody"), ("removed", "wrote"), ("added", "said"), ("same", "this"),
    ]  # fmt: skip
    after = result([(0, imported)], words("Somebody said this", 10), Span(9, 13))[0]
    assert (after["text"], len(after["words"])) == ("Somebody said this", 3)


def test_seam_has_a_space_only_where_the_script_has_them():
    latin = row("one two", 0)
    spaced = result([(0, latin)], [Word(0.5, 1.0, "deux", 0.9)], Span(0.5, 1.0))[0]
    assert spaced["text"] == "one deux"
    chinese = row("你好", 0, end=1, words=[[0, 0.5, "你", 0.9], [0.5, 1, "好", 0.9]])
    assert result([(0, chinese)], [Word(0.5, 1.0, "们", 0.9)], Span(0.5, 1.0))[0]["text"] == "你们"


def test_text_that_gets_too_long_is_refused():
    with pytest.raises(Refused, match="too_long"):
        accepted([(0, row("a", 0))], words("word " * 2_500, 0, step=0.0001), Span(0, 1))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changed(1, row("a", 0), text="b"), True),
        (changed(2, row("a", 0), text="b"), False),
        (changed(1, row("a", 0), speaker=3), False),
        (changed(1, row("a", 0), end=12.0), True),
        (changed(1, row("a", 0), confidence=1.0), False),
        (made(1, row("a", 0)), True),
        (made(7, row("a", 0)), False),
        (taken(7, row("a b", 10.5)), True),
        (taken(7, row("a b", 20)), False),
    ],
)
def test_what_touches_the_text_of_a_proposal(change, expected):
    assert concerns(change, {1}, Span(10, 12)) == expected


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), min_size=1, max_size=12).map(" ".join)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(st.tuples(st.sampled_from("abcdxyz"), st.floats(0, 1))))
def test_no_heard_word_is_lost_and_times_stay_in_order(passages, heard):
    rows, at = [], 0.0
    for number, text in enumerate(passages):
        rows.append((number, row(text, at)))
        at = rows[-1][1]["end"] + 0.2
    starts = sorted(round(share * at, 3) for _, share in heard)
    spoken = [
        Word(start, end, f" {text}", 0.9)
        for (text, _), start, end in zip(heard, starts, [*starts[1:], at], strict=False)
    ]
    after = result(rows, spoken, Span(0, at))
    kept = [word for each in after.values() for word in each["words"]]
    assert [word[2] for word in kept] == [word.text for word in spoken]
    times = [time for word in kept for time in word[:2]]
    assert times == sorted(times)
    for each in after.values():
        assert "".join(word[2] for word in each["words"]).strip() == each["text"]
        assert all(each["start"] <= word[0] <= word[1] <= each["end"] for word in each["words"])
