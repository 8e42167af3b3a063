"""Words that stay: what is shown changes little, and what is stable never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.agreement import HELD_BACK, READINGS, StableText, keep_stable, split_words, without_echo
from transcription.speech.types import Word

WORDS = st.lists(st.sampled_from([" a", " b", " c", " d", " the", " Kiss,", " kissed"]), max_size=20)
LONG = split_words("one two three four five six seven eight nine ten eleven twelve", "en")


@given(st.lists(st.tuples(WORDS, st.booleans()), max_size=12))
def test_stable_text_only_grows(readings):
    text, before = StableText(), ""
    for words, thorough in readings:
        stable, unstable = text.update(words, thorough=thorough)
        assert stable.startswith(before)
        assert stable + unstable == "".join(text.shown)
        before = stable


@given(WORDS, WORDS)
def test_a_final_begins_with_what_was_stable(stable, words):
    final = keep_stable(stable, [Word(i, i + 0.9, word, 0.5) for i, word in enumerate(words)], (0.0, 1.0))
    assert [word.text for word in final][: len(stable)] == stable
    assert all(one.start <= other.start for one, other in zip(final, final[1:], strict=False))


def test_words_become_stable_when_readings_agree():
    text = StableText()
    for _ in range(READINGS - 1):
        assert text.update(LONG)[0] == ""
    assert text.update(LONG)[0] == "".join(LONG[:-HELD_BACK])


def test_a_quick_change_in_the_middle_waits_for_a_second_reading():
    text = StableText()
    text.update(split_words("I am sure I kiss Levi and I have had terrible", "en"))
    other = split_words("I kiss Levi and I have had terrible moments", "en")
    assert "".join(text.update(other)) == " I am sure I kiss Levi and I have had terrible moments"
    assert "".join(text.update(other)) == " I kiss Levi and I have had terrible moments"


def test_a_quick_change_near_the_end_shows_at_once():
    text = StableText()
    text.update(split_words("How are you nervous tonight?", "en"))
    assert "".join(text.update(split_words("How are your nerves tonight?", "en"))) == " How are your nerves tonight?"


def test_a_thorough_reading_of_a_few_words_binds_nothing():
    text = StableText()
    text.update(split_words("You know this?", "en"), thorough=True)
    later = "In earnest, we have had"
    assert "".join(text.update(split_words(later, "en"))).strip() == later


def test_a_thorough_reading_is_believed_at_once():
    text = StableText()
    text.update(split_words("Thou muslim maker of", "en"))
    assert "".join(text.update(split_words("Thou mischief maker of", "en"), thorough=True)) == " Thou mischief maker of"


def test_new_marks_and_case_show_at_once():
    text = StableText()
    text.update(split_words("what? your", "en"))
    assert "".join(text.update(split_words("What your country", "en"))) == " What your country"


def test_scripts_without_spaces_agree_by_characters():
    assert split_words("今日は。", "ja") == ["今", "日", "は", "。"]
    assert split_words(" Good day. ", "en") == [" Good", " day."]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("you have done well you have done well you", 4),
        ("You have done. You have", 5),  # two words may well be said twice
        ("thou also thou also he said", 6),
        ("no no no", 3),
        ("no no no no", 1),
        ("ladies and ladies and ladies and ladies and", 2),
        ("it was here that they dined It was here that", 6),
        ("it was here that they dined It was here that I", 11),
        ("on and on it went", 5),
        ("", 0),
    ],
)
def test_echo_of_a_decoder_that_begins_anew_is_cut_off(words, kept):
    assert without_echo(words.split()) == words.split()[:kept]


def test_a_quick_reading_leaves_what_a_thorough_one_has_found():
    text = StableText()
    text.update(split_words("out of dearest levy they wash", "en"))
    text.update(split_words("out of deference to lily they washed", "en"), thorough=True)
    for _ in range(3):
        shown = "".join(text.update(split_words("out of dearest levy they washed their dishes", "en")))
    assert shown.strip() == "out of deference to lily they washed their dishes"
