"""Text as a tsquery of Postgres."""

from __future__ import annotations

import pytest
from django.db import connection

from transcription.services.search_query import Query, to_query

pytestmark = pytest.mark.django_db


def query(text: str, *languages: str, is_typed: bool = False) -> Query:
    with connection.cursor() as cursor:
        return to_query(cursor, text, languages, is_typed=is_typed)


@pytest.mark.parametrize(
    ("text", "match", "loose"),
    [
        ("ask country", "('ask' & 'country')", "('ask' & 'country')"),
        ('"ask your country"', "('ask' <-> 'your' <-> 'country')", "('ask' & 'your' & 'country')"),
        ('two "ask your"', "('two' & 'ask' <-> 'your')", "('two' & 'ask' & 'your')"),
        ('two -"ask your"', "('two' & !( 'ask' <-> 'your' ))", "('two' & !( 'ask' <-> 'your' ))"),
        ("?!", "", ""),
    ],
)
def test_order_of_words_can_be_left_out_unless_it_is_excluded(text: str, match: str, loose: str):
    found = query(text)
    assert (found.match, found.loose, found.has_order) == (match, loose, match != loose)


def test_words_have_the_stems_of_all_languages_each_once():
    assert query("houses", "en", "de", "en", "xx").match == "('houses') | ('hous')"
    assert query('"houses"', "en").match == "('houses')"
    assert query("houses -and", "en").match == "('houses' & !'and')"


def test_word_that_is_being_typed_may_go_on():
    assert query("ask coun", is_typed=True).match == "('ask' & 'coun') | ('ask' & 'coun':*)"
    assert query("ask co", is_typed=True).match == "('ask' & 'co')"
    assert query("O'Nei", is_typed=True).match == "('o' <-> 'nei') | ('o' <-> 'nei':*)"


@pytest.mark.parametrize(
    ("text", "match", "runs"),
    [
        ("東京", "('東' <-> '京')", ("東京",)),
        ("東京 tower", "('東' <-> '京' & 'tower')", ("東京",)),
        ('"A東京 B"', "('a' <-> '東' <-> '京' <-> 'b')", ("東京",)),
        ("駅 -東京", "('駅' & !( '東' <-> '京' ))", ("駅",)),
        ("ภาษา", "('ภ' <-> 'า' <-> 'ษ' <-> 'า')", ("ภาษา",)),
    ],
)
def test_letters_of_writings_without_blanks_are_words_in_a_row(text: str, match: str, runs: tuple[str, ...]):
    found = query(text)
    assert (found.match, found.runs) == (match, runs)


def test_words_of_korean_are_beginnings_each_once():
    assert query("예산 news -회의").match == "('예산':* & 'news' & !'회의':*)"
    assert query("예산", "en", is_typed=True).match == "('예산':*)"
    assert query('"오늘 회의"').loose == "('오늘':* & '회의':*)"


@pytest.mark.parametrize(
    ("text", "in_a_row"),
    [
        ("your countries", "'your' <-> 'countries'"),
        ('two "your country"', "('two' & 'your' <-> 'country')"),
        ("one or two", "('one' | 'two')"),
        ("one -two", "('one' & !'two')"),
        ("?!", ""),
    ],
)
def test_words_in_a_row_are_those_that_were_asked_for_without_order(text: str, in_a_row: str):
    assert query(text).in_a_row == in_a_row
