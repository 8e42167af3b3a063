"""Search by the API; what is found is tested with its service."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Scope, User
from tests.factories import make_recording, make_transcript, make_user
from tests.transcription.api.conftest import problem, program, queries
from transcription.api.pagination import encode
from transcription.api.search import EXAMPLE
from transcription.models import Speaker
from transcription.services import marks, search, search_ways, search_words

pytestmark = pytest.mark.django_db
URL = "/api/v1/search/"


def test_passages_come_with_times_and_highlights(client: Client, owner: User):
    transcript = make_transcript(make_recording(owner))
    body = client.get(URL, {"q": "word1.0"}).json()
    assert (set(body), set(body["results"][0])) == (set(EXAMPLE), set(EXAMPLE["results"][0]))
    (row,) = body["results"]
    assert (row["recording"], row["title"]) == (str(transcript.recording_id), "A talk")
    assert (row["transcript"], row["index"], row["start"], row["end"]) == (transcript.pk, 1, 4.0, 7.0)
    assert [row["snippet"][start:end] for start, end in row["highlights"]] == ["word1.0"]
    assert (body["next"], body["total"], body["has_more"], body["instead"]) == (None, 1, False, None)


def test_speakers_are_told_and_all_that_they_said_is_found(client: Client, owner: User):
    transcript = make_transcript(make_recording(owner), segments=3)
    Speaker.objects.create(transcript=transcript, number=1, name="Ada Lovelace")
    transcript.segments.update(speaker=1)
    body = client.get(URL, {"q": "ada"}).json()
    ada = {"name": "Ada Lovelace", "segments": 3, "has_more": False, "recordings": 1}
    assert (body["speakers"], set(EXAMPLE["speakers"][0])) == ([ada], set(ada))
    for query in ({"speaker": "Ada Lovelace"}, {"speaker": "Ada Lovelace", "q": " "}):
        body = client.get(URL, query | {"limit": "2"}).json()
        assert ([row["index"] for row in body["results"]], body["total"], body["speakers"]) == ([0, 1], 3, [])
        assert [row["index"] for row in client.get(body["next"]).json()["results"]] == [2]


def test_pages_follow_each_other(client: Client, owner: User):
    say = make_transcript(make_recording(owner), segments=5)
    say.segments.update(text="the same words")
    seen, address = [], f"{URL}?q=words&limit=2"
    while address:
        page = client.get(address).json()
        seen.append([row["index"] for row in page["results"]])
        address = page["next"]
    assert seen == [[0, 1], [2, 3], [4]]


def test_misspelt_word_is_told_and_pages_follow_the_right_one(client: Client, owner: User):
    make_transcript(make_recording(owner), segments=3).segments.update(text="Gutenberg")
    search_words.gather_words()
    page = client.get(URL, {"q": "Gutenburg", "limit": "2"}).json()
    assert (page["instead"], len(page["results"]), page["total"]) == ("Gutenberg", 2, 3)
    page = client.get(page["next"]).json()
    assert (page["instead"], len(page["results"]), page["next"]) == (None, 1, None)


def test_tags_narrow_and_those_of_others_find_nothing(client: Client, owner: User):
    one, two = (make_transcript(make_recording(owner), segments=1).recording for _ in range(2))
    red, blue = (marks.create_tag(owner=owner, name=name) for name in ("red", "blue"))
    marks.add_tag(tag=red, recordings=[one, two])
    marks.add_tag(tag=blue, recordings=[one])
    theirs = marks.create_tag(owner=make_user(), name="red")
    marks.add_tag(tag=theirs, recordings=[one, two])
    for tags, total in [([red.pk], 2), ([red.pk, blue.pk], 1), ([theirs.pk], 0)]:
        assert client.get(URL, {"q": "word0.0", "tag": tags}).json()["total"] == total
    for tags in ("", "x", "0", str(2**63), [red.pk, "x"]):
        assert problem(client.get(URL, {"q": "word0.0", "tag": tags})) == (400, "invalid")


def test_filters_are_those_of_the_service(client: Client, owner: User):
    transcript = make_transcript(make_recording(owner), segments=1)
    transcript.segments.update(text="word")
    found = {"q": "word"}
    for more, total in [
        ({}, 1),
        ({"language": "en"}, 1),
        ({"language": "de"}, 0),
        ({"speaker": "Ada"}, 0),
        ({"recording": str(transcript.recording_id)}, 1),
        ({"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}, 0),
        ({"from": "2020-01-01T00:00:00Z"}, 1),
        ({"min_duration": "60", "max_duration": "61.5"}, 1),
        ({"max_duration": "60"}, 0),
    ]:
        assert client.get(URL, found | more).json()["total"] == total


MOMENT = "2026-11-26T09:00:00+00:00"
CURSORS = [
    ["rank", 20],
    [1, MOMENT, 1, 1],
    [0.5, "yesterday", 1, 1],
    [0.5, MOMENT[:19], 1, 1],
    [0.5, "9999-12-31T23:59:59-23:59", 1, 1],
    [0.5, MOMENT, 2**63, 1],
    [0.5, MOMENT, 1, -(2**63)],
    [0.5, MOMENT, 1],
]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid"),
        ("q=", "invalid"),
        ("q=&speaker=", "invalid"),
        ("language=en", "invalid"),
        ("q=%00", "invalid"),
        ("q=%E2%80%A6", "invalid"),
        ("q=%E2%80%94!%3F", "invalid"),
        ("q=" + "x" * 201, "invalid"),
        ("q=a&language=xx", "invalid"),
        ("q=a&recording=1", "invalid"),
        ("q=a&from=yesterday", "invalid"),
        ("q=a&limit=101", "bad_request"),
        ("q=a&cursor=x", "bad_cursor"),
        ("q=a&cursor=WzFd", "bad_cursor"),
        *[(f"q=a&cursor={encode(values)}", "bad_cursor") for values in CURSORS],
        ("q=a&min_duration=-1", "invalid"),
        ("q=a&max_duration=nan", "invalid"),
        ("q=a&page=2", "unknown_parameter"),
    ],
)
def test_search_that_means_nothing_is_refused(client: Client, query: str, code: str):
    assert problem(client.get(f"{URL}?{query}")) == (400, code)


def test_signs_alone_are_refused_in_words(client: Client, owner: User):
    make_transcript(make_recording(owner), segments=1).segments.update(text="so… what —!?")
    errors = client.get(URL, {"q": "—!?"}).json()["errors"]
    assert errors == {"q": ["There is no word in this to search for."]}


def test_recording_must_be_one_that_can_be_searched(client: Client, owner: User):
    theirs, thrown = make_recording(make_user()), make_recording(owner, deleted_at=timezone.now())
    for recording in (uuid4(), theirs.pk, thrown.pk):
        assert problem(client.get(URL, {"q": "word", "recording": str(recording)})) == (404, "not_found")
    for wrong in ("", "1", "\0"):
        assert problem(client.get(URL, {"q": "word", "recording": wrong})) == (400, "invalid")


def test_search_that_takes_too_long_is_ended(client: Client, owner: User, monkeypatch: pytest.MonkeyPatch):
    make_transcript(make_recording(owner))
    monkeypatch.setattr(search, "MOST_SECONDS", "0.1")
    monkeypatch.setattr(search_ways, "estimate_matches", lambda cursor, query: cursor.execute("SELECT pg_sleep(5)"))
    assert problem(client.get(URL, {"q": "word"})) == (503, "search_too_slow")


def test_key_needs_the_scope_to_read(owner: User):
    assert problem(program(owner, Scope.WRITE).get(URL, {"q": "a"})) == (403, "missing_scope")
    assert problem(Client().get(URL, {"q": "a"})) == (401, "not_authenticated")


def test_search_makes_as_many_queries_for_three_rows_as_for_one(client: Client, owner: User):
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            make_transcript(make_recording(owner), segments=1).segments.update(text="word")
        counts.append(queries(client, f"{URL}?q=word"))
    assert counts[0] == counts[1]
