from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from accounts import services
from accounts.errors import AccountExists, LinkNotValid
from accounts.models import Invitation, User
from accounts.services.tokens import digest
from tests.accounts.conftest import BASE, PASSWORD, at_once, link_in, token_of

PAGE = "/accounts/invitations/"
FORM = {"name": "Linus", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def invited(administrator: User) -> services.Invited:
    return services.invite(by=administrator, email="linus@example.org", base_url=BASE)


def path_of(invited: services.Invited) -> str:
    return invited.link.removeprefix(BASE)


def test_page_invites_mails_and_shows_the_link_once(as_administrator: Client) -> None:
    page = as_administrator.post(PAGE, {"email": "linus@example.org"})
    assert page.status_code == 200
    [message] = mail.outbox
    assert (message.to, message.subject) == (["linus@example.org"], "Root invites you to Scripta")
    link = page.context["invited"].link
    assert link in message.body
    assert f'value="{link}"' in page.content.decode()
    assert "The link was mailed." in page.content.decode()
    again = as_administrator.get(PAGE)
    assert "linus@example.org" in again.content.decode()
    assert token_of(link) not in again.content.decode()


@override_settings(EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend")
def test_page_without_a_mail_server_asks_to_pass_the_link_on(as_administrator: Client) -> None:
    page = as_administrator.post(PAGE, {"email": "linus@example.org"})
    assert "No mail was sent." in page.content.decode()


@override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1)
def test_page_with_a_dead_mail_server_keeps_the_invitation(as_administrator: Client) -> None:
    page = as_administrator.post(PAGE, {"email": "linus@example.org"})
    assert page.context["invited"].mailed is False
    assert Invitation.objects.pending().count() == 1


@override_settings(PUBLIC_URL="https://words.example")
def test_link_starts_with_the_public_address(as_administrator: Client) -> None:
    page = as_administrator.post(PAGE, {"email": "linus@example.org"})
    assert page.context["invited"].link.startswith("https://words.example/accounts/invitation/")


def test_page_for_an_address_in_use_says_so(as_administrator: Client, user: User) -> None:
    page = as_administrator.post(PAGE, {"email": "ADA@example.org"})
    assert page.context["form"].errors["email"] == ["Somebody already uses this e-mail address."]
    assert mail.outbox == []


def test_invitation_again_ends_the_one_before(invited: services.Invited, administrator: User, client: Client) -> None:
    again = services.invite(by=administrator, email="LINUS@example.org", base_url=BASE)
    assert client.get(path_of(invited)).status_code == 404
    assert client.get(path_of(again)).status_code == 302
    assert Invitation.objects.pending().count() == 1


def test_secret_is_stored_as_hash_only(invited: services.Invited) -> None:
    assert Invitation.objects.get().token_hash == digest(token_of(invited.link))


def test_accepting_creates_the_account_signs_in_and_ends_the_link(client: Client, invited: services.Invited) -> None:
    page = client.get(link_in(mail.outbox[0].body), follow=True)
    assert page.request["PATH_INFO"] == "/accounts/invitation/"
    assert "linus@example.org" in page.content.decode()
    answer = client.post("/accounts/invitation/", FORM | {"email": "else@example.org", "is_superuser": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email="linus@example.org")
    assert (user.name, user.is_superuser, user.is_staff) == ("Linus", False, False)
    assert client.session["_auth_user_id"] == str(user.pk)
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.accepted_by) == ("accepted", user)
    assert Client().get(path_of(invited)).status_code == 404


def test_accepting_as_administrator_makes_one(administrator: User) -> None:
    invited = services.invite(by=administrator, email="b@example.org", as_administrator=True, base_url=BASE)
    user = services.accept_invitation(token_hash=digest(token_of(invited.link)), password=PASSWORD)
    assert (user.is_superuser, user.is_staff) == (True, True)


def test_password_like_the_invited_address_is_refused(client: Client, invited: services.Invited) -> None:
    client.get(path_of(invited))
    page = client.post("/accounts/invitation/", FORM | {"password1": "linus@example", "password2": "linus@example"})
    assert page.context["form"].errors == {"password1": ["The password is too similar to the e-mail address."]}
    shown = page.content.decode()
    [field] = re.findall(r'<input type="password" name="password1"[^>]*>', shown)
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in field
    assert shown.index('id="id_password1_error"') < shown.index('name="password2"')


def test_revoked_invitation_opens_nothing(as_administrator: Client, invited: services.Invited) -> None:
    stranger = Client()
    stranger.get(path_of(invited))
    as_administrator.post(f"{PAGE}{invited.invitation.pk}/revoke/")
    assert Invitation.objects.get().state == "revoked"
    assert stranger.get(path_of(invited)).status_code == 404
    assert stranger.post("/accounts/invitation/", FORM).status_code == 404
    assert services.revoke_invitation(invitation=invited.invitation) is False


def test_expired_invitation_opens_nothing_until_renewed(as_administrator: Client, invited: services.Invited) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(path_of(invited)).status_code == 404
    page = as_administrator.post(f"{PAGE}{invited.invitation.pk}/link/")
    renewed = page.context["invited"].link.removeprefix("http://testserver")
    assert Client().get(renewed).status_code == 302
    assert Client().get(path_of(invited)).status_code == 404


def test_renewing_an_accepted_invitation_is_refused(as_administrator: Client, invited: services.Invited) -> None:
    services.accept_invitation(token_hash=digest(token_of(invited.link)), password=PASSWORD)
    assert as_administrator.post(f"{PAGE}{invited.invitation.pk}/link/")["Location"] == PAGE
    with pytest.raises(LinkNotValid):
        services.renew_invitation(invitation=invited.invitation, base_url=BASE)


def test_accepting_an_address_taken_meanwhile_says_so(client: Client, invited: services.Invited) -> None:
    client.get(path_of(invited))
    services.create_user(email="Linus@example.org", password=PASSWORD)
    page = client.post("/accounts/invitation/", FORM)
    assert page.context["form"].non_field_errors() == ["Somebody already uses this e-mail address."]
    assert Invitation.objects.get().accepted_at is None


def test_unknown_invitation_is_not_found(as_administrator: Client) -> None:
    for action in ("link", "revoke"):
        assert as_administrator.post(f"{PAGE}999/{action}/").status_code == 404


def test_wrong_links_are_limited(client: Client, db: None) -> None:
    codes = [client.get(f"/accounts/invitation/guess{number}/").status_code for number in range(31)]
    assert codes == [404] * 30 + [429]


@pytest.mark.django_db(transaction=True)
def test_accepting_at_once_creates_one_account() -> None:
    root = services.create_user(email="root@example.org", password=PASSWORD, administrator=True)
    invited = services.invite(by=root, email="linus@example.org", base_url=BASE)
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.get(path_of(invited))
    codes = at_once(lambda number: clients[number].post("/accounts/invitation/", FORM).status_code, 4)
    assert sorted(codes) == [302, 404, 404, 404]
    assert User.objects.filter(email="linus@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
def test_inviting_at_once_leaves_one_usable_link() -> None:
    root = services.create_user(email="root@example.org", password=PASSWORD, administrator=True)
    at_once(lambda number: services.invite(by=root, email="linus@example.org", base_url=BASE), 4)
    assert Invitation.objects.pending().count() == 1


@pytest.mark.django_db(transaction=True)
def test_account_created_at_once_in_two_ways_exists_once() -> None:
    root = services.create_user(email="root@example.org", password=PASSWORD, administrator=True)
    token_hash = digest(token_of(services.invite(by=root, email="linus@example.org", base_url=BASE).link))

    def act(number: int) -> object:
        if number:
            return services.create_user(email="LINUS@example.org", password=PASSWORD)
        return services.accept_invitation(token_hash=token_hash, password=PASSWORD)

    results = at_once(act)
    assert sorted(type(result).__name__ for result in results) == ["AccountExists", "User"]
    assert [type(result) for result in results if not isinstance(result, User)] == [AccountExists]
