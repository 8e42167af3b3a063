from __future__ import annotations

import pytest

from transcription.speech.terms import TermFinder, find_terms


@pytest.mark.parametrize(
    ("text", "term", "count"),
    [
        ("Scripta writes. SCRIPTA reads; scriptas does not count.", "Scripta", 2),
        ("Dr Ångström met Dr. ångström and A\u030angström", "Dr Ångström", 2),
        ("O'Brien, O’Brien and Obrien", "O'Brien", 1),
        ("the ST segment of the ST-segment", "ST segment", 2),
        ("東京都と東京", "東京", 2),
        ("서울에서 서울 사람", "서울", 1),
        ("a a a", "a a", 2),
        ("nothing here", "...", 0),
        ("", "x", 0),
    ],
)
def test_term_is_found_as_whole_words_in_any_case(text, term, count):
    assert len(find_terms([(1.5, text)], [term])[term]) == count


def test_places_come_in_order_and_every_term_is_answered():
    passages = [(0.0, "Zagreb"), (4.0, "nothing"), (8.0, "zagreb and Zagreb")]
    assert find_terms(passages, ["Zagreb", "Vienna"]) == {"Zagreb": [0.0, 8.0, 8.0], "Vienna": []}


@pytest.mark.parametrize(
    ("words", "terms", "marked"),
    [
        ([" Scripta", " writes,", " SCRIPTA."], ["Scripta"], {0, 2}),
        ([" the", " ST", "-segment", " of"], ["ST segment"], {1, 2}),
        ([" Dr.", " A\u030angstro\u0308m", " met"], ["dr Ångström"], {0, 1}),
        ([" New", " York", " New", " Haven"], ["New York", "New"], {0, 1, 2}),
        (["東", "京", "都", "と", "東京"], ["東京"], {0, 1, 4}),
        (["ﬁ", " n", "ﬁn"], ["fin"], {2}),
        ([" nothing", " ...", ""], ["...", "", "York"], set()),
        ([], ["Scripta"], set()),
    ],
)
def test_words_of_terms_are_marked_where_they_were_timed(words, terms, marked):
    assert TermFinder(terms).in_words(words) == marked


def test_finder_of_nothing_is_false():
    assert [bool(TermFinder(terms)) for terms in ([], ["..."], ["a"], ["東京"])] == [False, False, True, True]
