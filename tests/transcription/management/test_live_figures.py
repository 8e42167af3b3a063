"""What is computed from a known log. Every expected figure was worked out by hand from the definitions."""

import math
from dataclasses import astuple

import pytest

from transcription.management.benchmarks.live_figures import (
    Figures,
    SeenWord,
    SpokenWord,
    figures,
    look,
    median,
    percentile,
)

SPOKEN = [SpokenWord("one", 1.0), SpokenWord("cat", 2.0), SpokenWord("sat", 3.0), SpokenWord("down", 4.0)]
TEXT = "one cat sat down"
# "one" is written "1" by the normaliser, in both.
SCREENS = [
    (1.4, "one"),  # one: shown 0.4
    (2.5, "one hat"),
    (2.9, "one cat"),  # cat: shown 0.9; one word changed
    (3.3, "one cat sat on"),  # sat: shown 0.3
    (4.2, "one cat sat down"),  # down: shown 0.2; one word changed
    (4.6, "won cat sat down"),  # one: no longer there; one word changed
    (5.0, "one cat sat down."),  # one: settled at 5.0; one word changed
    (5.5, "one cat sat down."),  # nothing changed
]


def test_known_log_gives_known_words():
    seen = look(SCREENS, ended=4.1, text=TEXT, spoken=SPOKEN)
    expected = [(1.0, 0.4, 4.0), (2.0, 0.9, 0.9), (3.0, 0.3, 0.3), (4.0, 0.2, 0.2)]
    assert [(w.end, pytest.approx(w.shown), pytest.approx(w.settled)) for w in seen.words] == expected


def test_known_log_gives_known_figures():
    seen = look(SCREENS, ended=4.1, text=TEXT, spoken=SPOKEN)
    # shown 0.2 0.3 0.4 0.9: median 0.35; 95 % lies 0.85 of the way from the third to the fourth: 0.4 + 0.85 × 0.5
    # settled 0.2 0.3 0.9 4.0: median 0.6; 0.9 + 0.85 × 3.1. Four changed words for four written. Last change at 5.0.
    assert astuple(figures(seen)) == pytest.approx((0.35, 0.825, 0.6, 3.535, 1.0, 0.9, 0.0))


def test_figures_of_a_part_count_only_its_words():
    seen = look(SCREENS, ended=4.1, text=TEXT, spoken=SPOKEN)
    part = figures(seen, begin=2.0, end=4.0)
    assert (part.shown_p50, part.settled_p50) == (pytest.approx(0.6), pytest.approx(0.6))


def test_word_that_never_came_counts_as_error_only():
    seen = look([(2.0, "one sat")], ended=4.0, text=TEXT, spoken=SPOKEN)
    assert [word.end for word in seen.words] == [1.0, 3.0]
    assert (seen.errors.errors, seen.errors.total) == (2, 4)


def test_word_that_moved_is_shown_before_it_is_settled():
    """A word inserted before it moves it one place on: seen at once, at its place only later."""
    spoken = [SpokenWord("big", 1.0), SpokenWord("cat", 1.5)]
    seen = look([(2.0, "cat"), (3.0, "big cat")], ended=2.0, text="big cat", spoken=spoken)
    assert seen.words == (SeenWord(1.0, 2.0, 2.0), SeenWord(1.5, 0.5, 1.5))
    assert seen.flicker == 0.5  # "cat" gave way to "big"


def test_word_taken_away_at_the_end_flickers():
    seen = look([(1.0, "big cat sat"), (2.0, "big")], ended=1.0, text="big", spoken=[SpokenWord("big", 0.5)])
    assert (seen.flicker, seen.tail) == (2.0, 1.0)


def test_what_is_said_again_later_is_not_taken_for_the_first_time():
    """The first time half of it was missed: what was read the second time could be laid over it."""
    rounds = [["a", "rather", "long", "talk"], ["a", "rather", "long", "talk"]]
    spoken = [SpokenWord(word, 200.0 * n + step) for n, words in enumerate(rounds) for step, word in enumerate(words)]
    second = [(201.0 + step, "a rather " + " ".join(rounds[1][: step + 1])) for step in range(4)]
    seen = look([(0.5, "a"), (1.5, "a rather"), *second], ended=204.0, text="a rather long talk " * 2, spoken=spoken)
    assert [word.end for word in seen.words] == [0.0, 1.0, 200.0, 201.0, 202.0, 203.0]
    assert [word.shown for word in seen.words] == [0.5, 0.5, 1.0, 1.0, 1.0, 1.0]


def test_empty_screen_has_no_times():
    seen = look([], ended=3.0, text=TEXT, spoken=SPOKEN)
    assert (seen.words, seen.flicker, seen.errors.errors) == ((), 0.0, 4)
    assert math.isnan(seen.tail)
    assert math.isnan(figures(seen).shown_p95)


def test_median_is_taken_of_each_figure():
    rounds = [Figures(*[value] * 7) for value in (3.0, 1.0, 2.0)]
    assert median(rounds) == Figures(*[2.0] * 7)


def test_percentile_between_neighbours():
    assert percentile([1.0, 2.0, 3.0, 4.0, 5.0], 95) == pytest.approx(4.8)
