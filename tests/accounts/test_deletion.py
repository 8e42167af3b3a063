"""The account's own part of its end."""

from __future__ import annotations

import pytest

from accounts import services
from accounts.errors import LastAdministrator
from accounts.models import ApiKey, Invitation, User
from accounts.services import deletion, keys
from tests.accounts.conftest import BASE, PASSWORD, at_once


def test_closed_account_knows_nobody_and_opens_nothing(user, as_user):
    keys.create_key(user=user, name="program")
    assert deletion.close_account(user=user)
    assert not deletion.close_account(user=user)
    closed = User.objects.get(pk=user.pk)
    assert (closed.name, closed.is_active, closed.has_usable_password()) == ("", False, False)
    assert not closed.check_password(PASSWORD)
    assert "example.org" not in closed.email
    assert ApiKey.objects.in_force().count() == 0
    assert as_user.get("/accounts/profile/").status_code == 302
    assert services.create_user(email="ada@example.org", password=PASSWORD).pk != user.pk


def test_invitations_of_who_is_gone_are_over(administrator):
    services.create_user(email="second@example.org", password=PASSWORD, administrator=True)
    services.invite(by=administrator, email="new@example.org", base_url=BASE)
    deletion.close_account(user=administrator)
    assert Invitation.objects.pending().count() == 0


def test_row_goes_only_of_a_closed_account(user):
    deletion.delete_row(user_id=user.pk)
    assert User.objects.filter(pk=user.pk).exists()
    deletion.close_account(user=user)
    deletion.delete_row(user_id=user.pk)
    assert not User.objects.filter(pk=user.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_last_administrators_at_once_one_stays():
    pair = [
        services.create_user(email=f"{name}@example.org", password=PASSWORD, administrator=True) for name in ("a", "b")
    ]
    results = at_once(lambda number: deletion.close_account(user=pair[number]))
    assert sorted(str(type(result)) for result in results) == sorted(map(str, (bool, LastAdministrator)))
    assert services.administrators().count() == 1
