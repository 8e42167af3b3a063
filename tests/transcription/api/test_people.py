"""Keys, their use, and who is asking, by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, KeyUsage, Scope, User
from accounts.services import keys
from tests.factories import make_recording, make_user
from tests.transcription.api.conftest import JSON, problem, program, queries
from transcription.api.people import KEY

pytestmark = pytest.mark.django_db
URL = "/api/v1/keys/"


def make(client: Client, **fields: object) -> object:
    return client.post(URL, {"name": "Captions", "scopes": ["read", "live"]} | fields, content_type=JSON)


def test_person_makes_a_key_that_is_shown_once(client_of_owner: Client):
    answer = make(client_of_owner, keeps_recordings=True)
    body, row = answer.json(), ApiKey.objects.get()
    assert answer.status_code == 201
    assert set(body) == {*KEY, "key"}
    assert (row.name, row.scopes, row.keeps_recordings, row.expires_at) == ("Captions", ["read", "live"], True, None)
    assert keys.authenticate(key=body["key"]) == row
    (shown,) = client_of_owner.get(URL).json()["results"]
    assert set(shown) == set(KEY)
    assert answer["Cache-Control"] == "no-store"


def test_key_cannot_make_or_revoke_keys(owner: User):
    ordinary = program(owner)
    row = ApiKey.objects.get()
    for answer in (make(ordinary), ordinary.get(URL), ordinary.delete(f"{URL}{row.pk}/")):
        assert problem(answer) == (403, "missing_scope")
    assert ApiKey.objects.in_force().count() == 1


def test_key_that_administers_makes_and_revokes_keys():
    client = program(make_user(admin=True), Scope.ADMIN)
    answer = make(client, scopes=["admin"])
    assert answer.status_code == 201
    assert [client.delete(f"{URL}{answer.json()['id']}/").status_code for _ in range(2)] == [204, 204]
    assert keys.authenticate(key=answer.json()["key"]) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\0b"},
        {"name": None},
        {"scopes": []},
        {"scopes": ["all"]},
        {"scopes": "read"},
        {"scopes": ["read"] * 9},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "soon"},
        {"expires_at": 5},
        {"keeps_recordings": "perhaps"},
        {"user": 1},
    ],
)
def test_key_that_cannot_be_is_not_made(client_of_owner: Client, fields: dict[str, object]):
    assert problem(make(client_of_owner, **fields)) == (400, "invalid")
    assert ApiKey.objects.count() == 0


def test_only_administrators_make_keys_that_administer(client_of_owner: Client):
    assert problem(make(client_of_owner, scopes=["admin"])) == (403, "not_an_administrator")


def test_too_many_keys_are_refused(client_of_owner: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "KEYS_LIMIT", 1)
    assert make(client_of_owner).status_code == 201
    assert problem(make(client_of_owner)) == (409, "too_many_keys")


def test_key_of_another_does_not_exist(client_of_owner: Client):
    theirs, _ = keys.create_key(user=make_user(), name="theirs")
    assert problem(client_of_owner.delete(f"{URL}{theirs.pk}/")) == (404, "not_found")
    assert client_of_owner.get(URL).json()["results"] == []


def test_use_is_told_by_day_and_key_and_in_all(client: Client, owner: User):
    key = ApiKey.objects.get()
    other, _ = keys.create_key(user=owner, name="other")
    theirs, _ = keys.create_key(user=make_user(), name="theirs")
    today = timezone.localdate()
    for row, days, seconds in [(other, 0, 2.5), (other, 1, 1.0), (other, 60, 100.0), (theirs, 0, 7.0)]:
        KeyUsage.objects.create(key=row, day=today - timedelta(days=days), requests=1, audio_seconds=seconds)
    body = client.get("/api/v1/usage/").json()
    assert (body["days"], body["requests"], body["audio_seconds"]) == (30, 3, 3.5)
    assert [(row["day"], row["key"], row["audio_seconds"]) for row in body["by_day"]] == [
        (str(today), key.pk, 0.0),
        (str(today), other.pk, 2.5),
        (str(today - timedelta(days=1)), other.pk, 1.0),
    ]
    assert client.get("/api/v1/usage/?days=92").json()["audio_seconds"] == 103.5
    assert problem(client.get("/api/v1/usage/?days=93")) == (400, "bad_request")


def test_who_asks_is_told(client: Client, client_of_owner: Client, owner: User, settings: object):
    settings.USER_QUOTA = 5000
    make_recording(owner, size=1000)
    body = client.get("/api/v1/me/").json()
    assert body == {
        "id": owner.pk,
        "email": owner.email,
        "name": owner.name,
        "is_administrator": False,
        "language": "",
        "default_language": "",
        "notify_by_mail": False,
        "notify_of_comments": True,
        "key": ApiKey.objects.get().pk,
        "bytes_used": 1000,
        "quota": 5000,
    }
    assert client_of_owner.get("/api/v1/me/").json() == body | {"key": None}


def test_language_of_the_pages_is_chosen(client_of_owner: Client, owner: User):
    def choose(**body: str) -> HttpResponse:
        return client_of_owner.patch("/api/v1/me/", body, content_type="application/json")

    assert [choose(language=language).json()["language"] for language in ("de", "")] == ["de", ""]
    choose(language="de")
    assert problem(choose(language="fr")) == problem(choose()) == (400, "invalid")
    owner.refresh_from_db()
    assert owner.language == "de"


def test_mails_are_switched_and_what_is_left_out_stays(client: Client, client_of_owner: Client, owner: User):
    names = ("language", "notify_by_mail", "notify_of_comments")
    for sent in ({"notify_by_mail": True}, {"notify_of_comments": False, "language": "de"}, {"notify_by_mail": False}):
        before = {name: client.get("/api/v1/me/").json()[name] for name in names}
        answer = client.patch("/api/v1/me/", sent, JSON).json()
        assert {name: answer[name] for name in names} == before | sent
        owner.refresh_from_db()
        assert {name: getattr(owner, name) for name in names} == before | sent
    for wrong in ("yes", 1, None, [True]):
        assert problem(client.patch("/api/v1/me/", {"notify_by_mail": wrong}, JSON)) == (400, "invalid")
    assert (owner.notify_by_mail, owner.notify_of_comments) == (False, False)


def test_lists_make_as_many_queries_for_three_rows_as_for_one(client_of_owner: Client, owner: User):
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            row, _key = keys.create_key(user=owner, name="key")
            KeyUsage.objects.create(key=row, day=timezone.localdate(), requests=1)
        counts.append([queries(client_of_owner, address) for address in (URL, "/api/v1/usage/")])
    assert counts[0] == counts[1]
