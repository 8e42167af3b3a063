"""Grants, links and comments by the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import make_recording, make_transcript, make_user, share
from tests.transcription.api.conftest import JSON, problem, program, queries
from transcription.models import Comment, Grant, Recording, ShareLink
from transcription.services import links

pytestmark = pytest.mark.django_db


def at(recording: Recording, rest: str) -> str:
    return f"/api/v1/recordings/{recording.pk}/{rest}/"


def test_recording_is_shared_listed_changed_and_withdrawn(client: Client, recording: Recording) -> None:
    make_user("grace@example.org", name="Grace")
    made = client.post(at(recording, "grants"), {"person": "grace@example.org"}, JSON)
    body = made.json()
    assert (made.status_code, body["person"], body["name"], body["group"], body["role"]) == (
        201,
        "grace@example.org",
        "Grace",
        None,
        "reader",
    )
    assert client.get(at(recording, "grants")).json() == [body]
    changed = client.patch(at(recording, f"grants/{body['id']}"), {"role": "editor"}, JSON)
    assert changed.json() == body | {"role": "editor"}
    assert client.delete(at(recording, f"grants/{body['id']}")).status_code == 204
    assert client.get(at(recording, "grants")).json() == []


def test_groups_are_listed_and_shared_with(client: Client, recording: Recording, owner: User) -> None:
    group = Group.objects.create(name="Newsroom")
    Group.objects.create(name="Archive")
    owner.groups.add(group)
    assert client.get("/api/v1/groups/").json() == [{"id": group.pk, "name": "Newsroom"}]
    made = client.post(at(recording, "grants"), {"group": group.pk, "role": "editor"}, JSON).json()
    assert (made["group"], made["person"], made["name"]) == (group.pk, None, "Newsroom")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, (400, "invalid")),
        ({"person": "a@example.org", "group": 1}, (400, "invalid")),
        ({"person": "nobody@example.org"}, (409, "nobody_there")),
        ({"person": "nobody@example.org", "role": "owner"}, (400, "invalid")),
        ({"group": 10**9}, (400, "bad_request")),
        ({"people": []}, (400, "invalid")),
    ],
)
def test_grant_that_cannot_be_is_refused(client: Client, recording: Recording, sent: Any, expected: Any) -> None:
    assert problem(client.post(at(recording, "grants"), sent, JSON)) == expected
    assert not Grant.objects.exists()


def test_recordings_say_whose_they_are_and_can_be_narrowed(client: Client, owner: User, recording: Recording) -> None:
    theirs = make_recording(make_user(name="Grace"))
    share(theirs, owner, role="editor")
    found = {row["id"]: (row["owner"], row["role"]) for row in client.get("/api/v1/recordings/").json()["results"]}
    assert found == {str(recording.pk): (owner.email, "owner"), str(theirs.pk): ("Grace", "editor")}
    for value, expected in (("true", theirs), ("false", recording)):
        rows = client.get(f"/api/v1/recordings/?shared={value}").json()["results"]
        assert [row["id"] for row in rows] == [str(expected.pk)]
    assert problem(client.get("/api/v1/recordings/?shared=x")) == (400, "invalid")


def test_trash_of_others_is_not_listed(client: Client, owner: User) -> None:
    theirs = make_recording()
    share(theirs, owner)
    Recording.objects.update(deleted_at=timezone.now())
    assert client.get("/api/v1/recordings/?trashed=true").json()["results"] == []
    assert client.get(f"/api/v1/recordings/{theirs.pk}/").status_code == 404


def test_reader_is_told_that_it_is_the_owners_matter(recording: Recording) -> None:
    reader = program(share(recording))
    assert problem(reader.patch(f"/api/v1/recordings/{recording.pk}/", {"title": "Mine"}, JSON)) == (
        403,
        "not_the_owner",
    )
    assert reader.get("/api/v1/me/").json()["bytes_used"] == 0


def test_list_makes_as_many_queries_for_three_shared_as_for_one(client: Client, owner: User) -> None:
    counts = []
    for _ in range(2):
        share(make_recording(), owner)
        counts.append(queries(client, "/api/v1/recordings/"))
        share(make_recording(), owner)
    assert counts[0] == counts[1]


# Links ----------------------------------------------------------------------------------------------------------------


def test_link_is_made_shown_once_changed_and_withdrawn(client: Client, recording: Recording) -> None:
    sent = {"role": "comment", "label": "Board", "password": "correct horse"}
    made = client.post(at(recording, "links"), sent, JSON)
    body = made.json()
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    token = body.pop("url").removeprefix("http://testserver/shared/").rstrip("/")
    assert links.resolve(token=token).pk == body["id"]
    assert client.get(at(recording, "links")).json() == [body]
    assert (body["kind"], body["role"], body["has_password"], body["visits"]) == ("transcript", "comment", True, 0)
    until = (timezone.now() + timedelta(days=1)).isoformat()
    changed = client.patch(at(recording, f"links/{body['id']}"), {"expires_at": until, "password": ""}, JSON).json()
    assert (changed["has_password"], changed["label"], changed["expires_at"] is None) == (False, "Board", False)
    assert client.delete(at(recording, f"links/{body['id']}")).status_code == 204
    assert client.get(at(recording, "links")).json() == []
    assert links.resolve(token=token) is None


def test_link_for_captions_leads_to_them(client: Client, recording: Recording) -> None:
    made = client.post(at(recording, "links"), {"kind": "live"}, JSON).json()
    assert made["url"].startswith("http://testserver/watch/")


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "all"},
        {"role": "owner"},
        {"kind": "live", "role": "comment"},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "soon"},
        {"password": "short"},
        {"label": "x" * 101},
        {"days": 3},
    ],
)
def test_link_that_cannot_be_is_refused(client: Client, recording: Recording, sent: Any) -> None:
    assert client.post(at(recording, "links"), sent, JSON).status_code == 400
    assert not ShareLink.objects.exists()


# Comments -------------------------------------------------------------------------------------------------------------


def test_thread_by_the_api(client: Client, recording: Recording) -> None:
    transcript = make_transcript(recording)
    reader = program(share(recording))
    sent = {"transcript": transcript.pk, "index": 1, "text": "Why?"}
    first = reader.post(at(recording, "comments"), sent, JSON).json()
    assert (first["start"], first["quote"][:7], first["is_own"], first["is_guest"]) == (4.0, "word1.0", True, False)
    answer = client.post(at(recording, "comments"), {"parent": first["id"], "text": "Because."}, JSON).json()
    assert (answer["parent"], answer["index"]) == (first["id"], 1)
    listed = client.get(at(recording, "comments")).json()["results"]
    assert [(row["text"], row["is_own"]) for row in listed] == [("Because.", True), ("Why?", False)]
    address = f"/api/v1/comments/{first['id']}/"
    assert client.patch(address, {"resolved": True}, JSON).json()["resolved_at"] is not None
    assert client.get(at(recording, "comments") + "?open=true").json()["results"] == []
    assert problem(client.patch(address, {"text": "Mine"}, JSON)) == (403, "not_your_comment")
    assert problem(reader.delete(address)) == (409, "wrong_state")
    assert client.delete(address).status_code == 204
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"text": "Hm."},
        {"transcript": 1, "text": "Hm."},
        {"transcript": 1, "index": 0, "parent": 1, "text": "Hm."},
        {"transcript": 1, "index": 0, "text": "Hm."},
        {"transcript": 1, "index": -1, "text": "Hm."},
        {"transcript": 1, "index": 0, "text": "x" * 4001},
        {"transcript": 1, "index": 0, "text": 5},
    ],
)
def test_comment_that_cannot_be_is_refused(client: Client, recording: Recording, sent: Any) -> None:
    assert client.post(at(recording, "comments"), sent, JSON).status_code == 400
    assert not Comment.objects.exists()


def test_comments_of_what_is_not_seen_any_more_are_not_found(recording: Recording) -> None:
    transcript = make_transcript(recording)
    reader = program(share(recording))
    sent = {"transcript": transcript.pk, "index": 0, "text": "Why?"}
    number = reader.post(at(recording, "comments"), sent, JSON).json()["id"]
    Grant.objects.all().delete()
    assert reader.get(at(recording, "comments")).status_code == 404
    assert reader.patch(f"/api/v1/comments/{number}/", {"text": "Still"}, JSON).status_code == 404


def test_thread_is_listed_by_itself_page_by_page(client: Client, recording: Recording) -> None:
    transcript = make_transcript(recording)
    sent = {"transcript": transcript.pk, "index": 0, "text": "Why?"}
    other, root = (client.post(at(recording, "comments"), sent, JSON).json()["id"] for _ in range(2))
    answers = [
        client.post(at(recording, "comments"), {"parent": root, "text": f"{number}"}, JSON).json()["id"]
        for number in range(3)
    ]
    first = client.get(at(recording, "comments") + f"?thread={root}&limit=2").json()
    second = client.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == [*reversed(answers), root]
    assert second["next"] is None
    alone = client.get(at(recording, "comments") + f"?thread={other}").json()["results"]
    assert [row["id"] for row in alone] == [other]
    for wrong in ("x", "0", "9" * 30, ""):
        assert problem(client.get(at(recording, "comments") + f"?thread={wrong}")) == (400, "bad_request")


def test_whom_a_comment_can_name_is_listed(client: Client, recording: Recording, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(name="Ada")
    readers = [share(recording, make_user(name=name)) for name in ("Grace Hopper", "", "Max")]
    nameless = {"name": readers[1].email, "is_owner": False}
    first = client.get(at(recording, "comments/names") + "?limit=2").json()
    assert first["results"] == [{"name": "Max", "is_owner": False}, nameless]
    second = client.get(first["next"]).json()
    assert second == {"next": None, "results": [{"name": "Grace Hopper", "is_owner": False}]}
    reader = program(readers[2])
    found = reader.get(at(recording, "comments/names")).json()["results"]
    assert found == [{"name": "Grace Hopper", "is_owner": False}, {"name": "Ada", "is_owner": True}]
    found = reader.get(at(recording, "comments/names") + "?q=hop").json()["results"]
    assert [row["name"] for row in found] == ["Grace Hopper"]


@pytest.mark.parametrize("query", ["q=a%00b", "q=" + "x" * 151, "name=a", "cursor=x", "limit=0"])
def test_query_for_names_that_means_nothing_is_refused(client: Client, recording: Recording, query: str) -> None:
    assert problem(client.get(at(recording, "comments/names") + f"?{query}"))[0] == 400


def test_names_take_as_many_queries_for_many_as_for_one(client: Client, recording: Recording) -> None:
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            share(recording, make_user(name="Grace"))
        counts.append(queries(client, at(recording, "comments/names")))
    assert counts[0] == counts[1]
