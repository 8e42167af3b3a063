from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.errors import LinkNotValid
from accounts.models import FirstRunToken, User
from accounts.services.tokens import digest
from tests.accounts.conftest import BASE, PASSWORD, at_once, token_of

FORM = {"name": "Grace", "email": "grace@example.org", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def link(db: None) -> str:
    link = services.first_run_link(base_url=BASE)
    assert link is not None
    return link


def test_link_starts_with_the_given_address_and_carries_256_bits(link: str) -> None:
    assert link.startswith(f"{BASE}/accounts/first-run/")
    assert len(token_of(link)) == 43  # 32 bytes in base64 without padding


def test_token_is_stored_as_hash_only(link: str) -> None:
    [stored] = FirstRunToken.objects.values_list("token_hash", flat=True)
    assert stored == digest(token_of(link))
    assert token_of(link) not in stored


def test_link_when_an_administrator_exists_is_none(administrator: User) -> None:
    assert services.first_run_link(base_url=BASE) is None
    assert FirstRunToken.objects.count() == 0


def test_link_when_the_administrator_is_inactive_is_given_again(administrator: User) -> None:
    User.objects.update(is_active=False)
    assert services.first_run_link(base_url=BASE) is not None


def test_link_renewed_ends_the_one_before(client: Client, link: str) -> None:
    renewed = services.first_run_link(base_url=BASE)
    assert client.get(link.removeprefix(BASE)).status_code == 404
    assert client.get(renewed.removeprefix(BASE)).status_code == 302


def test_click_takes_the_secret_out_of_the_address_and_the_session(client: Client, link: str) -> None:
    answer = client.get(link.removeprefix(BASE))
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/first-run/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert dict(client.session) == {"first-run": digest(token_of(link))}
    page = client.get("/accounts/first-run/")
    assert page.status_code == 200
    assert token_of(link) not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_form_creates_the_administrator_signs_in_and_leads_to_the_library(client: Client, link: str) -> None:
    client.get(link.removeprefix(BASE))
    answer = client.post("/accounts/first-run/", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.name, user.is_superuser, user.is_staff) == ("grace@example.org", "Grace", True, True)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert FirstRunToken.objects.count() == 0


def test_form_with_csrf_checks_is_accepted(link: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(link.removeprefix(BASE), follow=True)
    assert page["Referrer-Policy"] == "same-origin"  # under no-referrer a browser would send "Origin: null"
    form = FORM | {"csrfmiddlewaretoken": page.context["csrf_token"]}
    answer = strict.post("/accounts/first-run/", form, headers={"origin": "http://testserver"})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"password2": "another one entirely"}, "password2", "The two password fields didn’t match."),
        (
            {"password1": "grace1", "password2": "grace1"},
            "password1",
            "This password is too short. It must contain at least 8 characters.",
        ),
        ({"email": "nonsense"}, "email", "Enter a valid email address."),
    ],
)
def test_form_with_a_mistake_says_so_and_keeps_the_link(
    client: Client, link: str, change: dict[str, str], field: str, message: str
) -> None:
    client.get(link.removeprefix(BASE))
    page = client.post("/accounts/first-run/", FORM | change)
    assert page.status_code == 200
    assert message in page.context["form"].errors[field]
    assert f'id="id_{field}_error"' in page.content.decode()
    assert User.objects.count() == 0
    assert client.post("/accounts/first-run/", FORM).status_code == 302


def test_link_used_opens_nothing(client: Client, link: str) -> None:
    client.get(link.removeprefix(BASE))
    client.post("/accounts/first-run/", FORM)
    stranger = Client()
    assert stranger.get(link.removeprefix(BASE)).status_code == 404
    assert stranger.post("/accounts/first-run/", FORM | {"email": "x@example.org"}).status_code == 404
    assert User.objects.count() == 1


def test_link_dies_once_an_administrator_exists(client: Client, link: str, administrator: User) -> None:
    assert client.get(link.removeprefix(BASE)).status_code == 404
    with pytest.raises(LinkNotValid):
        services.create_first_administrator(token_hash=digest(token_of(link)), email="a@b.org", password=PASSWORD)


def test_form_open_while_an_administrator_appears_is_refused(client: Client, link: str) -> None:
    client.get(link.removeprefix(BASE))
    services.create_user(email="root@example.org", password=PASSWORD, administrator=True)
    assert client.post("/accounts/first-run/", FORM).status_code == 404
    assert User.objects.count() == 1


def test_link_expired_opens_nothing(client: Client, link: str) -> None:
    FirstRunToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = client.get(link.removeprefix(BASE))
    assert page.status_code == 404
    assert "start it again" in page.content.decode()


def test_address_that_belongs_to_somebody_is_refused_in_any_case(client: Client, link: str, user: User) -> None:
    client.get(link.removeprefix(BASE))
    page = client.post("/accounts/first-run/", FORM | {"email": "ADA@example.org"})
    assert page.context["form"].errors["email"] == ["Somebody already uses this e-mail address."]


@pytest.mark.django_db(transaction=True)
def test_form_submitted_several_times_at_once_creates_one_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    def create_slowly(**fields: Any) -> User:
        time.sleep(0.3)  # all have found the link valid by now, if nothing makes them wait
        return services.create_user(**fields)

    monkeypatch.setattr("accounts.services.first_run.create_user", create_slowly)
    link = services.first_run_link(base_url=BASE)
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.get(link.removeprefix(BASE))

    def submit(number: int) -> int:
        form = FORM | {"email": f"grace{number}@example.org"}
        return clients[number].post("/accounts/first-run/", form).status_code

    assert sorted(at_once(submit, 4)) == [302, 404, 404, 404]
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_link_renewed_while_the_form_is_submitted_leaves_no_usable_link() -> None:
    link = services.first_run_link(base_url=BASE)
    token_hash = digest(token_of(link))

    def act(number: int) -> object:
        if number:
            return services.first_run_link(base_url=BASE)
        return services.create_first_administrator(token_hash=token_hash, email="g@example.org", password=PASSWORD)

    created, renewed = at_once(act)
    if isinstance(created, User):
        assert renewed is None
    else:  # the renewal came first: its link works, the old one does not
        assert isinstance(created, LinkNotValid)
        assert services.find_first_run(token_hash=digest(token_of(renewed))) is not None
    assert services.administrators().count() == (1 if isinstance(created, User) else 0)


def test_sign_in_page_before_the_first_run_says_what_to_do(client: Client, db: None) -> None:
    page = client.get("/accounts/sign-in/")
    assert page.context["unclaimed"] is True
    assert isinstance(page.wsgi_request.user, AnonymousUser)
    assert "Open the link that it printed" in page.content.decode()
