"""API keys on the profile page, and in the admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import keys
from tests.accounts.conftest import signed_in

PAGE, CREATE, ADMIN = "/accounts/profile/", "/accounts/profile/keys/", "/admin/accounts/apikey/"
FORM = {"key-name": "Lecture hall", "key-scopes": ["live", "read"], "key-days": "30"}


def test_new_key_is_shown_once_and_opens(as_user: Client, user: User) -> None:
    page = as_user.post(CREATE, FORM)
    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)
    secret = page.context["secret"]
    assert f'value="{secret}"' in page.content.decode()
    row = keys.authenticate(key=secret)
    assert row is not None
    assert (row.user, row.name, row.scopes) == (user, "Lecture hall", ["read", "live"])
    assert abs(row.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    again = as_user.get(PAGE).content.decode()
    assert (secret in again, row.prefix in again) == (False, True)


def test_key_that_never_expires(as_user: Client) -> None:
    as_user.post(CREATE, FORM | {"key-days": ""})
    assert ApiKey.objects.get().expires_at is None


def test_new_key_leaves_the_profile_as_it_is(as_user: Client, user: User) -> None:
    page = as_user.post(CREATE, FORM | {"name": "Somebody else"})
    user.refresh_from_db()
    assert (user.name, page.context["form"]["name"].value()) == ("Ada", "Ada")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key-name": ""}, "name"),
        ({"key-name": "x" * 101}, "name"),
        ({"key-scopes": []}, "scopes"),
        ({"key-scopes": ["everything"]}, "scopes"),
        ({"key-scopes": ["admin"]}, "scopes"),
        ({"key-days": "100000"}, "days"),
    ],
)
def test_mistake_is_said_at_its_field(as_user: Client, change: dict[str, object], field: str) -> None:
    page = as_user.post(CREATE, FORM | change)
    assert (page.status_code, list(page.context["key_form"].errors)) == (200, [field])
    assert ApiKey.objects.count() == 0


def test_administrator_is_offered_the_scope_admin(as_administrator: Client) -> None:
    as_administrator.post(CREATE, FORM | {"key-scopes": ["admin"]})
    assert ApiKey.objects.get().scopes == ["admin"]


def test_too_many_keys_are_refused_with_words(as_user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KEYS_LIMIT", 0)
    page = as_user.post(CREATE, FORM)
    assert page.context["key_form"].non_field_errors() == [
        "You have too many keys. Revoke those that are not needed any more."
    ]


def test_list_says_state_and_use(as_user: Client, user: User) -> None:
    used, key = keys.create_key(user=user, name="used")
    keys.authenticate(key=key)
    keys.revoke(row=keys.create_key(user=user, name="revoked")[0])
    keys.create_key(user=user, name="expired", expires_at=timezone.now() - timedelta(days=1))
    page = as_user.get(PAGE)
    assert [(row.name, row.state, usage and usage.requests) for row, usage in page.context["keys"]] == [
        ("expired", "expired", None),
        ("revoked", "revoked", None),
        ("used", "active", 1),
    ]
    text = page.content.decode()
    words = ("last used", "never used", "Revoke the key", "In 30 days: 1 request<")
    assert [text.count(each) for each in words] == [1, 2, 1, 1]


def test_revoking_ends_the_key(as_user: Client, user: User) -> None:
    row, key = keys.create_key(user=user, name="laptop")
    answer = as_user.post(f"{CREATE}{row.pk}/revoke/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert keys.authenticate(key=key) is None


def test_key_of_another_does_not_exist(as_user: Client, administrator: User) -> None:
    row, key = keys.create_key(user=administrator, name="root's")
    assert as_user.post(f"{CREATE}{row.pk}/revoke/").status_code == 404
    assert keys.authenticate(key=key) is not None
    assert "root" not in as_user.get(PAGE).content.decode()


def test_nobody_is_sent_to_sign_in(client: Client, db: None) -> None:
    for url in (CREATE, f"{CREATE}1/revoke/"):
        assert client.post(url)["Location"].startswith("/accounts/sign-in/")


def test_page_of_making_leads_back(as_user: Client) -> None:
    assert as_user.get(CREATE)["Location"] == PAGE
    assert as_user.get(f"{CREATE}1/revoke/").status_code == 405


def test_page_asks_the_database_as_often_for_three_as_for_one(
    as_user: Client, user: User, django_assert_max_num_queries
):
    counts = []
    for names in ("a", "bc"):
        for name in names:
            keys.create_key(user=user, name=name)
        with django_assert_max_num_queries(10) as queries:
            as_user.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_admin_watches_and_revokes_but_makes_none(as_administrator: Client, user: User) -> None:
    row, key = keys.create_key(user=user, name="laptop")
    listed, shown = as_administrator.get(ADMIN), as_administrator.get(f"{ADMIN}{row.pk}/change/")
    for page in (listed, shown):
        assert (page.status_code, row.prefix in page.content.decode()) == (200, True)
        assert row.key_hash not in page.content.decode()
    assert as_administrator.get(f"{ADMIN}add/").status_code == 403
    as_administrator.post(f"{ADMIN}{row.pk}/change/", {"name": "other"})
    as_administrator.post(ADMIN, {"action": "revoke", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.name, row.state, keys.authenticate(key=key)) == ("laptop", "revoked", None)


def test_admin_is_closed_to_others(user: User) -> None:
    assert signed_in(user).get(ADMIN)["Location"] == f"/admin/login/?next={ADMIN}"
