from __future__ import annotations

from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import signed_in

PAGE = "/accounts/profile/"
FORM = {
    "name": "Ada Lovelace",
    "default_language": "de",
    "theme": "dark",
    "notify_by_mail": "on",
    "notify_of_comments": "",
}


def test_profile_is_saved(as_user: Client, user: User) -> None:
    answer = as_user.post(PAGE, FORM)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    user.refresh_from_db()
    assert (user.name, user.default_language, user.theme, user.notify_by_mail) == ("Ada Lovelace", "de", "dark", True)
    assert user.notify_of_comments is False


def test_profile_cannot_change_what_is_not_on_the_page(as_user: Client, user: User) -> None:
    as_user.post(PAGE, FORM | {"email": "x@example.org", "is_superuser": "on", "is_staff": "on"})
    user.refresh_from_db()
    assert (user.email, user.is_superuser, user.is_staff) == ("Ada@example.org", False, False)


def test_profile_offers_detection_and_every_language_by_name(as_user: Client) -> None:
    choices = as_user.get(PAGE).context["form"].fields["default_language"].choices
    assert choices[0] == ("", "Detect the language")
    names = [name for _, name in choices[1:]]
    assert (len(names), names) == (100, sorted(names))
    assert dict(settings.RECORDING_LANGUAGES)["yue"] == "Cantonese"


def test_profile_with_an_unknown_language_says_so_and_shows_the_theme_in_force(as_user: Client, user: User) -> None:
    page = as_user.post(PAGE, FORM | {"default_language": "xx"})
    assert page.context["form"].errors == {
        "default_language": ["Select a valid choice. xx is not one of the available choices."]
    }
    assert '<html lang="en" dir="ltr" data-theme="system">' in page.content.decode()
    assert 'aria-describedby="id_default_language_helptext id_default_language_error"' in page.content.decode()


def test_theme_is_the_one_chosen(as_user: Client, user: User) -> None:
    as_user.post(PAGE, FORM)
    assert '<html lang="en" dir="ltr" data-theme="dark">' in as_user.get(PAGE).content.decode()


def test_sign_out_elsewhere_keeps_this_session_only(as_user: Client, user: User, administrator: User) -> None:
    elsewhere, somebody = signed_in(user), signed_in(administrator)
    assert as_user.get("/accounts/profile/sign-out-elsewhere/").status_code == 405
    assert as_user.post("/accounts/profile/sign-out-elsewhere/")["Location"] == PAGE
    assert [client.get(PAGE).status_code for client in (as_user, elsewhere, somebody)] == [200, 302, 200]
