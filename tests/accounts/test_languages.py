"""In which language pages are written, and how a person chooses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from accounts import services
from accounts.models import User
from tests.accounts.conftest import BASE, signed_in

SIGN_IN = "/accounts/sign-in/"
PROFILE = "/accounts/profile/"
LANGUAGE = "/accounts/language/"
ADMIN_FORM = {"name": "Ada", "language": "de", "default_language": "", "theme": "system"}


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request leaves its language behind in the thread: the next test begins with its own."""
    with translation.override("en"):
        yield


def language(answer: HttpResponse) -> str:
    page = answer.content.decode()
    return page.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "written"),
    [("de", "de"), ("de-AT,en;q=0.8", "de"), ("fr,de;q=0.5", "de"), ("en-GB,de;q=0.9", "en"), ("fr", "en"), ("", "en")],
)
def test_page_follows_the_browser_and_falls_back_to_the_servers(client: Client, asked: str, written: str) -> None:
    answer = client.get(SIGN_IN, headers={"Accept-Language": asked})
    assert (language(answer), answer["Content-Language"]) == (written, written)
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.django_db
def test_server_may_have_german_for_those_whose_language_it_lacks(client: Client, settings) -> None:
    settings.LANGUAGE_CODE = "de"
    assert [language(client.get(SIGN_IN, headers={"Accept-Language": asked})) for asked in ("fr", "en")] == ["de", "en"]


@pytest.mark.django_db
def test_sign_in_is_german(client: Client) -> None:
    page = client.get(SIGN_IN, headers={"Accept-Language": "de"}).content.decode()
    assert [word in page for word in ("<h1>Anmelden</h1>", "E-Mail-Adresse", "Passwort vergessen?", "Sign in")] == [
        True,
        True,
        True,
        False,
    ]
    assert 'src="/static/i18n/de.js"' in page


@pytest.mark.django_db
def test_whoever_is_not_signed_in_chooses_on_the_page(client: Client) -> None:
    page = client.get(SIGN_IN).content.decode()
    assert 'name="language" value="de" lang="de" >Deutsch</button>' in page
    answer = client.post(LANGUAGE, {"language": "de", "next": SIGN_IN})
    assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)
    cookie = answer.cookies["django_language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("de", "Lax", True)
    assert language(client.get(SIGN_IN, headers={"Accept-Language": "en"})) == "de"


@pytest.mark.django_db
@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_choosing_leads_nowhere_else(client: Client, back: str) -> None:
    assert client.post(LANGUAGE, {"language": "de", "next": back})["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["", "fr", "../de", "de\0"])
def test_language_that_is_not_offered_is_refused(client: Client, chosen: str) -> None:
    answer = client.post(LANGUAGE, {"language": chosen})
    assert (answer.status_code, dict(answer.cookies)) == (400, {})
    assert client.get(LANGUAGE).status_code == 405


def test_choice_of_the_profile_goes_before_device_and_browser(as_user: Client, user: User) -> None:
    answer = as_user.post(PROFILE, ADMIN_FORM, follow=True)
    assert language(answer) == "de"
    assert "Ihre Einstellungen wurden gespeichert." in answer.content.decode()
    as_user.cookies["django_language"] = "en"
    assert language(as_user.get(PROFILE, headers={"Accept-Language": "en"})) == "de"
    assert language(signed_in(user).get(PROFILE)) == "de"
    as_user.post(PROFILE, ADMIN_FORM | {"language": ""})
    assert language(as_user.get(PROFILE)) == "en"


def test_choosing_on_a_page_is_kept_with_the_account(as_user: Client, user: User) -> None:
    as_user.post(LANGUAGE, {"language": "de"})
    user.refresh_from_db()
    assert user.language == "de"


def test_language_that_is_gone_is_as_if_none_was_chosen(as_user: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(language="xx")
    assert language(as_user.get(PROFILE)) == "en"


def test_profile_names_languages_of_recordings_in_the_readers_order(as_user: Client, user: User) -> None:
    services.change_settings(user=user, language="de")
    choices = as_user.get(PROFILE).context["form"].fields["default_language"].choices
    names = [name for _, name in choices[1:]]
    assert (choices[0], names) == (("", "Sprache erkennen"), sorted(names, key=str.casefold))
    assert (dict(choices)["de"], dict(choices)["yue"]) == ("Deutsch", "Kantonesisch")


@pytest.mark.django_db
def test_wrong_password_is_told_in_german(client: Client, user: User) -> None:
    form = {"username": user.email, "password": "wrong"}
    page = client.post(SIGN_IN, form, headers={"Accept-Language": "de"}).content.decode()
    assert "E-Mail-Adresse und Passwort passen nicht zusammen." in page


def test_mail_for_a_new_password_is_in_the_language_of_its_reader(client: Client, user: User) -> None:
    services.change_settings(user=user, language="de")
    client.post("/accounts/reset/", {"email": user.email}, headers={"Accept-Language": "en"})
    [sent] = mail.outbox
    assert sent.subject == "Neues Passwort für Scripta wählen"
    assert sent.body.startswith("Guten Tag,\n\njemand, vermutlich Sie, hat ein neues Passwort")


def test_mail_of_an_invitation_is_in_the_language_of_who_invites(administrator: User) -> None:
    with translation.override("de"):
        services.invite(by=administrator, email="new@example.org", base_url=BASE)
    assert mail.outbox[0].subject == "Root lädt Sie zu Scripta ein"


def test_pages_without_a_form_set_no_cookie(client: Client, db: None) -> None:
    answer = client.get("/nowhere/", headers={"Accept-Language": "de"})
    assert (answer.status_code, dict(answer.cookies)) == (404, {})
    assert "Seite nicht gefunden" in answer.content.decode()


def test_admin_is_german(administrator: User) -> None:
    services.change_settings(user=administrator, language="de")
    page = signed_in(administrator).get("/admin/accounts/user/").content.decode()
    assert [word in page for word in ("E-Mail-Adresse", "Auf allen Geräten abmelden", "Benutzer")] == [True] * 3
