"""Search: which texts are found by which words, and where in them the words are."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.db import connection

from accounts.models import User
from tests.transcription.services.search.saying import find, say, texts
from transcription.errors import BadRequest, NoWord

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("countries", ["Ask your country", "Two countries"]),
        ('"countries"', ["Two countries"]),
        ("ask country", ["Ask your country"]),
        ("ask or two", ["Ask your country", "Two countries"]),
        ('"your country"', ["Ask your country"]),
        ('"country your"', []),
        ("country -ask", []),
        ("countries -ask", ["Two countries"]),
        ("THE", ["The Größe"]),
        ("größe", ["The Größe"]),
        ("absent", []),
    ],
)
def test_words_are_found_as_people_ask_for_them(owner: User, way: None, text: str, expected: list[str]):
    say(owner, "Ask your country", "Two countries", "The Größe")
    assert texts(owner, text) == expected


@pytest.mark.parametrize("text", ["?!", '"', '""', "…", "-"])
def test_signs_alone_are_no_word(owner: User, text: str):
    say(owner, "what?! – so… it")
    with pytest.raises(NoWord):
        find(owner, text)


def test_stems_are_those_of_the_language_that_was_spoken(owner: User, way: None):
    say(owner, "Sie liefen durch die Häuser", language="de")
    say(owner, "Häuser", language="xx")
    assert texts(owner, "haus") == ["Sie liefen durch die Häuser"]
    assert texts(owner, "häuser", language="de") == ["Sie liefen durch die Häuser"]


def test_stop_words_are_highlighted_beside_stems(owner: User, way: None):
    say(owner, "To be or not to be running")
    (passage,) = find(owner, "not runs").passages
    assert [passage.text[start:end] for start, end in passage.highlights] == ["not", "running"]
    (passage,) = find(owner, '"not to be"').passages
    assert [passage.text[start:end] for start, end in passage.highlights] == ["To", "be", "not", "to", "be"]


@pytest.mark.parametrize("asked", ["beauty's", "beauty’s", '"the rose"', "“the rose”", "dash", "rose"])
def test_signs_outside_of_ascii_are_no_part_of_words(owner: User, way: None, asked: str):
    text = "beauty’s “the rose”—dash…"
    say(owner, text)
    (passage,) = find(owner, asked).passages
    assert passage.text == text
    marked = [text[start:end] for start, end in passage.highlights]
    assert marked == re.findall(r"\w+", asked)


@pytest.mark.parametrize(
    ("language", "said", "asked", "marked"),
    [
        ("ja", "私は東京都に住んでいます、京都ではなく。", "東京", ["東京"]),
        ("zh", "我们学习语言,语言很美。", "语言", ["语言", "语言"]),
        ("th", "ผมชอบภาษาไทย", "ภาษา", ["ภาษา"]),
        ("ko", "오늘 회의에서 예산을 논의했습니다.", "예산", ["예산을"]),
        ("ko", "오늘 회의에서 예산을 논의했습니다.", '예산 "오늘 회의"', ["오늘", "회의에서", "예산을"]),
        ("ar", "اللغة العربية جميلة", "العربية", ["العربية"]),
    ],
)
def test_any_part_of_a_text_is_found_in_every_writing(
    owner: User, way: None, language: str, said: str, asked: str, marked: list[str]
):
    say(owner, said, language=language)
    (passage,) = find(owner, asked).passages
    assert [passage.text[start:end] for start, end in passage.highlights] == marked
    assert texts(owner, "京東") == []


@pytest.mark.parametrize("text", ["a <b>word</b> & more", "word\x02word\x03", "see http://example.org/word?x=1 word"])
def test_odd_text_is_given_as_it_is(owner: User, way: None, text: str):
    say(owner, text)
    (passage,) = find(owner, "word").passages
    assert passage.text == text
    assert {passage.text[start:end] for start, end in passage.highlights} <= {"word"}


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("the <laughs> audience", "laughs"),
        ("a <b and c> d", "b and c d"),
        ("he typed <script> and then slept", "slept"),
        ("R&D; and &nbsp; too", "nbsp"),
        ("see https://example.org/path?x=1 there", "https://example.org/path?x=1"),
        ("see https://example.org/path?x=1 there", "path"),
        ("either/or", "or"),
        ("well done 😀🎉", "😀"),
    ],
)
def test_words_beside_signs_of_markup_and_addresses_are_found(owner: User, way: None, said: str, asked: str):
    say(owner, said)
    (passage,) = find(owner, asked).passages
    marked = "".join(passage.text[start:end] for start, end in passage.highlights)
    assert (passage.text, marked) == (said, re.sub(r"[^\w.😀]", "", asked))


def test_what_was_said_before_signs_were_blanks_is_found_too(owner: User):
    signs = import_module("transcription.migrations.0016_search_signs")
    with connection.cursor() as cursor:
        cursor.execute(signs.BEFORE)
        say(owner, "the <laughs> audience", "the quiet audience")
        assert texts(owner, "laughs") == []
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table with something to check can be altered
        cursor.execute(signs.AFTER)
    assert texts(owner, "laughs") == ["the <laughs> audience"]
    assert texts(owner, "audience") == ["the <laughs> audience", "the quiet audience"]


def test_edited_text_is_found_at_once(owner: User, way: None):
    transcript = say(owner, "Gutenberg")
    transcript.segments.update(text="Subiaco")
    assert (texts(owner, "Gutenberg"), texts(owner, "Subiaco")) == ([], ["Subiaco"])


def test_word_that_is_being_typed_may_be_the_beginning_of_one(owner: User, way: None):
    say(owner, "Ask your country", "your count", "your cousin")
    assert texts(owner, "your coun", is_typed=True) == ["Ask your country", "your count"]
    assert texts(owner, "your coun") == []
    for text in ("your co", '"your coun"', "coun -your", "coun "):
        assert texts(owner, text, is_typed=True) == []


def test_words_of_korean_are_found_without_their_particles(owner: User, way: None):
    said = "오늘 회의에서 예산을 논의했습니다."
    say(owner, said, language="ko")
    for text in ("예산", "회의", "예산을", "회의 예산"):
        assert (texts(owner, text), texts(owner, text, is_typed=True)) == ([said], [said])
    for text in ("산을", "예산 -회의"):
        assert texts(owner, text) == []


@pytest.mark.parametrize("text", ["a\0b", "x" * 201])
def test_text_that_cannot_be_asked_for_is_refused(owner: User, text: str):
    with pytest.raises(BadRequest):
        find(owner, text)


def test_segment_of_any_text_can_be_kept(owner: User):
    say(owner, "x" * 3000, "word " * 50_000, "<" * 100, "")
    assert find(owner, "word").total == 1
