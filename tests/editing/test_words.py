import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transcription.editing.passages import clean_text
from transcription.editing.words import broken_as, refit, retime
from transcription.speech.types import Word


def said(*texts: str, start: float = 10.0, probability: float = 0.5) -> tuple[Word, ...]:
    """One word each half second, each half a second long."""
    return tuple(Word(start + n / 2, start + n / 2 + 0.4, text, probability) for n, text in enumerate(texts))


def texts(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def times(words: tuple[Word, ...]) -> list[tuple[float, float]]:
    return [(word.start, word.end) for word in words]


HELLO = said(" Hello,", " my", " fellow", " Americans.")


def test_same_text_keeps_every_word():
    assert retime(HELLO, "Hello, my fellow Americans.", start=10, end=12) == HELLO


def test_changed_word_takes_over_the_time_of_the_old_one():
    words = retime(HELLO, "Hello, my follow Americans.", start=10, end=12)

    assert words == (*HELLO[:2], Word(11.0, 11.4, " follow", 1.0, edited=True), HELLO[3])


def test_sign_after_a_word_makes_another_word_of_it_at_the_same_time():
    words = retime(HELLO, "Hello, my fellow, Americans.", start=10, end=12)

    assert words[2] == Word(11.0, 11.4, " fellow,", 1.0, edited=True)
    assert (words[0], words[1], words[3]) == (HELLO[0], HELLO[1], HELLO[3])


def test_words_between_kept_ones_share_their_gap_by_length():
    words = retime(HELLO, "Hello, my dear old fellow Americans.", start=10, end=12)

    assert texts(words) == [" Hello,", " my", " dear", " old", " fellow", " Americans."]
    assert times(words)[2:4] == [(10.9, 10.956), (10.956, 11.0)]


def test_two_words_for_one_share_its_time():
    words = retime(said(" nobody", " came"), "no body came", start=10, end=11)

    assert times(words) == [(10.0, 10.15), (10.15, 10.4), (10.5, 10.9)]


def test_words_taken_away_leave_the_others_alone():
    assert retime(HELLO, "Hello, Americans.", start=10, end=12) == (HELLO[0], HELLO[3])


def test_words_added_at_the_ends_lie_inside_of_the_passage():
    words = retime(HELLO, "Oh, hello, my fellow Americans. Yes!", start=9.5, end=12.5)

    assert (words[0].text, words[0].start, words[-1].text) == (" Oh,", 10.0, " Yes!")
    assert times(words)[-1] == (11.9, 12.5)
    assert words[2:5] == HELLO[1:]


def test_apostrophe_belongs_to_its_word():
    words = retime(said(" don", "'t", " go"), "don't go", start=10, end=11.5)

    assert "".join(texts(words)) == " don't go"
    assert words[-1] == said(" don", "'t", " go")[-1]


def test_hyphenated_word_in_two_parts_stays_when_another_word_changes():
    old = said(" A", " well", "-known", " man")

    assert retime(old, "A well-known woman", start=10, end=12)[:3] == old[:3]


def test_text_without_spaces_is_compared_by_characters():
    old = said("今日", "は", "いい", "天気", "です。")
    words = retime(old, "今日はいい元気です。", start=10, end=12.5)

    assert "".join(texts(words)) == "今日はいい元気です。"
    assert [word for word in words if not word.edited] == [*old[:3], old[4]]
    assert times(words)[3] == (11.5, 11.7)


def test_first_of_words_without_spaces_can_be_taken_away():
    old = said("今日", "は", "いい")

    assert retime(old, "はいい", start=10, end=12) == old[1:]


def test_passage_without_word_times_gets_none():
    assert retime((), "Anything at all", start=0, end=1) == ()


def test_very_long_repetition_is_done_in_time():
    old = said(*[" ha"] * 2000)

    assert "".join(texts(retime(old, "ho " + "ha " * 2400 + "he", start=10, end=1200))) == " ho" + " ha" * 2400 + " he"


WORD = st.sampled_from(
    ["the", "fox", "don't", "well-known", "…", "état", "נמר", "天", "気", "です。", "a", "a", ",", "x!"]
)


@st.composite
def passages(draw) -> tuple[Word, ...]:
    at, found = 0.0, []
    for n, text in enumerate(draw(st.lists(WORD, min_size=1, max_size=12))):
        at += draw(st.sampled_from([0.0, 0.02, 0.5]))
        end = at + draw(st.sampled_from([0.0, 0.1, 0.36]))
        space = "" if text in "天気です。" and n else " "
        found.append(Word(round(at, 3), round(end, 3), space + text, 0.7))
        at = end
    return tuple(found)


def clean_or_none(text: str) -> str | None:
    try:
        return clean_text(text)
    except Exception:
        return None


@settings(max_examples=1000, deadline=None)
@given(passages(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_correction_keeps_order_bounds_and_untouched_words(words, rng: random.Random, count):
    """A thousand corrections: tokens replaced, added and taken away anywhere."""
    start, end = words[0].start, words[-1].end
    tokens = [word.text for word in words]
    touched = set()
    for _ in range(count):
        n = rng.randrange(len(tokens) + 1)
        tokens[n : n + rng.randrange(3)] = [f" new{rng.randrange(9)}"] * rng.randrange(3)
        touched.add(n)
    text = clean_or_none("".join(tokens))
    if text is None:
        return
    result = retime(words, text, start=start, end=end)

    assert "".join(texts(result)).strip() == text
    bounds = [time for word in result for time in (word.start, word.end)]
    assert bounds == sorted(bounds)
    assert start <= bounds[0]
    assert bounds[-1] <= end
    assert all(word in words for word in result if not word.edited)


@settings(max_examples=300, deadline=None)
@given(passages(), st.integers(0, 11), st.sampled_from([" new", " two words"]))
def test_one_replaced_word_leaves_all_others_exactly_as_they_were(words, n, text):
    spaced = tuple(Word(w.start, w.end, f" {w.text.strip()}", w.probability) for w in words)
    n %= len(spaced)
    new = "".join(word.text for word in spaced[:n]) + text + "".join(word.text for word in spaced[n + 1 :])
    result = retime(spaced, new.strip(), start=spaced[0].start, end=spaced[-1].end)

    assert [word for word in result if not word.edited] == [*spaced[:n], *spaced[n + 1 :]]


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_text_of_nothing_visible_is_refused(text):
    assert clean_or_none(text) is None


# Other times for the passage ------------------------------------------------------------------------------------------


@settings(max_examples=1000, deadline=None)
@given(passages(), st.floats(0, 6), st.floats(0.1, 6))
def test_words_of_a_moved_passage_lie_in_it_and_those_inside_stay(words, start, length):
    start, end = round(start, 3), round(start + length, 3)
    result = refit(words, start=start, end=end)

    unchanged = [(word.text, word.probability, word.edited) for word in words]
    assert [(word.text, word.probability, word.edited) for word in result] == unchanged
    bounds = [time for word in result for time in (word.start, word.end)]
    assert bounds == sorted(bounds)
    assert start <= bounds[0]
    assert bounds[-1] <= end
    inside = [n for n, word in enumerate(words) if start <= word.start and word.end <= end]
    first, last = (0 in inside, len(words) - 1 in inside)
    kept = [n for n in inside if (first or n > inside[0]) and (last or n < inside[-1])]
    assert [result[n] for n in kept] == [words[n] for n in kept]


def test_words_of_a_longer_passage_stay():
    assert refit(HELLO, start=8, end=14) == HELLO


def test_words_cut_off_share_the_time_of_the_first_inside():
    words = refit(HELLO, start=10.95, end=12)

    assert times(words) == [(10.95, 11.135), (11.135, 11.215), (11.215, 11.4), (11.5, 11.9)]
    assert texts(words) == texts(HELLO)


def test_word_over_the_edge_ends_with_the_passage():
    words = refit(HELLO, start=10, end=11.8)

    assert words[:3] == HELLO[:3]
    assert times(words)[3] == (11.5, 11.8)


def test_word_that_is_mostly_outside_shares_the_time_of_the_one_before():
    words = refit(HELLO, start=10, end=11.6)

    assert words[:2] == HELLO[:2]
    assert times(words)[2:] == [(11.0, 11.233), (11.233, 11.6)]


def test_only_word_inside_shares_its_time_with_all():
    words = refit(said(" a", " b", " c"), start=10.45, end=10.95)
    assert times(words) == [(10.45, 10.617), (10.617, 10.783), (10.783, 10.95)]


def test_words_of_a_passage_moved_elsewhere_share_it():
    assert times(refit(said(" a", " b"), start=50, end=51)) == [(50.0, 50.5), (50.5, 51.0)]


def test_passage_without_word_times_has_none_elsewhere():
    assert refit((), start=50, end=51) == ()


# Lines of a caption ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "text", "lines"),
    [
        ("Good mornign,\neverybody.", "Good morning, everybody.", ["Good morning,", "everybody."]),
        ("- Are you comming?\n- Yes.", "- Are you coming? - Yes.", ["- Are you coming?", "- Yes."]),
        ("a b\nc d", "a x y c d", ["a x y", "c d"]),
        ("Jon\nSmyth came", "John Smith came", ["John", "Smith came"]),
        ("one\ntwo\nthree", "one two too three", ["one", "two", "too three"]),
        ("日本\n語です", "日本 語でーす", ["日本", "語でーす"]),
        ("foo\nbar baz", "bar baz", ["bar baz"]),
        ("foo\nbar", "foo", ["foo"]),
        ("foo bar", "foo", ["foo"]),
    ],
)
def test_lines_end_between_the_same_words(before, text, lines):
    assert broken_as(before, text).split("\n") == lines


@settings(deadline=None)
@given(st.text(), st.text())
def test_breaking_lines_changes_no_word(before, text):
    text = clean_or_none(text)
    if text is not None:
        assert "".join(broken_as(before, text).split()) == "".join(text.split())
