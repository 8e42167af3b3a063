"""Secrets for browsers: made by keys, for realtime transcription alone, and soon forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, Scope
from accounts.services import keys, usage
from tests.factories import make_user
from transcription import tasks

pytestmark = pytest.mark.django_db(transaction=True)  # the view asks in threads of its own

PATH = "/v1/realtime/client_secrets"
SESSION = {"type": "transcription", "audio": {"input": {"transcription": {"model": "whisper-1", "language": "de"}}}}


@pytest.fixture
def made(owner) -> tuple[ApiKey, str]:
    return keys.create_key(user=owner, name="program")


def post(key: str, body: object = None, **options):
    headers = {"Authorization": f"Bearer {key}"}
    return Client().post(
        PATH, {} if body is None else body, content_type="application/json", headers=headers, **options
    )


def error(response) -> tuple[int, str, str | None]:
    body = response.json()["error"]
    assert body.keys() == {"message", "type", "param", "code"}
    assert body["message"]
    return response.status_code, body["code"], body["param"]


def test_a_secret_with_a_session(made):
    before = timezone.now().timestamp()
    response = post(made[1], {"expires_after": {"anchor": "created_at", "seconds": 60}, "session": SESSION})
    body = response.json()
    assert (response.status_code, body["value"][:3], body.keys()) == (200, "ek_", {"value", "expires_at", "session"})
    assert before + 58 <= body["expires_at"] <= before + 70
    assert body["session"]["audio"]["input"]["transcription"]["language"] == "de"
    row = ApiKey.objects.get(is_client_secret=True)
    assert (row.parent, row.scopes, row.session) == (made[0], ["live"], body["session"])
    assert body["value"] not in "".join(str(value) for value in vars(row).values())


def test_ten_minutes_are_usual(made):
    assert post(made[1]).json()["expires_at"] == pytest.approx(timezone.now().timestamp() + 600, abs=10)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ([], "invalid_type", None),
        ({"expires_after": 5}, "invalid_type", "expires_after"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ({"expires_after": {"seconds": 9}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 10**30}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": "60"}}, "invalid_value", "expires_after.seconds"),
        ({"session": {"type": "realtime"}}, "invalid_value", "session.type"),
        ({"session": []}, "invalid_type", "session"),
        ("[" * 50_000, "parse_error", None),
        ("not json", "parse_error", None),
        (b"\xff\xfe", "parse_error", None),
    ],
)
def test_bad_requests_are_answered_as_openai_does(made, body, code, param):
    assert error(post(made[1], body)) == (400, code, param)


def test_text_that_no_database_takes_is_cleaned(made):
    session = {"audio": {"input": {"transcription": {"prompt": "A\0B\ud800", "extra": "\0"}}}}
    assert post(made[1], {"session": session}).json()["session"]["audio"]["input"]["transcription"]["prompt"] == "A B"


def test_only_keys_that_may_speak_make_secrets(made, owner, client_of_owner):
    reader = keys.create_key(user=owner, name="reader", scopes=[Scope.READ])[1]
    assert error(post(reader)) == (403, "missing_scope", None)
    assert error(post("scr_wrong")) == (401, "invalid_api_key", None)
    assert error(client_of_owner.post(PATH, {}, content_type="application/json"))[0] == 401
    assert error(Client().get(PATH, headers={"Authorization": f"Bearer {made[1]}"})) == (
        405,
        "method_not_allowed",
        None,
    )
    secret = post(made[1]).json()["value"]
    assert error(post(secret)) == (401, "invalid_api_key", None)


def test_requests_are_limited(made, settings):
    settings.API_KEY_RATE = 1
    assert post(made[1]).status_code == 200
    response = post(made[1])
    assert error(response) == (429, "rate_limit_exceeded", None)
    assert response["Retry-After"] == response["X-RateLimit-Reset"]


def test_a_secret_opens_only_where_it_is_asked_for(made):
    secret = post(made[1]).json()["value"]
    assert keys.authenticate(key=secret) is None
    row = keys.authenticate(key=secret, client_secrets=True)
    assert row is not None
    assert [keys.allows(row, scope) for scope in Scope] == [False] * 4
    assert [scope for scope in Scope if keys.allows(row, scope, client_secrets=True)] == [Scope.LIVE]
    assert usage.recent_usage(key_ids=[made[0].pk])[made[0].pk].requests == 2  # the POST and the secret's own


def test_a_session_outlives_its_secret_but_not_its_key(made):
    secret = post(made[1]).json()["value"]
    row = keys.authenticate(key=secret, client_secrets=True)
    ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert keys.authenticate(key=secret, client_secrets=True) is None
    tasks.delete_expired_secrets(timestamp=0)
    assert [each.pk for each in ApiKey.objects.all()] == [made[0].pk]
    assert keys.is_in_force(row=row)
    keys.revoke(row=made[0])
    assert not keys.is_in_force(row=row)


def test_secrets_of_a_revoked_key_open_nothing(made):
    secret = post(made[1]).json()["value"]
    keys.revoke(row=made[0])
    assert keys.authenticate(key=secret, client_secrets=True) is None


def test_number_of_secrets_is_limited(made, monkeypatch):
    monkeypatch.setattr(keys, "SECRETS_LIMIT", 1)
    assert post(made[1]).status_code == 200
    assert error(post(made[1])) == (429, "too_many_secrets", None)
    ApiKey.objects.filter(is_client_secret=True).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert post(made[1]).status_code == 200


def test_lists_show_only_lasting_keys(made, owner, client_of_owner):
    secret = post(made[1]).json()["value"]
    assert secret[:12] not in client_of_owner.get("/accounts/profile/").content.decode()
    administrator = Client()
    administrator.force_login(make_user(admin=True), backend="django.contrib.auth.backends.ModelBackend")
    shown = administrator.get("/admin/accounts/apikey/").content.decode()
    assert (made[0].prefix in shown, secret[:12] in shown) == (True, False)
    row = ApiKey.objects.get(is_client_secret=True)
    assert client_of_owner.post(f"/accounts/profile/keys/{row.pk}/revoke/").status_code == 404
