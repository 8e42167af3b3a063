"""Corrections over the API: what each kind takes and says, and what is refused."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_recording, make_transcript, make_user
from tests.transcription.api.conftest import program
from transcription.models import Transcript
from transcription.services import editing
from transcription.services.edits import By

pytestmark = pytest.mark.django_db


@pytest.fixture
def transcript(owner: User) -> Transcript:
    return make_transcript(make_recording(owner))


@pytest.fixture
def client(owner: User) -> Client:
    return program(owner)


def post(client: Client, transcript: Transcript, place: str = "edits", **body: Any) -> tuple[int, Any]:
    answer = client.post(f"/api/v1/transcripts/{transcript.pk}/{place}/", body, content_type="application/json")
    return answer.status_code, answer.json()


def texts(client: Client, transcript: Transcript, query: str = "") -> list[tuple[int, int, str]]:
    rows = client.get(f"/api/v1/transcripts/{transcript.pk}/segments/{query}").json()["results"]
    return [(row["index"], row["revision"], row["text"]) for row in rows]


def test_edits_of_every_kind(client, transcript):
    first = transcript.segments.get(index=0).text
    steps = [
        ({"kind": "text", "index": 0, "revision": 0, "text": f"{first} more"}, [0], []),
        ({"kind": "split", "index": 0, "revision": 1, "text": f"{first} more", "at": len(first)}, [0, 3], []),
        ({"kind": "merge", "index": 3, "revision": 2}, [0], [3]),
        ({"kind": "confirm", "index": 1, "revision": 0}, [1], []),
        ({"kind": "assign_speaker", "indexes": [0, 1], "name": "Ada"}, [0, 1], []),
        ({"kind": "assign_speaker", "indexes": [2], "name": "Grace"}, [2], []),
        ({"kind": "rename_speaker", "number": 2, "name": "Grace Hopper"}, [], []),
        ({"kind": "merge_speakers", "number": 2, "into": 1}, [2], []),
        ({"kind": "remove_speaker", "number": 1}, [0, 1, 2], []),
        ({"kind": "replace", "search": "more", "segments": [{"index": 0, "revision": 5}]}, [0], []),
        ({"kind": "delete", "index": 2, "revision": 8}, [], [2]),
        ({"kind": "undo"}, [2], []),
        ({"kind": "redo"}, [], [2]),
        ({"kind": "times", "index": 1, "revision": 5, "start": 3.5, "end": 7.25}, [1], []),
        ({"kind": "restore", "revision": 0}, [0, 1, 2], []),
    ]  # fmt: skip
    for number, (body, changed, removed) in enumerate(steps, 1):
        status, answer = post(client, transcript, **body)
        assert (status, answer["revision"]) == (201, number), answer
        assert (answer["edit"]["kind"], answer["edit"]["changed"], answer["edit"]["removed"]) == (
            body["kind"], changed, removed,
        )  # fmt: skip

    log = client.get(f"/api/v1/transcripts/{transcript.pk}/edits/?limit=2").json()
    assert [row["kind"] for row in log["results"]] == ["restore", "times"]
    assert log["next"]


def test_nothing_to_change_is_said(client, transcript):
    text = transcript.segments.get(index=0).text
    status, answer = post(client, transcript, kind="text", index=0, revision=0, text=text)
    assert (status, answer) == (200, {"revision": 0, "edit": None, "can_undo": False, "can_redo": False})


def test_conflict_says_what_is_there_now(client, transcript):
    theirs = By(make_user())
    editing.change_text(transcript_id=transcript.pk, by=theirs, index=0, revision=0, text="Theirs")
    status, problem = post(client, transcript, kind="text", index=0, revision=0, text="Mine")

    assert (status, problem["code"]) == (409, "edit_conflict")
    assert (problem["index"], problem["text"], problem["revision"]) == (0, "Theirs", 1)


def test_revision_that_is_yet_to_come_is_refused(client, transcript):
    editing.change_text(transcript_id=transcript.pk, by=By(make_user()), index=0, revision=0, text="Theirs")
    named = [{"index": 0, "revision": 2}]
    for edit in (
        {"kind": "text", "index": 0, "revision": 2, "text": "Mine"},
        {"kind": "times", "index": 0, "revision": 999999, "end": 2.5},
        {"kind": "replace", "search": "Theirs", "segments": named},
    ):
        status, problem = post(client, transcript, **edit)
        assert (status, problem["code"]) == (400, "bad_request"), edit
        assert problem["detail"] == "This transcript has no such revision."
    assert texts(client, transcript)[0] == (0, 1, "Theirs")


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "text", "index": 1, "revision": 0, "text": "one"},
        {"kind": "text", "index": 0, "revision": 0, "text": "two"},
        {"kind": "delete", "index": 0, "revision": 0},
        {"kind": "undo"},
    ],
)
def test_name_of_another_edit_is_refused(client, transcript, other):
    body = {"kind": "text", "index": 0, "revision": 0, "text": "one", "request": str(uuid.uuid4())}
    assert post(client, transcript, **body)[0] == 201
    status, problem = post(client, transcript, **other, request=body["request"])
    assert (status, problem["code"]) == (409, "request_reused")

    assert post(client, transcript, kind="text", index=0, revision=1, text="later")[0] == 201
    assert post(client, transcript, **body)[1]["edit"]["revision"] == 1
    assert [text for _, _, text in texts(client, transcript)][0] == "later"


@pytest.mark.parametrize(("service", "joined"), [(editing.merge_up, True), (editing.delete_passage, False)])
def test_conflict_says_what_became_of_a_passage(client, transcript, service, joined):
    service(transcript_id=transcript.pk, by=By(make_user()), index=1, revision=0)
    status, problem = post(client, transcript, kind="text", index=1, revision=0, text="Mine")
    assert (status, problem["code"]) == (409, "edit_conflict")
    assert (problem["text"], problem["joined"]) == (None, joined)


def test_empty_text_is_refused_with_what_to_do_instead(client, transcript):
    status, problem = post(client, transcript, kind="text", index=0, revision=0, text=" ")
    assert (status, problem["code"]) == (400, "bad_request")
    assert problem["detail"] == "A passage needs some text. To take it out, delete it."


def test_times_without_room_say_which(client, transcript):
    status, problem = post(client, transcript, kind="times", index=1, revision=0, start=3.5, end=9)
    assert (status, problem["code"], problem["field"]) == (400, "bad_request", "end")


def test_conflict_of_times_says_which_are_there_now(client, transcript):
    editing.change_times(transcript_id=transcript.pk, by=By(make_user()), index=1, revision=0, end=7.5)
    status, problem = post(client, transcript, kind="times", index=1, revision=0, end=7.25)
    assert (status, problem["code"], problem["revision"]) == (409, "edit_conflict", 1)
    assert (problem["start"], problem["end"]) == (4.0, 7.5)
    assert post(client, transcript, kind="times", index=1, revision=1, end=7.25)[0] == 201


def test_edit_sent_again_is_done_once(client, transcript):
    body = {"kind": "split", "index": 0, "revision": 0, "text": "one two", "at": 3, "request": str(uuid.uuid4())}
    assert post(client, transcript, **body)[0] == 201
    assert post(client, transcript, **body)[1]["revision"] == 1
    assert [text for _, _, text in texts(client, transcript)][:2] == ["one", "two"]


def test_edit_of_a_page_drawn_for_another_is_refused(client, transcript, owner):
    body = {"kind": "delete", "index": 0, "revision": 0}
    address = f"/api/v1/transcripts/{transcript.pk}/edits/"
    another = client.post(address, body, "application/json", headers={"X-Scripta-User": str(make_user().pk)})
    assert (another.status_code, another.json()["code"]) == (401, "somebody_else")
    own = client.post(address, body, "application/json", headers={"X-Scripta-User": str(owner.pk)})
    assert own.status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "tell"}, "kind"),
        ({"kind": ["text"]}, "kind"),
        ({"kind": "text", "index": 0, "revision": 0}, "text"),
        ({"kind": "text", "index": 0, "revision": 0, "text": 7}, "text"),
        ({"kind": "text", "index": 0, "revision": 0, "text": "a\0b"}, "text"),
        ({"kind": "text", "index": -1, "revision": 0, "text": "a"}, "index"),
        ({"kind": "text", "index": 0, "revision": 0, "text": "x" * 100_000}, "text"),
        ({"kind": "text", "index": 0, "revision": 0, "text": "a", "colour": "red"}, "colour"),
        ({"kind": "times", "index": 0, "revision": 0, "start": -1}, "start"),
        ({"kind": "times", "index": 0, "revision": 0, "start": "1.5"}, "start"),
        ({"kind": "times", "index": 0, "revision": 0, "start": None}, "start"),
        ({"kind": "times", "index": 0, "revision": 0, "end": True}, "end"),
        ({"kind": "times", "index": 0, "revision": 0, "end": 10**400}, "end"),
        ({"kind": "times", "index": 0, "revision": 0, "end": 1e7}, "end"),
        ({"kind": "undo", "group": "mine"}, "group"),
        ({"kind": "replace", "search": "a", "segments": []}, "segments"),
        ({"kind": "replace", "search": "a", "segments": [{"index": 0}]}, "segments"),
        ({"kind": "assign_speaker", "indexes": []}, "indexes"),
        ({"kind": "assign_speaker", "indexes": [0], "turn": "no"}, "turn"),
    ],
)
def test_what_is_not_valid_is_named(client, transcript, body, field):
    status, problem = post(client, transcript, **body)
    assert (status, problem["code"], list(problem["errors"])) == (400, "invalid", [field])


@pytest.mark.parametrize("kind", ["undo", "redo"])
def test_nothing_to_go_back_to(client, transcript, kind):
    assert post(client, transcript, kind=kind)[1]["code"] == f"nothing_to_{kind}"


def test_preview_of_a_replacement(client, transcript):
    status, answer = post(client, transcript, "find", search="WORD1.2", replacement="two")
    (found,) = answer["results"]
    assert (status, found["index"], found["revision"], found["count"], found["start"]) == (200, 1, 0, 1, 4.0)
    assert answer["has_more"] is False
    assert found["parts"] == [
        {"text": "word1.0 word1.1 ", "is_new": False},
        {"text": "two", "is_new": True},
        {"text": " word1.3 word1.4", "is_new": False},
    ]
    assert post(client, transcript, "find", search="WORD1.2", match_case=True)[1]["results"] == []


def test_segments_are_in_order_page_by_page_and_by_revision(client, transcript):
    post(client, transcript, kind="split", index=0, revision=0, text="one two", at=3)
    url, seen = f"/api/v1/transcripts/{transcript.pk}/segments/?limit=1", []
    while url:
        page = client.get(url).json()
        seen += [row["index"] for row in page["results"]]
        url = page["next"]

    assert seen == [0, 3, 1, 2]
    assert [index for index, _, _ in texts(client, transcript, "?after=0")] == [3, 1, 2]
    assert [index for index, _, _ in texts(client, transcript, "?changed_since=0")] == [0, 3]
    assert client.get(f"/api/v1/transcripts/{transcript.pk}/segments/?cursor=bmFu").json()["code"] == "bad_cursor"


def test_words_say_whether_a_person_wrote_them(client, transcript):
    post(client, transcript, kind="text", index=0, revision=0, text="word0.0 new word0.2 word0.3 word0.4")
    rows = client.get(f"/api/v1/transcripts/{transcript.pk}/segments/?words=true&limit=1").json()["results"]
    assert [(word["text"], word["edited"]) for word in rows[0]["words"]][:2] == [(" word0.0", False), (" new", True)]


def test_states_have_names_and_are_compared(client, transcript):
    post(client, transcript, kind="text", index=0, revision=0, text="word0.0 new word0.2 word0.3 word0.4")
    status, named = post(client, transcript, "names", name="Proofread")
    assert (status, named["name"], named["revision"]) == (201, "Proofread", 1)
    answer = client.get(f"/api/v1/transcripts/{transcript.pk}/compare/?with_revision=0").json()
    assert (answer["added"], answer["removed"]) == (1, 1)
    assert [(run["kind"], run["text"], run["start"]) for run in answer["runs"][:3]] == [
        ("same", "word0.0", 0.0), ("removed", "word0.1", 0.6), ("added", "new", 0.6),
    ]  # fmt: skip
    assert client.delete(f"/api/v1/transcripts/{transcript.pk}/names/{named['id']}/").status_code == 204
    assert client.get(f"/api/v1/transcripts/{transcript.pk}/names/").json()["results"] == []


def test_versions_of_other_recordings_are_not_compared(client, transcript, owner):
    other = make_transcript(make_recording(owner))
    assert client.get(f"/api/v1/transcripts/{transcript.pk}/compare/?with={other.pk}").status_code == 404
    assert client.get(f"/api/v1/transcripts/{transcript.pk}/compare/?revision=9").json()["code"] == "bad_request"


def test_chosen_version_is_shown(client, transcript):
    make_transcript(transcript.recording, version=2)
    show = f"/api/v1/recordings/{transcript.recording_id}/show/"
    assert client.post(show, {"version": 1}, content_type="application/json").json()["id"] == transcript.pk
    transcript.recording.refresh_from_db()
    assert transcript.recording.shown_version == 1
    assert client.post(show, {"version": 3}, content_type="application/json").status_code == 404


def test_speakers_are_listed(client, transcript):
    post(client, transcript, kind="assign_speaker", indexes=[0], name="Ada")
    answer = client.get(f"/api/v1/transcripts/{transcript.pk}/speakers/").json()
    assert answer["results"] == [{"number": 1, "name": "Ada", "label": "Ada"}]


def test_spaces_at_the_edge_of_a_text_do_not_move_the_place_of_a_split(client, transcript):
    assert post(client, transcript, kind="split", index=0, revision=0, text=" one two three", at=5)[0] == 201
    assert [text for _, _, text in texts(client, transcript)][:2] == ["one", "two three"]


def test_space_is_a_replacement(client, transcript):
    segments = [{"index": 0, "revision": 0}]
    assert post(client, transcript, kind="replace", search=".", replacement=" ", segments=segments)[0] == 201
    assert texts(client, transcript)[0][2] == "word0 0 word0 1 word0 2 word0 3 word0 4"
