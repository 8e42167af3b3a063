"""Misspelt words: what is offered instead, to whom, and that the words known are those in the texts."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from tests.factories import make_recording, make_user
from tests.transcription.services.search.saying import say
from transcription.models import GatheredTranscript, Recording, SpokenWord, Transcript
from transcription.services import recordings, search, search_words
from transcription.services.search import Page, Wanted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EVEN_SECONDS", 0.001)


def find(user: User, text: str, **wanted: Any) -> tuple[str, list[str]]:
    """What was searched for instead, and the texts that were found."""
    found = search.find_passages(user=user, wanted=Wanted(text, **wanted), page=Page(10))
    return found.instead, [passage.text for passage in found.passages]


def words(user: User) -> list[str]:
    return sorted(SpokenWord.objects.filter(owner=user).values_list("word", flat=True))


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        ("Gutenburg", "Gutenberg"),
        ("gutenburg bible", "gutenberg bible"),
        ("Schofer or nobody", "Schoeffer or nobody"),
        ("theroigne", "théroigne"),
        ("Sweinheim Pannarts", "Sweynheim Pannartz"),
        ("достаевский", "достоевский"),
        ("groesse", "größe"),
    ],
)
def test_misspelt_words_are_replaced_by_words_that_were_said(owner: User, asked: str, instead: str):
    said = "The Gutenberg Bible of Peter Schoeffer; Sweynheim and Pannartz; Théroigne, Достоевский. Größe"
    say(owner, said, "something else")
    search_words.gather_words()
    assert find(owner, asked) == (instead, [said])


@pytest.mark.parametrize(
    "asked", ['"Gutenburg"', "Gutenburg -bible", "zzyzx", "bible else", "Gutenburg zzyzx", "1450", "a", "a " * 9]
)
def test_nothing_is_replaced_where_words_are_meant_or_nothing_is_alike(owner: User, asked: str):
    say(owner, "The Gutenberg Bible", "something else")
    search_words.gather_words()
    assert find(owner, asked) == ("", [])


def test_highlights_are_those_of_the_word_that_was_found(owner: User):
    say(owner, "The Gutenberg Bible")
    search_words.gather_words()
    found = search.find_passages(user=owner, wanted=Wanted("Gutenburg"), page=Page(10))
    assert [found.passages[0].text[start:end] for start, end in found.passages[0].highlights] == ["Gutenberg"]
    assert (found.total, found.has_more) == (1, False)


def test_words_of_strangers_and_of_what_is_not_shown_are_never_offered(owner: User):
    say(owner, "nothing of that kind")
    say(make_user(), "Gutenberg")
    say(owner, "Gutenberg", recording=make_recording(owner, deleted_at=timezone.now()))
    thrown_away = say(owner, "Gutenberg and Fust").recording
    search_words.gather_words()
    thrown_away.deleted_at = timezone.now()
    thrown_away.save()
    assert find(owner, "Gutenburg") == ("", [])
    thrown_away.deleted_at = None
    thrown_away.save()
    assert find(owner, "Gutenburg") == ("Gutenberg", ["Gutenberg and Fust"])
    assert find(owner, "Gutenburg", language="de") == ("", [])


def test_similar_words_are_tried_until_one_is_found(owner: User):
    say(owner, "Gutenberge", recording=(old := make_recording(owner)))
    say(owner, "Gutenborn")
    search_words.gather_words()
    Transcript.objects.filter(recording=old).delete()
    assert find(owner, "Gutenbers") == ("Gutenborn", ["Gutenborn"])


def test_what_is_not_there_is_answered_after_an_even_time(owner: User, monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []
    monkeypatch.setattr(search, "EVEN_SECONDS", 1000.0)
    # Its own name only: other threads sleep, too.
    monkeypatch.setattr(search, "time", SimpleNamespace(monotonic=time.monotonic, sleep=slept.append))
    say(owner, "Gutenberg")
    search_words.gather_words()
    for text in ("Gutenberg", "absent", "Gutenburg"):
        find(owner, text)
    assert [990 < seconds <= 1000 for seconds in slept] == [True, True]


def test_words_are_gathered_once_a_revision(owner: User):
    transcript = say(owner, "It's a well-known word, word@example.org, 1450 of", "Wörter")
    assert (search_words.gather_words(), search_words.gather_words()) == (1, 0)
    assert words(owner) == ["known", "well", "word", "wörter"]
    assert SpokenWord.objects.get(word="wörter").plain == "worter"
    transcript.segments.update(text="other")
    Transcript.objects.update(revision=1)
    assert search_words.gather_words() == 1
    assert words(owner) == ["known", "other", "well", "word", "wörter"]
    assert GatheredTranscript.objects.get().revision == 1


def test_what_was_made_for_one_answer_is_not_gathered(owner: User):
    say(owner, "secret", recording=make_recording(owner, delete_after=timezone.now()))
    assert (search_words.gather_words(), words(owner)) == (0, [])


def test_words_that_are_in_no_text_any_more_are_forgotten(owner: User):
    other = make_user()
    say(other, "kept there gone")
    transcript = say(owner, "kept gone", "gone")
    search_words.gather_words()
    transcript.segments.update(text="kept")
    assert search_words.forget_words() == 1
    assert (words(owner), words(other)) == (["kept"], ["gone", "kept", "there"])
    Transcript.objects.all().delete()
    assert (search_words.forget_words(), SpokenWord.objects.count()) == (4, 0)


def test_index_is_made_when_the_extensions_are_there():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS word_similar")
        search_words.gather_words()
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'word_similar'")
        assert cursor.fetchone()[0].endswith("USING gin (owner_id, plain gin_trgm_ops)")


def test_without_the_extensions_searches_and_gathering_work(owner: User):
    say(owner, "Gutenberg")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
    assert search_words.missing_extensions() == ["pg_trgm"]
    assert search_words.gather_words() == 1
    assert (find(owner, "Gutenburg"), find(owner, "Gutenberg")) == (("", []), ("", ["Gutenberg"]))


@pytest.mark.django_db(transaction=True)
def test_a_transcript_is_deleted_while_its_words_are_gathered(owner: User):
    say(owner, "gone")

    def delete() -> None:
        recordings.purge_recording(recording=Recording.objects.get())
        connection.close()

    with transaction.atomic():
        search_words.gather_words()
        with ThreadPoolExecutor(1) as another:
            another.submit(delete).result()
    assert GatheredTranscript.objects.count() == 1
    assert search_words.forget_words() == 1
    assert GatheredTranscript.objects.count() == 0
