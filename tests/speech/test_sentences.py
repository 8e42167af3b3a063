"""Grouping words into segments."""

from transcription.speech.sentences import LONGEST, split_sentences
from transcription.speech.types import Word


def words(text: str, *, seconds: float = 0.3, pauses: dict[int, float] | None = None) -> list[Word]:
    found, time = [], 0.0
    for number, word in enumerate(text.split()):
        time += (pauses or {}).get(number, 0.0)
        found.append(Word(time, time + seconds, f" {word}", 0.9))
        time += seconds
    return found


def texts(given: list[Word]) -> list[str]:
    return ["".join(word.text for word in span).strip() for span in split_sentences(given)]


def test_split_no_words_gives_nothing():
    assert list(split_sentences([])) == []


def test_split_at_the_end_of_sentences():
    assert texts(words("One two. Three? Four")) == ["One two.", "Three?", "Four"]


def test_split_behind_a_closing_quotation_mark():
    assert texts(words("“Go.” he said.")) == ["“Go.”", "he said."]


def test_split_not_after_abbreviations_and_initials():
    assert texts(words("Mr. J. Smith came.")) == ["Mr. J. Smith came."]


def test_split_at_a_long_pause_without_full_stop():
    assert texts(words("one two three", pauses={2: 1.2})) == ["one two", "three"]


def test_split_long_sentence_at_its_next_comma():
    count = int(LONGEST / 0.3) + 2
    given = words(" ".join(["la"] * count) + ", then more")
    assert texts(given)[1] == "then more"


def test_split_endless_text_without_marks_is_bounded():
    spans = list(split_sentences(words(" ".join(["la"] * 300))))
    assert max(span[-1].end - span[0].start for span in spans) < 1.6 * LONGEST
    assert sum(len(span) for span in spans) == 300
