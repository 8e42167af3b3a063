"""Search: what is read to find the newest, the best, and those with a tag."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tests.transcription.services.search.saying import find, say
from transcription.models import TranscriptSegment
from transcription.services import marks, search, search_ways
from transcription.services.search import Wanted
from transcription.services.search_index import BLOCK_BITS, blocks_since

pytestmark = pytest.mark.django_db


def test_newest_are_ranked_when_there_are_too_many(owner: User, way: None, monkeypatch: Any):
    monkeypatch.setattr(search_ways, "CANDIDATES", 2)
    monkeypatch.setattr(search, "CANDIDATES", 2)
    for number in range(3):
        say(owner, f"word {number}")
    found = find(owner, "word")
    assert (found.total, found.has_more) == (2, True)
    assert sorted(passage.text for passage in found.passages) == ["word 1", "word 2"]


def test_newest_blocks_are_asked_first_and_then_all(owner: User, monkeypatch: Any):
    """Two are enough: of the one word the newest two blocks have them, of the other only all blocks together."""
    monkeypatch.setattr(search_ways, "CANDIDATES", 1)
    monkeypatch.setattr(search, "CANDIDATES", 1)
    monkeypatch.setattr(search_ways, "FEW_MATCHES", 0)
    size = search_ways._Size(matches=1000.0, needed=1.0, reading=10.0**9)
    monkeypatch.setattr(search_ways, "_measure", lambda *_: size)
    asked: list[str] = []
    narrowings = search_ways._narrowings
    monkeypatch.setattr(search_ways, "_narrowings", lambda *each: (asked.append(w) or w for w in narrowings(*each)))
    transcript = say(owner)
    for block, text in [(1, "rare"), (5, "word"), (9, "rare word"), (9, "word")]:
        index = transcript.segments.count()
        number = (block << BLOCK_BITS) + index
        TranscriptSegment.objects.create(
            id=number, transcript=transcript, index=index, rank=index, start=0, end=1, text=text
        )
    assert find(owner, "word").has_more
    assert asked == ["&& $$' b2'$$::tsquery"]
    asked.clear()
    assert find(owner, "rare").has_more
    assert asked[-1] == ""


def test_few_words_name_many_blocks():
    assert blocks_since(9, 9) == "' a9'"
    assert blocks_since(3, 70) == "' a3' | ' b1' | ' b2' | ' b3' | ' c1' | ' c2' | ' c3' | ' d1'"
    named = blocks_since(1, 100_000).split(" | ")
    assert len(named) < 12 + 100_000 // 256 + 2
    covered: list[int] = []
    for word in blocks_since(5, 300).split(" | "):
        size = 4 ** "abcde".index(word[2])
        covered += range(int(word[3:-1]) * size, int(word[3:-1]) * size + size)
    assert covered[:296] == list(range(5, 301))


def test_words_in_a_row_are_looked_for_among_the_newest_with_these_words(owner: User, monkeypatch: Any):
    """When enough of them have the row; else in all."""
    size = search_ways._Size(matches=1.0, needed=1.0, reading=0.0)
    monkeypatch.setattr(search_ways, "_measure", lambda *_: size)
    monkeypatch.setattr(search_ways, "LOOKED", 3)
    say(owner, "your country 1")
    say(owner, "your country 2", "country your", "your country 3", "your other country")
    for few, expected in [(2, ["your country 2", "your country 3"]), (3, [f"your country {n}" for n in (1, 2, 3)])]:
        monkeypatch.setattr(search_ways, "FEW", few)
        found = find(owner, '"your country"')
        assert sorted(passage.text for passage in found.passages) == expected
        assert (found.total, found.has_more) == (len(expected), few == 2)


def test_tags_are_looked_up_in_their_index(owner: User) -> None:
    """Going through all marks on the server, or all recordings, would cost everybody."""
    red, blue = (marks.create_tag(owner=owner, name=name) for name in ("red", "blue"))
    library = search.library_of(owner, Wanted("", tags=(red.pk, blue.pk)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = library.explain()
    assert ("tag_once" in plan, "Seq Scan" in plan) == (True, False)
    assert library.count() == 0
