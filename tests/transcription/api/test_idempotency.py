"""``Idempotency-Key``: sent twice, done once, answered twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import keys
from tests.factories import make_recording, make_user
from tests.transcription.api.conftest import JSON, problem, program
from transcription import tasks, whisper_service
from transcription.models import IdempotentAnswer, Job, Recording, Upload
from transcription.services import answers

pytestmark = pytest.mark.django_db
WISH = {"Idempotency-Key": "wish-1"}


def again(client: Client, address: str, body: Any, **more: Any) -> list[HttpResponse]:
    return [client.post(address, body, headers=WISH, **more) for _ in range(2)]


def assert_same(first: HttpResponse, second: HttpResponse) -> None:
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.get("Location") == second.get("Location")
    assert first["Content-Type"] == second["Content-Type"]


def test_job_is_made_once(client: Client, owner: User):
    address = f"/api/v1/recordings/{make_recording(owner).pk}/transcripts/"
    first, second = again(client, address, {"language": "de"}, content_type=JSON)
    assert (first.status_code, Job.objects.count()) == (201, 1)
    assert_same(first, second)


def test_file_is_kept_once_though_its_form_is_put_together_anew(client: Client):
    def send(content: bytes, boundary: str) -> HttpResponse:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
            f"Content-Type: audio/wav\r\n\r\n{content.decode()}\r\n--{boundary}--\r\n"
        )
        content_type = f"multipart/form-data; boundary={boundary}"
        return client.post("/api/v1/recordings/", body.encode(), content_type=content_type, headers=WISH)

    first, second = send(b"sound", "one"), send(b"sound", "two")
    assert (first.status_code, Recording.objects.count()) == (201, 1)
    assert_same(first, second)
    assert problem(send(b"other", "one")) == (422, "key_reused")


def test_upload_is_begun_once(client: Client):
    def begin(length: str) -> HttpResponse:
        return client.post("/api/v1/uploads/", headers=WISH | {"Tus-Resumable": "1.0.0", "Upload-Length": length})

    first, second = begin("10"), begin("10")
    assert (first.status_code, Upload.objects.count()) == (201, 1)
    assert (second.status_code, second["Location"], second["Upload-Expires"]) == (
        201,
        first["Location"],
        first["Upload-Expires"],
    )
    assert problem(begin("11")) == (422, "key_reused")


def test_live_recording_is_begun_once(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whisper_service, "warm_up", lambda: None)
    first, second = again(client, "/api/v1/live/", {"title": "x"}, content_type=JSON)
    assert (first.status_code, Recording.objects.count()) == (201, 1)
    assert_same(first, second)


def test_key_is_made_once_and_lies_nowhere_in_clear(client_of_owner: Client):
    first, second = again(client_of_owner, "/api/v1/keys/", {"name": "x"}, content_type=JSON)
    assert (first.status_code, ApiKey.objects.count()) == (201, 1)
    assert_same(first, second)
    assert first.json()["key"].encode() not in bytes(IdempotentAnswer.objects.get().body)


def test_same_key_of_another_is_another(owner: User):
    first = program(owner).post("/api/v1/uploads/", headers=WISH | {"Tus-Resumable": "1.0.0", "Upload-Length": "1"})
    other = program(make_user()).post(
        "/api/v1/uploads/", headers=WISH | {"Tus-Resumable": "1.0.0", "Upload-Length": "2"}
    )
    assert (first.status_code, other.status_code) == (201, 201)


def test_another_address_under_the_same_key_is_refused(client: Client, owner: User):
    for expected in (201, 422):
        address = f"/api/v1/recordings/{make_recording(owner).pk}/transcripts/"
        assert client.post(address, {}, content_type=JSON, headers=WISH).status_code == expected


def test_what_failed_may_be_tried_again(client: Client, owner: User):
    address = f"/api/v1/recordings/{make_recording(owner).pk}/transcripts/"
    assert problem(client.post(address, {"language": "xx"}, content_type=JSON, headers=WISH)) == (400, "invalid")
    assert client.post(address, {"language": "de"}, content_type=JSON, headers=WISH).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x07b"])
def test_key_that_cannot_be_is_refused(client: Client, owner: User, key: str):
    address = f"/api/v1/recordings/{make_recording(owner).pk}/transcripts/"
    answer = client.post(address, {}, content_type=JSON, headers={"Idempotency-Key": key})
    assert problem(answer) == (400, "bad_request")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(owner: User):
    """The second comes while the first works: it is told so, and nothing is made twice."""
    recording = make_recording(owner)
    _, key = keys.create_key(user=owner, name="program")
    statuses: list[int] = []
    together = threading.Barrier(4)

    def ask() -> None:
        client = Client(headers={"Authorization": f"Bearer {key}"})
        together.wait()
        address = f"/api/v1/recordings/{recording.pk}/transcripts/"
        statuses.append(client.post(address, {}, content_type=JSON, headers=WISH).status_code)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Job.objects.count() == 1


def test_while_one_works_the_same_is_told_to_wait(owner: User):
    answers.begin(user=owner, key="k", fingerprint="f")
    with pytest.raises(answers.SameKeyRunning):
        answers.begin(user=owner, key="k", fingerprint="f")


def test_answer_that_never_came_is_given_up_after_a_while(owner: User):
    row, _ = answers.begin(user=owner, key="k", fingerprint="f")
    IdempotentAnswer.objects.update(created_at=timezone.now() - answers.LOST - timedelta(seconds=1))
    again, stored = answers.begin(user=owner, key="k", fingerprint="f")
    assert (again.pk, stored) == (row.pk, None)
    answers.finish(row=row, answer=answers.Answer(201, {}, b"late"))  # the first one comes back to life
    assert IdempotentAnswer.objects.get().status is None


def test_old_answers_go_and_their_keys_are_free(owner: User):
    for name, hours in (("old", 25), ("new", 23)):
        row, _ = answers.begin(user=owner, key=name, fingerprint="f")
        answers.finish(row=row, answer=answers.Answer(201, {}, b"body"))
        IdempotentAnswer.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    assert answers.begin(user=owner, key="new", fingerprint="f")[1] == answers.Answer(201, {}, b"body")
    assert answers.begin(user=owner, key="old", fingerprint="other")[1] is None
    IdempotentAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    answers.forget_old(now=timezone.now())
    assert [row.key for row in IdempotentAnswer.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_task_forgets_old_answers(owner: User):
    answers.begin(user=owner, key="old", fingerprint="f")
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    tasks.forget_answers(timestamp=0)
    assert IdempotentAnswer.objects.count() == 0


def test_answers_under_another_secret_are_of_no_use(owner: User, settings: Any):
    row, _ = answers.begin(user=owner, key="k", fingerprint="f")
    answers.finish(row=row, answer=answers.Answer(201, {}, b"body"))
    settings.SECRET_KEY = "another"
    with pytest.raises(answers.KeyReused):
        answers.begin(user=owner, key="k", fingerprint="f")
