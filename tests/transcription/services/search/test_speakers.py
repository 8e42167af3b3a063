"""Search: who has the name that is searched for, and all that somebody said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tests.factories import make_recording, make_user, share
from tests.transcription.services.search.saying import find, say
from transcription.models import Recording, Speaker, Transcript
from transcription.services import search, search_speakers, search_ways
from transcription.services.search import Wanted
from transcription.services.search_speakers import Speaking

pytestmark = pytest.mark.django_db


def speak(transcript: Transcript, *names: str) -> Transcript:
    """Each says one passage, in this order, and the last all that remain."""
    for number, name in enumerate(names, 1):
        Speaker.objects.create(transcript=transcript, number=number, name=name)
        transcript.segments.filter(index__gte=number - 1).update(speaker=number)
    return transcript


def named(user: User, text: str, **wanted: object) -> list[tuple[str, int, int]]:
    found = search.find_speakers(user=user, wanted=Wanted(text, **wanted))
    return [(each.name, each.segments, each.recordings) for each in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ada", ["Ada Lovelace"]),
        ("LOVELACE", ["Ada Lovelace"]),
        ("lovelace ada", ["Ada Lovelace"]),
        ("love", ["Ada Lovelace"]),
        ("ada love", ["Ada Lovelace"]),
        ("“Ada”", ["Ada Lovelace"]),
        ('"love"', []),
        ("ad", []),
        ("velace", []),
        ("ada byron", []),
        ("-ada", []),
        ("lovelace -ada", []),
        ("ada or ben", []),
        ("zoe", ["Zoë O’Brien"]),
        ("zoë", ["Zoë O’Brien"]),
        ("o'brien", ["Zoë O’Brien"]),
        ("muller", ["Müller"]),
        ("太郎", ["山田太郎"]),
        ("김", ["김철수"]),
        ("हिन्दी", ["हिन्दी"]),
        (" ".join(["ada"] * 9), []),
        ("ada\0", ["Ada Lovelace"]),
        ("", []),
        ("…", []),
    ],
)
def test_speakers_are_found_by_words_of_their_names(owner: User, text: str, names: list[str]):
    everybody = ["Ada Lovelace", "Zoë O’Brien", "Müller", "山田太郎", "김철수", "हिन्दी", "", "…"]
    speak(say(owner, *["nothing"] * len(everybody)), *everybody)
    assert named(owner, text) == [(name, 1, 1) for name in names]


def test_what_speakers_said_is_counted_in_versions_that_are_shown(owner: User):
    speak(say(owner, "one", "two", "three"), "Ben", "Ada")
    both = speak(say(owner, "four", "five"), "Ada")
    speak(say(owner, "silent"), "Ada").segments.update(speaker=None)
    speak(say(owner, "a new version", recording=both.recording, version=2), "Ada", "Adam")
    speak(say(owner, "thrown", recording=make_recording(owner, deleted_at=timezone.now())), "Ada")
    speak(say(owner, "passing", recording=make_recording(owner, delete_after=timezone.now())), "Ada")
    assert named(owner, "ada") == [("Ada", 3, 2)]
    Recording.objects.filter(pk=both.recording_id).update(shown_version=1)
    assert named(owner, "ada") == [("Ada", 4, 2)]


def test_speakers_of_strangers_are_not_found_and_those_of_shared_recordings_are(owner: User):
    theirs = speak(say(make_user(), "word"), "Ada")
    assert named(owner, "ada") == []
    share(theirs.recording, owner)
    assert named(owner, "ada") == [("Ada", 1, 1)]


def test_speakers_are_counted_where_the_search_is_narrowed(owner: User):
    old, new = speak(say(owner, "wort", language="de"), "Ada"), speak(say(owner, "one", "two"), "Ada")
    Recording.objects.filter(pk=old.recording_id).update(created_at=timezone.now() - timedelta(days=2))
    new.segments.filter(index=1).update(language="de")
    assert named(owner, "ada", language="de") == [("Ada", 2, 2)]
    assert named(owner, "ada", recording_id=old.recording_id) == [("Ada", 1, 1)]
    assert named(owner, "ada", since=timezone.now() - timedelta(days=1)) == [("Ada", 2, 1)]
    assert named(owner, "ada", speaker="Ada") == []


def test_few_are_named_first_those_with_the_whole_word(owner: User):
    speak(say(owner, *["word"] * 7), *[f"Adam {number}" for number in range(6)], "Zoë Ada")
    names = [name for name, _, _ in named(owner, "ada")]
    assert names == ["Zoë Ada", *[f"Adam {number}" for number in range(4)]]


def test_counting_ends(owner: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search_speakers, "CANDIDATES", 2)
    speak(say(owner, "one", "two", "three"), "Ada")
    speak(say(owner, "four", "five"), "Ben")
    wanted = [search.find_speakers(user=owner, wanted=Wanted(name)) for name in ("ada", "ben")]
    assert wanted == [[Speaking("Ada", 2, True, 1)], [Speaking("Ben", 2, False, 1)]]


def test_all_that_a_speaker_said_is_found_without_words(owner: User):
    old = speak(say(owner, "one", "two", "three", language="de"), "Ben", "Ada")
    new = speak(say(owner, "four", "five"), "Ada")
    speak(say(make_user(), "six"), "Ada")
    speak(say(owner, "seven", recording=new.recording, version=0), "Ada")
    found = find(owner, " ", speaker="Ada")
    assert [passage.text for passage in found.passages] == ["four", "five", "two", "three"]
    assert [(passage.number, passage.highlights) for passage in found.passages] == [(2, ())] * 4
    assert (found.total, found.has_more, found.next, found.instead) == (4, False, None, "")
    assert [each.text for each in find(owner, "", speaker="Ada", language="de").passages] == ["two", "three"]
    assert [each.text for each in find(owner, "", speaker="Ben", recording_id=old.recording_id).passages] == ["one"]
    assert find(owner, "", speaker="Nobody").passages == []


@pytest.mark.parametrize("each", [None, 2])
def test_pages_of_what_a_speaker_said_hold_each_once(owner: User, each: int | None):
    for number in range(3):
        speak(say(owner, f"{number} a", f"{number} b"), "Ada")
    pages: list[str] = []
    after = None
    for _ in range(4):
        found = find(owner, "", speaker="Ada", limit=2, after=after, each=each)
        pages += [passage.text for passage in found.passages]
        after = found.next
        if after is None:
            break
    assert pages == ["2 a", "2 b", "1 a", "1 b", "0 a", "0 b"]


def test_the_newest_are_found_when_a_speaker_said_too_much(owner: User, monkeypatch: pytest.MonkeyPatch):
    for module in (search, search_ways):
        monkeypatch.setattr(module, "CANDIDATES", 2)
    for text in ("old", "new"):
        speak(say(owner, text, f"{text} too"), "Ada")
    found = find(owner, "", speaker="Ada")
    assert ([passage.text for passage in found.passages], found.total, found.has_more) == (["new", "new too"], 2, True)


def test_what_speakers_said_is_looked_up_in_its_index(owner: User):
    """Reading all segments of a transcript for each of its speakers would take seconds."""
    library = search.library_of(owner, Wanted(""))
    statement, values = search_speakers.counting(library, ["Ada"], language="en")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert (plan.count("segment_speaker"), "segment_order" in plan) == (2, False)
