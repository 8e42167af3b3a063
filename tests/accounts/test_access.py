"""Every page of accounts as nobody, as a user and as an administrator."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from django.urls import get_resolver

from accounts import services
from accounts.models import Invitation, User
from tests.accounts.conftest import BASE, PASSWORD

SIGN_IN = "/accounts/sign-in/?next="
# address: status for nobody, user, administrator; "in" means: sent to the sign-in page.
GET = {
    "/accounts/sign-in/": (200, 302, 302),
    "/accounts/sign-out/": (405, 405, 405),
    "/accounts/sign-up/": (404, 404, 404),
    "/accounts/first-run/": (404, 404, 404),
    "/accounts/first-run/x/": (404, 404, 404),
    "/accounts/invitation/": (404, 404, 404),
    "/accounts/invitation/x/": (404, 404, 404),
    "/accounts/language/": (405, 405, 405),
    "/accounts/reset/": (200, 200, 200),
    "/accounts/reset/sent/": (200, 200, 200),
    "/accounts/reset/done/": (200, 200, 200),
    "/accounts/reset/MQ/x/": (200, 200, 200),
    "/accounts/password/": ("in", 200, 200),
    "/accounts/profile/": ("in", 200, 200),
    "/accounts/profile/sign-out-elsewhere/": ("in", 405, 405),
    "/accounts/profile/keys/": ("in", 302, 302),
    "/accounts/profile/keys/1/revoke/": ("in", 405, 405),
    "/accounts/invitations/": ("in", 403, 200),
    "/accounts/invitations/1/link/": ("in", 403, 405),
    "/accounts/invitations/1/revoke/": ("in", 403, 405),
    "/admin/": ("/admin/login/?next=/admin/", 302, 200),
    "/admin/login/": ("in", 403, 403),
    "/admin/accounts/user/": ("/admin/login/?next=/admin/accounts/user/", 302, 200),
    "/admin/accounts/invitation/": ("/admin/login/?next=/admin/accounts/invitation/", 302, 200),
    "/admin/accounts/apikey/": ("/admin/login/?next=/admin/accounts/apikey/", 302, 200),
}
POST = {
    "/accounts/language/": (400, 400, 400),
    "/accounts/profile/": ("in", 200, 200),
    "/accounts/password/": ("in", 200, 200),
    "/accounts/profile/sign-out-elsewhere/": ("in", 302, 302),
    "/accounts/profile/keys/": ("in", 200, 200),
    "/accounts/profile/keys/1/revoke/": ("in", 404, 404),
    "/accounts/invitations/": ("in", 403, 200),
    "/accounts/invitations/1/link/": ("in", 403, 404),
    "/accounts/invitations/1/revoke/": ("in", 403, 404),
    "/accounts/sign-up/": (404, 404, 404),
}


@pytest.mark.parametrize(("method", "table"), [("get", GET), ("post", POST)])
def test_page_answers_each_kind_of_person(method: str, table: dict, as_user: Client, as_administrator: Client) -> None:
    people = (Client(), as_user, as_administrator)
    for address, expected in table.items():
        answers = [getattr(person, method)(address) for person in people]
        for answer, wanted in zip(answers, expected, strict=True):
            if isinstance(wanted, str):
                place = wanted if wanted != "in" else answer["Location"]
                assert (answer.status_code, answer["Location"]) == (302, place), address
                assert wanted != "in" or place.startswith(SIGN_IN), address
            else:
                assert answer.status_code == wanted, address


def test_every_address_is_in_the_table() -> None:
    [accounts] = [entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "accounts"]
    filled = {"<str:token>": "x", "<str:uidb64>": "MQ", "<int:pk>": "1"}
    for pattern in accounts.url_patterns:
        address = "/accounts/" + str(pattern.pattern)
        for part, value in filled.items():
            address = address.replace(part, value)
        assert address in GET


def test_inviting_as_a_user_changes_nothing(as_user: Client) -> None:
    as_user.post("/accounts/invitations/", {"email": "x@example.org", "as_administrator": "on"})
    assert Invitation.objects.count() == 0


def test_admin_for_staff_without_all_rights_hides_accounts(as_user: Client, user: User, administrator: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert as_user.get("/admin/").status_code == 200
    assert as_user.get("/admin/accounts/user/").status_code == 403
    assert as_user.get(f"/admin/accounts/user/{administrator.pk}/change/").status_code == 403
    assert as_user.get(f"/admin/accounts/user/{administrator.pk}/password/").status_code == 403


@override_settings(OPEN_SIGNUP=True)
def test_sign_up_when_open_creates_an_ordinary_user(client: Client, administrator: User) -> None:
    assert "/accounts/sign-up/" in client.get("/accounts/sign-in/").content.decode()
    form = {"name": "", "email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/accounts/sign-up/", form | {"is_superuser": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email="new@example.org")
    assert (user.is_superuser, user.is_staff) == (False, False)
    assert client.session["_auth_user_id"] == str(user.pk)


@override_settings(OPEN_SIGNUP=True)
def test_sign_up_is_limited(client: Client, db: None) -> None:
    assert [client.post("/accounts/sign-up/", {}).status_code for _ in range(11)] == [200] * 10 + [429]


def test_invitations_page_asks_the_database_as_often_for_three_as_for_one(
    as_administrator: Client, administrator: User, django_assert_num_queries
) -> None:
    services.invite(by=administrator, email="a@example.org", base_url=BASE)
    for _ in range(2):
        with django_assert_num_queries(4):  # session, user, pending, past
            as_administrator.get("/accounts/invitations/")
        services.invite(by=administrator, email="b@example.org", base_url=BASE)
        services.invite(by=administrator, email="c@example.org", base_url=BASE)
