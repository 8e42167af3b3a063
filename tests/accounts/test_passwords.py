from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client, override_settings

from accounts.models import Attempt, User
from tests.accounts.conftest import PASSWORD, link_in, signed_in

RESET = "/accounts/reset/"
NEW = {"new_password1": "another good one", "new_password2": "another good one"}


def ask(client: Client, email: str = "ada@example.org"):
    return client.post(RESET, {"email": email})


def test_reset_round_trip_sets_the_password_and_ends_sessions(client: Client, user: User) -> None:
    elsewhere = signed_in(user)
    assert ask(client)["Location"] == "/accounts/reset/sent/"
    [message] = mail.outbox
    assert (message.to, message.subject) == (["Ada@example.org"], "Choose a new Scripta password")
    link = link_in(message.body)
    page = client.get(link, follow=True)
    address = page.request["PATH_INFO"]
    assert address.endswith("/set-password/")  # the secret is in the session, not in the address
    answer = client.post(address, NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/reset/done/")
    user.refresh_from_db()
    assert user.check_password("another good one")
    assert elsewhere.get("/accounts/profile/").status_code == 302
    assert "not valid any more" in Client().get(link, follow=True).content.decode()


def test_reset_answers_alike_for_known_unknown_and_inactive(client: Client, user: User, administrator: User) -> None:
    User.objects.filter(pk=administrator.pk).update(is_active=False)
    answers = [ask(client, email) for email in (user.email, "nobody@example.org", administrator.email)]
    assert {(answer.status_code, answer["Location"], answer.content) for answer in answers} == {
        (302, "/accounts/reset/sent/", b"")
    }
    assert [message.to for message in mail.outbox] == [[user.email]]


@override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1)
def test_reset_with_a_dead_mail_server_answers_alike(client: Client, user: User) -> None:
    assert ask(client)["Location"] == ask(client, "nobody@example.org")["Location"] == "/accounts/reset/sent/"


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_reset_of_one_address_is_limited_whether_known_or_not(client: Client, user: User, email: str) -> None:
    codes = [ask(Client(REMOTE_ADDR=f"192.0.2.{n}"), email.upper() if n % 2 else email).status_code for n in range(5)]
    assert codes == [302, 302, 302, 429, 429]
    assert ask(client, "other@example.org").status_code == 302
    Attempt.objects.update(at=F("at") - timedelta(hours=1))
    assert ask(client, email).status_code == 302


def test_reset_from_one_client_is_limited(client: Client, db: None) -> None:
    codes = [ask(client, f"person{number}@example.org").status_code for number in range(21)]
    assert codes == [302] * 20 + [429]


@override_settings(PUBLIC_URL="https://words.example")
def test_reset_link_starts_with_the_public_address(client: Client, user: User) -> None:
    ask(client)
    assert "\nhttps://words.example/accounts/reset/" in mail.outbox[0].body


def test_reset_link_altered_is_refused(client: Client, user: User) -> None:
    ask(client)
    page = client.get(link_in(mail.outbox[0].body)[:-2] + "x/")
    assert "not valid any more" in page.content.decode()


def test_reset_ends_a_lock_after_wrong_passwords(client: Client, user: User) -> None:
    for _ in range(5):
        client.post("/accounts/sign-in/", {"username": user.email, "password": "wrong"})
    ask(client)
    client.post(client.get(link_in(mail.outbox[0].body), follow=True).request["PATH_INFO"], NEW)
    answer = client.post("/accounts/sign-in/", {"username": user.email, "password": "another good one"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_change_keeps_this_session_and_ends_others(as_user: Client, user: User) -> None:
    elsewhere = signed_in(user)
    answer = as_user.post("/accounts/password/", NEW | {"old_password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/profile/")
    user.refresh_from_db()
    assert user.check_password("another good one")
    assert as_user.get("/accounts/profile/").status_code == 200
    assert elsewhere.get("/accounts/profile/").status_code == 302


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (
            {"old_password": "wrong"},
            "old_password",
            "Your old password was entered incorrectly. Please enter it again.",
        ),
        (NEW | {"new_password2": "not the same"}, "new_password2", "The two password fields didn’t match."),
        ({"new_password1": "password", "new_password2": "password"}, "new_password1", "This password is too common."),
    ],
)
def test_change_with_a_mistake_says_so(
    as_user: Client, user: User, change: dict[str, str], field: str, message: str
) -> None:
    page = as_user.post("/accounts/password/", NEW | {"old_password": PASSWORD} | change)
    assert page.context["form"].errors == {field: [message]}
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_change_is_limited_against_guessing(as_user: Client) -> None:
    codes = [as_user.post("/accounts/password/", NEW | {"old_password": "wrong"}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
