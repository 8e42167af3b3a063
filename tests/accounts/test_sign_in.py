from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client, override_settings

from accounts.models import Attempt, User
from accounts.views import throttled
from tests.accounts.conftest import PASSWORD

PAGE = "/accounts/sign-in/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    return client.post(PAGE, {"username": email, "password": password}, **extra)


@pytest.mark.parametrize("email", ["Ada@Example.org", "ada@example.org", " ADA@EXAMPLE.ORG "])
def test_sign_in_in_any_case_leads_to_the_library(client: Client, user: User, email: str) -> None:
    answer = sign_in(client, email)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_sign_in_goes_on_to_the_page_asked_for(client: Client, user: User) -> None:
    answer = client.post(PAGE, {"username": user.email, "password": PASSWORD, "next": "/accounts/profile/"})
    assert answer["Location"] == "/accounts/profile/"


def test_sign_in_never_leads_to_another_site(client: Client, user: User) -> None:
    answer = client.post(PAGE, {"username": user.email, "password": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_sign_in_page_when_signed_in_goes_on(as_user: Client) -> None:
    assert as_user.get(PAGE)["Location"] == "/"
    assert as_user.get(f"{PAGE}?next={PAGE}")["Location"] == "/"


def test_sign_in_fails_alike_for_unknown_wrong_and_inactive(client: Client, user: User, administrator: User) -> None:
    User.objects.filter(pk=administrator.pk).update(is_active=False)
    pages = [
        sign_in(client, "nobody@example.org"),
        sign_in(client, user.email, "wrong password"),
        sign_in(client, administrator.email),
    ]
    errors = {str(page.context["form"].errors) for page in pages}
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len(errors) == 1
    assert "_auth_user_id" not in client.session


@override_settings(PASSWORD_HASHERS=["tests.accounts.test_sign_in.CountingHasher"])
def test_sign_in_hashes_once_for_an_unknown_address_too(client: Client, db: None) -> None:
    CountingHasher.calls = 0
    sign_in(client, "nobody@example.org")
    assert CountingHasher.calls == 1


def test_sign_in_locks_after_five_wrong_passwords_even_with_the_right_one(client: Client, user: User) -> None:
    names = ["ada@example.org", "ADA@example.org", "Ada@example.org", "aDa@example.org", "adA@example.org"]
    codes = [sign_in(client, name, "wrong").status_code for name in names]
    assert codes == [200, 200, 200, 200, 429]
    page = sign_in(client, user.email)
    assert page.status_code == 429
    assert 0 < int(page["Retry-After"]) <= 15 * 60
    assert "Too many attempts" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_lock_looks_alike_for_an_unknown_address(client: Client, user: User) -> None:
    pages = [[sign_in(client, email, "wrong") for _ in range(6)][-1] for email in (user.email, "nobody@example.org")]
    assert [page.status_code for page in pages] == [429, 429]


def test_lock_ends_when_the_page_says_so_however_often_one_tries(client: Client, user: User) -> None:
    for _ in range(5):
        sign_in(client, user.email, "wrong")
    [before] = AccessAttempt.objects.values_list("attempt_time", flat=True)
    for _ in range(3):
        sign_in(client, user.email)
    assert AccessAttempt.objects.get().attempt_time == before
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15))
    assert sign_in(client, user.email).status_code == 302


def test_lock_does_not_hold_for_another_client(client: Client, user: User) -> None:
    for _ in range(5):
        sign_in(client, user.email, "wrong")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), user.email).status_code == 302


def test_client_trying_one_password_on_many_accounts_is_stopped(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "accounts.views.entrance.FAILED_SIGN_INS", throttled.services.Limit("sign-in", 3, timedelta(minutes=15))
    )
    codes = [sign_in(client, f"person{number}@example.org", "password1").status_code for number in range(4)]
    assert codes == [200, 200, 200, 429]
    assert sign_in(client, user.email).status_code == 429
    Attempt.objects.update(at=F("at") - timedelta(minutes=16))
    assert sign_in(client, user.email).status_code == 302


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "code"),
    [
        (False, "198.51.100.{n}", 429),  # the header is only somebody's word
        (True, "198.51.100.{n}, 203.0.113.9", 429),  # what stands before the proxy's own entry too
        (True, "203.0.113.9, 198.51.100.{n}", 302),  # other clients of the proxy
        (True, "nonsense{n}", 429),
    ],
)
def test_lock_counts_the_client_that_the_proxy_names(
    client: Client, user: User, behind_proxy: bool, forwarded: str, code: int
) -> None:
    with override_settings(BEHIND_PROXY=behind_proxy):
        for number in range(5):
            sign_in(client, user.email, "wrong", HTTP_X_FORWARDED_FOR=forwarded.format(n=number))
        assert sign_in(client, user.email, HTTP_X_FORWARDED_FOR=forwarded.format(n=99)).status_code == code


def test_sign_out_by_post_ends_the_session(as_user: Client) -> None:
    assert as_user.get("/accounts/sign-out/").status_code == 405
    answer = as_user.post("/accounts/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "_auth_user_id" not in as_user.session


class CountingHasher:
    """Placed in front of the hashers to count the slow work of one request."""

    algorithm = "counting"
    calls = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.calls += 1
        return f"counting${salt}$x"

    def salt(self) -> str:
        return "salt"
