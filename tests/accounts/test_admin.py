from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from accounts import services
from accounts.models import Attempt, FirstRunToken, Invitation, User
from tests.accounts.conftest import BASE, PASSWORD, signed_in

USERS, INVITATIONS = "/admin/accounts/user/", "/admin/accounts/invitation/"


def test_users_are_found_by_name_and_address(as_administrator: Client, user: User) -> None:
    for word in ("Ada", "example.org"):
        page = as_administrator.get(USERS, {"q": word})
        assert user in page.context["cl"].result_list


def test_user_added_can_sign_in(as_administrator: Client) -> None:
    form = {
        "email": "new@example.org",
        "name": "New",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert as_administrator.post(f"{USERS}add/", form).status_code == 302
    answer = Client().post("/accounts/sign-in/", {"username": "NEW@example.org", "password": PASSWORD})
    assert answer["Location"] == "/"


def test_user_added_with_an_address_in_use_in_another_case_is_refused(as_administrator: Client, user: User) -> None:
    form = {"email": "ADA@example.org", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    page = as_administrator.post(f"{USERS}add/", form)
    assert "Somebody already uses this e-mail address." in page.content.decode()
    assert User.objects.count() == 2


def test_user_page_shows(as_administrator: Client, user: User) -> None:
    assert as_administrator.get(f"{USERS}{user.pk}/change/").status_code == 200


def test_action_signs_people_out(as_administrator: Client, user: User) -> None:
    elsewhere = signed_in(user)
    as_administrator.post(USERS, {"action": "sign_out_everywhere", "_selected_action": [user.pk]})
    assert elsewhere.get("/accounts/profile/").status_code == 302


def test_adding_an_invitation_leads_to_its_page(as_administrator: Client) -> None:
    assert as_administrator.get(f"{INVITATIONS}add/")["Location"] == "/accounts/invitations/"


def test_action_revokes_pending_invitations_only(as_administrator: Client, administrator: User) -> None:
    for email in ("a@example.org", "b@example.org"):
        services.invite(by=administrator, email=email, base_url=BASE)
    Invitation.objects.filter(email="b@example.org").update(accepted_at="2026-01-01T00:00Z")
    pks = list(Invitation.objects.values_list("pk", flat=True))
    as_administrator.post(INVITATIONS, {"action": "revoke", "_selected_action": pks})
    states = {invitation.email: invitation.state for invitation in Invitation.objects.all()}
    assert states == {"a@example.org": "revoked", "b@example.org": "accepted"}


def test_lists_ask_the_database_as_often_for_three_as_for_one(
    as_administrator: Client, administrator: User, django_assert_max_num_queries
) -> None:
    services.invite(by=administrator, email="a@example.org", base_url=BASE)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(20) as queries:
            as_administrator.get(INVITATIONS)
            as_administrator.get(USERS)
        counts.append(len(queries))
        for name in ("b", "c"):
            services.invite(by=administrator, email=f"{name}{len(counts)}@example.org", base_url=BASE)
            services.create_user(email=f"user-{name}{len(counts)}@example.org", password=PASSWORD)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("app", ["accounts", "transcription"])
def test_every_model_is_there(app: str) -> None:
    assert [model for model in apps.get_app_config(app).get_models() if not admin.site.is_registered(model)] == []


def test_links_and_attempts_can_be_watched_and_taken_back_but_not_made(as_administrator: Client) -> None:
    services.count_attempt(limit=services.Limit("link", 5, timedelta(hours=1)), key="somebody")
    FirstRunToken.objects.create(token_hash="secret", expires_at="2030-01-01T00:00Z")
    for model in (Attempt, FirstRunToken):
        url = f"/admin/accounts/{model._meta.model_name}/"
        shown = as_administrator.get(url)
        assert (shown.status_code, "secret" in shown.content.decode()) == (200, False)
        assert as_administrator.get(f"{url}add/").status_code == 403
        row = model.objects.get()
        page = as_administrator.get(f"{url}{row.pk}/change/")
        assert (page.status_code, "secret" in page.content.decode()) == (200, False)
        as_administrator.post(f"{url}{row.pk}/delete/", {"post": "yes"})
        assert not model.objects.exists()
