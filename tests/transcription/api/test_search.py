"""Search by the API; what is found is tested with its service."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Scope, User
from tests.factories import make_recording, make_transcript
from tests.transcription.api.conftest import problem, program, queries
from transcription.api.search import EXAMPLE
from transcription.services import search

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
    assert (body["next"], body["total"], body["has_more"]) == (None, 1, False)


def test_pages_follow_each_other(client: Client, owner: User):
    say = make_transcript(make_recording(owner), segments=5)
    say.segments.update(text="the same words")
    seen, address = [], f"{URL}?q=words&limit=2"
    while address:
        page = client.get(address).json()
        seen.append([row["index"] for row in page["results"]])
        address = page["next"]
    assert seen == [[0, 1], [2, 3], [4]]


def test_filters_are_those_of_the_service(client: Client, owner: User):
    transcript = make_transcript(make_recording(owner), segments=1)
    transcript.segments.update(text="word")
    found = {"q": "word"}
    for more, total in [
        ({}, 1),
        ({"language": "en"}, 1),
        ({"language": "de"}, 0),
        ({"recording": str(transcript.recording_id)}, 1),
        ({"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}, 0),
        ({"from": "2020-01-01T00:00:00Z"}, 1),
    ]:
        assert client.get(URL, found | more).json()["total"] == total


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid"),
        ("q=", "invalid"),
        ("q=%00", "invalid"),
        ("q=" + "x" * 201, "invalid"),
        ("q=a&language=xx", "invalid"),
        ("q=a&recording=1", "invalid"),
        ("q=a&from=yesterday", "invalid"),
        ("q=a&limit=101", "bad_request"),
        ("q=a&cursor=x", "bad_cursor"),
        ("q=a&cursor=WzFd", "bad_cursor"),
        ("q=a&cursor=WyJyYW5rIiwxMDAxXQ", "bad_cursor"),
        ("q=a&cursor=WyJyYW5rIix0cnVlXQ", "bad_cursor"),
        ("q=a&page=2", "unknown_parameter"),
    ],
)
def test_search_that_means_nothing_is_refused(client: Client, query: str, code: str):
    assert problem(client.get(f"{URL}?{query}")) == (400, code)


def test_search_that_takes_too_long_is_ended(client: Client, owner: User, monkeypatch: pytest.MonkeyPatch):
    make_transcript(make_recording(owner))
    monkeypatch.setattr(search, "MOST_SECONDS", "0.1")
    monkeypatch.setattr(search, "_estimate", lambda cursor, query: cursor.execute("SELECT pg_sleep(5)"))
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
