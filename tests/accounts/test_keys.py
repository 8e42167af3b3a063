from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import NotAnAdministrator, TooManyKeys
from accounts.models import ApiKey, Scope, User
from accounts.services import keys
from accounts.services.tokens import digest
from tests.accounts.conftest import at_once

HOUR = timedelta(hours=1)


def test_key_has_a_beginning_and_256_random_bits_and_only_its_hash_is_kept(user: User) -> None:
    row, key = keys.create_key(user=user, name="laptop")
    assert (key[:4], len(key)) == ("scr_", 4 + 43)  # 43 characters of base64 are 256 bits and a little
    row.refresh_from_db()
    assert (row.key_hash, row.prefix) == (digest(key), key[:12])
    assert key not in "".join(str(value) for value in vars(row).values())


def test_key_opens_with_the_scopes_it_was_given(user: User) -> None:
    _, key = keys.create_key(user=user, name="laptop", scopes=["live", "read"])
    row = keys.authenticate(key=key)
    assert row is not None
    assert (row.user, row.scopes) == (user, ["read", "live"])
    assert [keys.allows(row, scope) for scope in Scope] == [True, False, True, False]


def test_default_scopes_are_all_but_admin(user: User) -> None:
    row, _ = keys.create_key(user=user, name="laptop")
    assert row.scopes == ["read", "write", "live"]


def test_person_with_a_session_may_do_anything() -> None:
    assert [keys.allows(None, scope) for scope in Scope] == [True] * 4


@pytest.mark.parametrize(
    "key", ["", "scr_", "scr_wrong", "wrong", "scr_" + "x" * 43, "scr_" + "x" * 100_000, "scr_\0é"]
)
def test_other_strings_open_nothing(user: User, key: str) -> None:
    keys.create_key(user=user, name="laptop")
    assert keys.authenticate(key=key) is None


def test_key_ends_when_it_expires(user: User) -> None:
    row, key = keys.create_key(user=user, name="laptop", expires_at=timezone.now() + HOUR)
    assert (keys.authenticate(key=key), keys.is_in_force(row=row)) == (row, True)
    ApiKey.objects.update(expires_at=timezone.now())
    assert (keys.authenticate(key=key), keys.is_in_force(row=row)) == (None, False)
    row.refresh_from_db()
    assert row.state == "expired"


def test_key_ends_when_it_is_revoked_and_that_counts_once(user: User) -> None:
    row, key = keys.create_key(user=user, name="laptop")
    assert [keys.revoke(row=row), keys.revoke(row=row)] == [True, False]
    assert (keys.authenticate(key=key), keys.is_in_force(row=row)) == (None, False)
    row.refresh_from_db()
    assert row.state == "revoked"


def test_key_of_a_person_who_may_not_sign_in_opens_nothing(user: User) -> None:
    row, key = keys.create_key(user=user, name="laptop")
    User.objects.update(is_active=False)
    assert (keys.authenticate(key=key), keys.is_in_force(row=row)) == (None, False)


def test_use_is_noted_once_a_minute(user: User, django_assert_num_queries) -> None:
    row, key = keys.create_key(user=user, name="laptop")
    keys.authenticate(key=key)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    with django_assert_num_queries(2):  # it is looked up, and the request is counted
        keys.authenticate(key=key)
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiKey.objects.update(last_used_at=first - HOUR)
    keys.authenticate(key=key)
    row.refresh_from_db()
    assert row.last_used_at >= first


def test_admin_is_for_administrators_and_ends_with_their_office(user: User, administrator: User) -> None:
    with pytest.raises(NotAnAdministrator):
        keys.create_key(user=user, name="laptop", scopes=["admin"])
    _, key = keys.create_key(user=administrator, name="laptop", scopes=["admin"])
    row = keys.authenticate(key=key)
    assert keys.allows(row, Scope.ADMIN)
    User.objects.filter(pk=administrator.pk).update(is_superuser=False)
    assert not keys.allows(keys.authenticate(key=key), Scope.ADMIN)


def test_number_of_keys_is_limited_to_those_in_force(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KEYS_LIMIT", 2)
    first, _ = keys.create_key(user=user, name="1")
    keys.create_key(user=user, name="2")
    with pytest.raises(TooManyKeys):
        keys.create_key(user=user, name="3")
    keys.revoke(row=first)
    keys.create_key(user=user, name="3")


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_keys_made_at_once(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KEYS_LIMIT", 1)
    made = at_once(lambda number: keys.create_key(user=user, name=str(number)), 4)
    assert sorted(type(result).__name__ for result in made) == ["TooManyKeys"] * 3 + ["tuple"]
