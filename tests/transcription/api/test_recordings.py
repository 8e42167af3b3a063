"""Recordings by the API: listed, narrowed, made of a file, renamed, thrown away, heard."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, Scope, User
from config.http import body_limit
from tests.factories import DATA, make_job, make_live, make_media, make_recording, make_transcript, make_user
from tests.transcription.api.conftest import JSON, problem, program, queries
from transcription.api import recordings as views
from transcription.enums import JobState, RecordingState
from transcription.errors import StorageFull
from transcription.models import Job, Recording, Upload
from transcription.services import uploads

pytestmark = pytest.mark.django_db
URL = "/api/v1/recordings/"
SPEECH = (DATA / "LJ001-0001.flac").read_bytes()


def titles(client: Client, **query: Any) -> list[str]:
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return [row["title"] for row in answer.json()["results"]]


def send(client: Client, **fields: Any) -> Any:
    return client.post(URL, {"file": SimpleUploadedFile("my talk.flac", SPEECH)} | fields)


def test_list_is_newest_first_and_shows_the_newest_job(client: Client, owner: User):
    first, second = make_recording(owner, title="First"), make_recording(owner, title="Second")
    job = make_job(second, language="de")
    rows = client.get(URL).json()["results"]
    assert [(row["id"], row["job"] and row["job"]["id"]) for row in rows] == [
        (str(second.pk), job.pk),
        (str(first.pk), None),
    ]
    assert set(rows[0]) == set(views.EXAMPLE)
    assert set(rows[0]["job"]) == set(views.EXAMPLE["job"])
    assert (rows[0]["language"], rows[0]["job"]["place"], rows[0]["duration"]) == ("de", 1, 60.0)


def test_list_leaves_out_what_a_library_does_not_show(client: Client, owner: User):
    make_recording(make_user(), title="Of another")
    make_recording(owner, title="For one answer", delete_after=timezone.now())
    make_recording(owner, title="Thrown away", deleted_at=timezone.now())
    make_recording(owner, title="Kept")
    assert titles(client) == ["Kept"]
    assert titles(client, trashed="true") == ["Thrown away"]
    assert titles(client, trashed="false") == ["Kept"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "failed"}, ["Long"]),
        ({"language": "de"}, ["Short"]),
        ({"min_duration": "60.5"}, ["Long"]),
        ({"max_duration": "60"}, ["Short"]),
        ({"q": "hor"}, ["Short"]),
        ({"q": "%"}, []),
        ({"created_after": "2020-01-01T00:00:00Z"}, ["Short"]),
        ({"created_before": "2020-01-01T00:00:00+01:00"}, ["Long"]),
    ],
)
def test_list_is_narrowed(client: Client, owner: User, query: dict[str, str], expected: list[str]):
    long = make_recording(owner, title="Long", duration=600.0, state=RecordingState.FAILED)
    Recording.objects.filter(pk=long.pk).update(created_at=timezone.now().replace(year=2019))
    make_transcript(make_recording(owner, title="Short"), language="de")
    assert titles(client, **query) == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"state": "odd"}, "invalid"),
        ({"language": "klingon"}, "invalid"),
        ({"min_duration": "1e999999"}, "invalid"),
        ({"min_duration": "NaN"}, "invalid"),
        ({"created_after": "yesterday"}, "invalid"),
        ({"q": "a\0b"}, "invalid"),
        ({"q": "x" * 201}, "invalid"),
        ({"trashed": "perhaps"}, "invalid"),
        ({"limit": "0"}, "bad_request"),
        ({"limit": "101"}, "bad_request"),
        ({"limit": "٣"}, "bad_request"),
        ({"sort": "title"}, "unknown_parameter"),
    ],
)
def test_query_that_means_nothing_is_refused(client: Client, query: dict[str, str], code: str):
    assert problem(client.get(URL, query)) == (400, code)


def test_pages_follow_each_other_and_cost_the_same(client: Client, owner: User):
    moment = timezone.now()
    for number in range(5):  # two of them at the same moment
        made = make_recording(owner, title=str(number))
        Recording.objects.filter(pk=made.pk).update(created_at=moment + timedelta(seconds=number // 2))
    seen, address, counts = [], f"{URL}?limit=2", set()
    while address:
        counts.add(queries(client, address))
        page = client.get(address).json()
        seen.append(len(page["results"]))
        seen += [row["title"] for row in page["results"]]
        address = page["next"]
    assert (seen[0], seen[3], seen[6]) == (2, 2, 1)
    assert sorted(value for value in seen if isinstance(value, str)) == ["0", "1", "2", "3", "4"]
    assert seen[1] == "4"
    assert len(counts) == 1


def test_list_makes_as_many_queries_for_three_rows_as_for_one(client: Client, owner: User):
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            recording = make_recording(owner)
            Job.objects.filter(pk=make_job(recording).pk).update(transcript=make_transcript(recording))
        counts.append(queries(client, URL))
    assert counts[0] == counts[1]


def test_file_becomes_a_recording_with_a_job(owner: User):
    client = program(owner, Scope.WRITE)
    answer = send(client, title="Talk\0".strip("\0"), language="de", vocabulary="Scripta", notify="true")
    recording = Recording.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"{URL}{recording.pk}/")
    assert (recording.title, recording.original_name, recording.size) == ("Talk", "my talk.flac", len(SPEECH))
    assert (recording.state, recording.media.read()) == ("ready", SPEECH)
    assert recording.api_key == ApiKey.objects.get()
    job = recording.jobs.get()
    assert (job.state, job.language, job.vocabulary, job.notify_by_mail) == ("queued", "de", "Scripta", True)
    assert answer.json()["job"]["id"] == job.pk


def test_what_is_not_chosen_is_as_in_the_profile(client: Client, owner: User):
    owner.default_language, owner.notify_by_mail = "fr", True
    owner.save()
    assert send(client).status_code == 201
    assert [(job.language, job.notify_by_mail) for job in Job.objects.all()] == [("fr", True)]
    assert Recording.objects.get().title == "my talk"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"language": "klingon"}, "invalid"),
        ({"task": "sing"}, "invalid"),
        ({"model": "unheard-of"}, "bad_request"),
        ({"vocabulary": "x" * 2001}, "invalid"),
        ({"vocabulary": "a\0b"}, "invalid"),
        ({"title": "x" * 201}, "invalid"),
        ({"title": "a\0b"}, "invalid"),
        ({"notify": "perhaps"}, "invalid"),
        ({"owner": "1"}, "invalid"),
        ({"file": ""}, "invalid"),
        ({"file": io.BytesIO(b"")}, "invalid"),
    ],
)
def test_wish_that_means_nothing_makes_nothing(client: Client, fields: dict[str, Any], code: str):
    assert problem(send(client, **fields)) == (400, code)
    assert Recording.objects.count() == Upload.objects.count() == 0


def test_file_that_is_missing_or_too_large_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch):
    missing = client.post(URL, {"title": "x"})
    assert (problem(missing), set(missing.json()["errors"])) == ((400, "invalid"), {"file"})
    monkeypatch.setattr(views, "LARGEST_FILE", 10)
    large = send(client)
    assert problem(large) == (413, "too_large")
    assert "/api/v1/uploads/" in large.json()["detail"]
    assert body_limit(URL.encode()) >= 27 * 2**20


def test_file_beyond_the_quota_is_refused_and_nothing_stays(client: Client, settings: Any):
    settings.USER_QUOTA = 10
    assert problem(send(client)) == (413, "quota_exceeded")
    assert Recording.objects.count() == 0


def test_disk_that_fills_up_leaves_nothing(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any):
    def full(*, upload: Upload, **_: Any) -> int:
        raise StorageFull

    monkeypatch.setattr(uploads, "append_chunk", full)
    assert problem(send(client)) == (507, "storage_full")
    assert Recording.objects.count() == Upload.objects.count() == 0
    assert list(settings.UPLOADS.glob("*.part")) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "audio/flac"])
def test_content_that_is_no_form_is_refused(client: Client, content_type: str):
    assert problem(client.post(URL, b"{}", content_type=content_type)) == (415, "unsupported_media_type")


def test_form_that_is_broken_is_refused(client: Client):
    broken = client.post(URL, b"--x\r\nnothing", content_type="multipart/form-data; boundary=")
    assert problem(broken) == (400, "parse_error")


def test_one_is_renamed_and_shown(client: Client, owner: User):
    recording = make_recording(owner)
    answer = client.patch(f"{URL}{recording.pk}/", {"title": " New\ud800 \n name "}, content_type=JSON)
    assert problem(answer) == (400, "invalid")
    answer = client.patch(f"{URL}{recording.pk}/", {"title": " New \n name "}, content_type=JSON)
    assert (answer.status_code, answer.json()["title"]) == (200, "New name")
    assert client.get(f"{URL}{recording.pk}/").json() == answer.json()


@pytest.mark.parametrize(
    "body", ['{"title": ""}', '{"title": null}', '{"title": "\\u0000"}', '{"state": "x"}', "[]", "3", "null"]
)
def test_name_that_is_none_is_refused(client: Client, owner: User, body: str):
    recording = make_recording(owner)
    assert problem(client.patch(f"{URL}{recording.pk}/", body, content_type=JSON)) == (400, "invalid")


def test_way_to_the_trash_and_back(client: Client, owner: User):
    job = make_job(make_recording(owner))
    address = f"{URL}{job.recording_id}/"
    assert problem(client.delete(f"{address}?permanent=true")) == (409, "wrong_state")
    assert [client.delete(address).status_code for _ in range(2)] == [204, 204]
    assert client.get(address).json()["deleted_at"] is not None
    assert problem(client.patch(address, {"title": "x"}, content_type=JSON)) == (404, "not_found")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    restored = client.post(f"{address}restore/")
    assert (restored.status_code, restored.json()["deleted_at"], restored.json()["job"]["state"]) == (
        200,
        None,
        "queued",
    )
    assert problem(client.post(f"{address}restore/")) == (409, "wrong_state")
    client.delete(address)
    assert client.delete(f"{address}?permanent=true").status_code == 204
    assert problem(client.get(address)) == (404, "not_found")


def test_upload_that_is_thrown_away_ends_for_good(client: Client, owner: User):
    upload = uploads.create_upload(owner=owner, length=10, filename="x", fingerprint="", options={})
    assert client.delete(f"{URL}{upload.recording_id}/").status_code == 204
    assert Recording.objects.count() == 0


def test_live_recording_is_thrown_away(client: Client, owner: User):
    spoken = make_live(owner)
    assert client.delete(f"{URL}{spoken.pk}/").status_code == 204
    assert Recording.objects.get().deleted_at is not None


def test_sound_comes_in_parts(client: Client, owner: User, tmp_path: Any):
    recording = make_media(owner, folder=tmp_path)
    address = f"{URL}{recording.pk}/audio/"
    part = client.get(address, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content, part["Content-Type"]) == (206, SPEECH[:4], "audio/flac")
    head = client.head(address)
    assert (head.status_code, head["Content-Length"]) == (200, str(len(SPEECH)))
    assert client.get(address, headers={"If-None-Match": part["ETag"]}).status_code == 304
    beyond = client.get(address, headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(SPEECH)}")
    download = client.get(f"{address}?download=true", headers={"Range": "bytes=0-3"})
    assert download["Content-Disposition"] == 'attachment; filename="LJ001-0001.flac"'
    assert problem(client.get(f"{URL}{make_recording(owner).pk}/audio/")) == (404, "not_found")


@pytest.mark.parametrize("rest", ["", "audio/", "transcripts/", "jobs/"])
def test_what_is_anothers_or_passing_does_not_exist(client: Client, owner: User, rest: str):
    anothers = make_recording(make_user())
    passing = make_recording(owner, delete_after=timezone.now())
    for pk in (anothers.pk, passing.pk, uuid4()):
        assert problem(client.get(f"{URL}{pk}/{rest}")) == (404, "not_found")
    assert problem(client.delete(f"{URL}{anothers.pk}/")) == (404, "not_found")
    assert problem(client.post(f"{URL}{anothers.pk}/restore/")) == (404, "not_found")


def test_key_may_do_what_its_scopes_say(owner: User):
    recording = make_recording(owner)
    reader, writer = program(owner, Scope.READ), program(owner, Scope.WRITE)
    address = f"{URL}{recording.pk}/"
    assert reader.get(address).status_code == 200
    assert problem(reader.delete(address)) == (403, "missing_scope")
    assert problem(reader.patch(address, {"title": "x"}, content_type=JSON)) == (403, "missing_scope")
    assert problem(send(reader)) == (403, "missing_scope")
    assert problem(writer.get(address)) == (403, "missing_scope")
    assert writer.patch(address, {"title": "x"}, content_type=JSON).status_code == 200
    assert problem(Client().get(address)) == (401, "not_authenticated")


# From an address -----------------------------------------------------------------------------------------------------


def test_file_is_fetched_from_a_host_that_is_allowed(client, owner, settings):
    settings.IMPORT_HOSTS = ["media.example.org"]
    body = {"url": "https://media.example.org/talks/first%20talk.mp3", "title": "First", "language": "en"}
    answer = client.post("/api/v1/recordings/", body, content_type=JSON)
    assert answer.status_code == 201
    made = Recording.objects.get(pk=answer.json()["id"])
    assert (made.owner, made.title, made.state, made.original_name) == (owner, "First", "uploading", "first talk.mp3")
    assert made.fetched.options["language"] == "en"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"url": "https://elsewhere.example.org/a.mp3"}, (403, "host_not_allowed")),
        ({"url": "file:///etc/passwd"}, (400, "address_invalid")),
        ({"url": "https://media.example.org/a.mp3", "language": "klingon"}, (400, "invalid")),
        ({"url": "https://media.example.org/a.mp3", "speed": 2}, (400, "invalid")),
        ({"title": "no address"}, (400, "invalid")),
        ([], (400, "invalid")),
    ],
)
def test_addresses_that_will_not_do(client, settings, body, expected):
    settings.IMPORT_HOSTS = ["media.example.org"]
    assert problem(client.post("/api/v1/recordings/", body, content_type=JSON)) == expected
    assert not Recording.objects.exists()
