"""Tags, favourites, bulk actions, storage, rules, copies of data and terms, for programs."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import make_job, make_recording, make_transcript, make_user, share
from tests.transcription.api.conftest import JSON, problem, queries
from transcription.models import DataExport, Recording
from transcription.services import data_export, marks

pytestmark = pytest.mark.django_db
API = "/api/v1"
NOTHING = "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11"


def send(client: Client, method: str, path: str, **body: Any) -> Any:
    return getattr(client, method)(f"{API}{path}", body, content_type=JSON)


def test_tags_from_making_to_merging(client: Client, owner: User) -> None:
    made = send(client, "post", "/tags/", name="Politics", color="blue").json()
    assert (made["name"], made["color"], made["count"]) == ("Politics", "blue", 0)
    assert problem(send(client, "post", "/tags/", name="POLITICS")) == (409, "tag_exists")
    assert problem(send(client, "post", "/tags/", name="x", color="mauve")) == (400, "invalid")
    assert problem(send(client, "post", "/tags/", name="\u2066")) == (400, "bad_request")
    other = send(client, "post", "/tags/", name="Other").json()
    recording = make_recording(owner)
    shown = send(client, "put", f"/recordings/{recording.pk}/tags/", tags=[other["id"], made["id"]]).json()
    assert [tag["name"] for tag in shown["tags"]] == ["Other", "Politics"]
    assert send(client, "patch", f"/tags/{made['id']}/", color="red").json()["count"] == 1
    assert send(client, "post", f"/tags/{other['id']}/merge/", into=made["id"]).json()["name"] == "Politics"
    assert [tag["name"] for tag in client.get(f"{API}/tags/").json()] == ["Politics"]
    assert client.delete(f"{API}/tags/{made['id']}/").status_code == 204
    assert client.get(f"{API}/recordings/{recording.pk}/").json()["tags"] == []


def test_tags_that_are_not_ones_own_are_refused(client: Client, owner: User) -> None:
    theirs, recording = marks.create_tag(owner=make_user(), name="theirs"), make_recording(owner)
    assert problem(send(client, "put", f"/recordings/{recording.pk}/tags/", tags=[theirs.pk])) == (400, "invalid")
    mine = marks.create_tag(owner=owner, name="mine")
    assert problem(send(client, "post", f"/tags/{mine.pk}/merge/", into=theirs.pk)) == (404, "not_found")


def test_list_is_narrowed_by_tag_favourite_and_status(client: Client, owner: User) -> None:
    one, two = (make_recording(owner, title=title) for title in ("one", "two"))
    tag, theirs = marks.create_tag(owner=owner, name="a"), marks.create_tag(owner=make_user(), name="b")
    marks.add_tag(tag=tag, recordings=[one])
    marks.add_tag(tag=theirs, recordings=[one])
    client.put(f"{API}/recordings/{two.pk}/favourite/")
    make_job(one)
    for query, titles in (
        (f"tag={tag.pk}", ["one"]),
        (f"tag={theirs.pk}", []),
        (f"tag={tag.pk}.5", []),
        ("favourite=true", ["two"]),
        ("favourite=false", ["one"]),
        ("status=working", ["one"]),
        ("status=untranscribed", ["two"]),
    ):
        rows = client.get(f"{API}/recordings/?{query}").json()["results"]
        assert [row["title"] for row in rows] == titles, query
    assert problem(client.get(f"{API}/recordings/?tag=0")) == (400, "invalid")
    client.delete(f"{API}/recordings/{two.pk}/favourite/")
    assert client.get(f"{API}/recordings/?favourite=true").json()["results"] == []


def test_list_makes_as_many_queries_for_three_as_for_one(client: Client, owner: User) -> None:
    counts = []
    tag = marks.create_tag(owner=owner, name="a")
    for count in (1, 3):
        for _ in range(count):
            recording = make_recording(owner, media="a/file")
            marks.add_tag(tag=tag, recordings=[recording])
        counts.append(queries(client, f"{API}/recordings/"))
    assert counts[0] == counts[1]


def test_bulk_actions_say_what_was_done_and_what_not(client: Client, owner: User) -> None:
    mine, theirs = make_recording(owner), make_recording()
    ids = [str(mine.pk), str(theirs.pk)]
    tag = marks.create_tag(owner=owner, name="a")
    for action in ("add_tag", "remove_tag"):
        answer = send(client, "post", "/recordings/bulk/", ids=ids, action=action, tag=tag.pk).json()
        assert answer == {"done": ids[:1], "refused": []}
    for action in ("favour", "unfavour", "trash", "restore", "trash", "purge"):
        answer = send(client, "post", "/recordings/bulk/", ids=ids, action=action).json()
        assert answer == {"done": ids[:1], "refused": []}, action
    assert list(Recording.objects.listed()) == [theirs]
    for body in ({"action": "add_tag"}, {"action": "trash", "tag": tag.pk}, {"action": "burn"}, {}):
        assert problem(send(client, "post", "/recordings/bulk/", ids=ids, **body)) == (400, "invalid")
    assert problem(send(client, "post", "/recordings/bulk/", ids=[], action="trash")) == (400, "invalid")


def test_many_are_shared_and_that_is_taken_back(client: Client, owner: User) -> None:
    mine, theirs = make_recording(owner), make_recording()
    share(theirs, owner)
    ids, person = [str(mine.pk), str(theirs.pk), NOTHING], make_user()
    answer = send(client, "post", "/recordings/share/", ids=ids, person=person.email, role="editor").json()
    grant = mine.grants.get()
    assert answer == {
        "done": [str(mine.pk)],
        "refused": [{"reason": "somebody else owns it", "ids": [str(theirs.pk)]}],
        "steps": [{"grant": grant.pk, "earlier": None}],
    }
    again = send(client, "post", "/recordings/share/", ids=ids, person=person.email).json()
    assert again["steps"] == [{"grant": grant.pk, "earlier": "editor"}]
    for steps, role in ((again["steps"], "editor"), (answer["steps"], None)):
        assert send(client, "post", "/recordings/unshare/", steps=steps).json() == {"count": 1}
        assert mine.grants.values_list("role", flat=True).first() == role
    assert send(client, "post", "/recordings/unshare/", steps=answer["steps"]).json() == {"count": 0}
    for body in ({"ids": ids}, {"ids": [], "person": person.email}, {"ids": ids, "group": 1, "person": "a@b.example"}):
        assert problem(send(client, "post", "/recordings/share/", **body)) == (400, "invalid")
    assert problem(send(client, "post", "/recordings/share/", ids=ids, person="nobody@example.org"))[0] == 409
    assert problem(send(client, "post", "/recordings/unshare/", steps=[])) == (400, "invalid")
    assert problem(send(client, "post", "/recordings/unshare/", steps=[{"grant": 1}])) == (400, "invalid")


def test_archive_of_transcripts(client: Client, owner: User) -> None:
    recording = make_recording(owner, title="A/B")
    make_transcript(recording)
    answer = send(client, "post", "/recordings/archive/", ids=[str(recording.pk)], format="vtt")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert archive.namelist() == ["A-B.vtt"]
    assert problem(send(client, "post", "/recordings/archive/", ids=[str(recording.pk)], format="exe"))[0] == 400


def test_trash_is_emptied(client: Client, owner: User) -> None:
    make_recording(owner, deleted_at=timezone.now())
    make_recording(owner)
    assert client.post(f"{API}/trash/empty/").json() == {"count": 1}
    assert Recording.objects.listed().count() == 1


def test_storage_is_told(client: Client, owner: User, settings: Any) -> None:
    settings.USER_QUOTA = 5000
    recording = make_recording(owner, title="Large", size=400, playback_size=10)
    assert client.get(f"{API}/storage/").json() == {
        "recordings": 400,
        "trash": 0,
        "captioned": 0,
        "playback": 10,
        "exports": 0,
        "counted": 400,
        "quota": 5000,
        "largest": [{"id": str(recording.pk), "title": "Large", "bytes": 410}],
    }


def test_rule_that_acts_at_once_is_confirmed_by_its_number(client: Client, owner: User) -> None:
    recording = make_recording(owner, media="a/file")
    Recording.objects.update(created_at=timezone.now() - timedelta(days=40))
    rule = {"sound_days": 30, "all_days": None}
    refused = send(client, "put", "/retention/", **rule)
    assert problem(refused) == (409, "confirmation_needed")
    assert "from 1 recording." in refused.json()["detail"]
    taken = send(client, "put", "/retention/", **rule, confirm=1).json()
    assert (taken["sound_days"], taken["all_days"], taken["most_all_days"]) == (30, None, None)
    assert [(each["recording"], each["what"]) for each in taken["upcoming"]] == [(str(recording.pk), "sound")]
    assert client.get(f"{API}/recordings/{recording.pk}/").json()["upcoming"]["what"] == "sound"
    client.put(f"{API}/recordings/{recording.pk}/exempt/")
    assert client.get(f"{API}/retention/").json()["upcoming"] == []
    shown = client.get(f"{API}/recordings/{recording.pk}/").json()
    assert (shown["is_exempt"], shown["upcoming"]) == (True, None)
    for body in ({"sound_days": 0, "all_days": None}, {"sound_days": 1}, {"sound_days": "1", "all_days": None}):
        assert send(client, "put", "/retention/", **body).status_code in {400, 409}


def test_copy_of_all_data(client: Client, owner: User, settings: Any) -> None:
    settings.UPLOADS.mkdir()
    made = client.post(f"{API}/data-exports/").json()
    assert made["state"] == "waiting"
    assert problem(client.post(f"{API}/data-exports/")) == (409, "wrong_state")
    address = f"{API}/data-exports/{made['id']}/"
    assert problem(client.get(f"{address}file/")) == (404, "not_found")
    data_export.write(export_id=made["id"])
    size = client.get(address).json()["size"]
    part = client.get(f"{address}file/", headers={"Range": "bytes=0-3"})
    assert (part.status_code, b"".join(part), part["Content-Range"]) == (206, b"PK\x03\x04", f"bytes 0-3/{size}")
    assert client.delete(address).status_code == 204
    assert not DataExport.objects.exists()


def test_terms_are_replaced_whole(client: Client) -> None:
    taken = send(client, "put", "/vocabulary/", terms=["Scripta", "Zagreb"]).json()
    assert (taken["terms"], taken["left_out"], taken["most_tokens"]) == (["Scripta", "Zagreb"], [], 223)
    assert problem(send(client, "put", "/vocabulary/", terms=["x" * 81])) == (400, "invalid")
    assert client.get(f"{API}/vocabulary/").json() == taken


def test_account_goes_with_a_password_and_no_ordinary_key(client: Client, owner: User) -> None:
    assert problem(send(client, "delete", "/me/", password="correct horse battery")) == (403, "missing_scope")
    person = Client()
    person.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert problem(send(person, "delete", "/me/", password="wrong")) == (400, "invalid")
    assert send(person, "delete", "/me/", password="correct horse battery").status_code == 204
    assert client.get(f"{API}/me/").status_code == 401
