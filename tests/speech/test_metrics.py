import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.metrics import (
    ErrorCount,
    character_errors,
    edit_distance,
    normalise,
    real_time_factor,
    word_errors,
)

items = st.lists(st.sampled_from("abcd"), max_size=90)


def table_distance(reference, hypothesis):
    """Wagner and Fischer's table, the definition that the bit vectors must meet."""
    row = list(range(len(hypothesis) + 1))
    for i, left in enumerate(reference, start=1):
        previous, row = row, [i]
        for j, right in enumerate(hypothesis, start=1):
            row.append(min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (left != right)))
    return row[-1]


@given(items, items)
def test_edit_distance_of_any_two_sequences(reference, hypothesis):
    assert edit_distance(reference, hypothesis) == table_distance(reference, hypothesis)


def test_edit_distance_of_long_texts_is_quick():
    reference = [str(number * 7919 % 3001) for number in range(10_000)]
    hypothesis = [word for index, word in enumerate(reference) if index % 20] + ["tail"] * 30
    started = time.perf_counter()
    assert edit_distance(reference, hypothesis) == 530
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("Mr. Quilter is the apostle", "mister quilter is the apostle!", ErrorCount(0, 5)),
        ("The colour of twenty-one doors", "the color of 21 doors", ErrorCount(0, 5)),
        ("the cat sat down", "the hat down there", ErrorCount(3, 4)),
        ("", "you", ErrorCount(1, 0)),
        ("something was said", "", ErrorCount(3, 3)),
        ("um, [laughter] well", "well", ErrorCount(0, 1)),
    ],
)
def test_word_errors_in_english(reference, hypothesis, expected):
    assert word_errors(reference, hypothesis, "en") == expected


def test_word_errors_in_another_language_keep_its_letters():
    assert word_errors("Schöne Grüße, Jürgen!", "schöne grüsse jürgen", "de") == ErrorCount(1, 3)


@pytest.mark.parametrize("language", ["zh", "ZH", "zh-TW", "ja", "yue", "th"])
def test_word_errors_of_an_unspaced_language_count_characters(language):
    assert word_errors("今天天气很好。", "今天 天汽很好", language) == ErrorCount(1, 6)
    assert character_errors("今天天气很好。", "今天 天汽很好", language) == ErrorCount(1, 6)


def test_word_errors_of_korean_count_words():
    assert word_errors("안녕하세요 여러분", "안녕하세요 여러븐", "ko") == ErrorCount(1, 2)


def test_character_errors_count_spaces():
    assert character_errors("to day", "today", "en") == ErrorCount(1, 6)


def test_error_counts_pool_over_files():
    pooled = sum([ErrorCount(1, 10), ErrorCount(4, 40)], ErrorCount())
    assert pooled == ErrorCount(5, 50)
    assert pooled.rate == 0.1


@pytest.mark.parametrize(
    ("count", "rate"), [(ErrorCount(), 0.0), (ErrorCount(2, 0), float("inf")), (ErrorCount(6, 4), 1.5)]
)
def test_rate(count, rate):
    assert count.rate == rate


def test_normalise_leaves_single_spaces():
    assert normalise("  Hello,\n\n  World! ", "en") == "hello world"
    assert normalise("東京、2024年", "ja") == "東 京 2 0 2 4 年"


def test_real_time_factor():
    assert real_time_factor(6.0, 120.0) == 0.05
    assert real_time_factor(6.0, 0.0) == 0.0
