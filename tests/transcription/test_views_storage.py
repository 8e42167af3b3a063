"""Storage, the rule, copies of data, and the end of the account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import keys
from tests.factories import make_recording, make_user
from transcription.models import DataExport, Recording, RetentionRule
from transcription.services import data_export, marks, recordings

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    settings.UPLOADS.mkdir()


def make_old(owner, days: int = 100, **fields) -> Recording:
    row = make_recording(owner, media="a/file", **fields)
    Recording.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
    return row


def test_pages_are_for_who_has_signed_in():
    for name in ("storage", "account-delete", "vocabulary"):
        assert Client().get(reverse(name)).status_code == 302


def test_page_of_nobodys_recordings_says_so(client_of_owner):
    assert "Nothing yet." in client_of_owner.get(reverse("storage")).content.decode()


def test_use_and_quota_are_shown_largest_first(client_of_owner, owner, settings):
    settings.USER_QUOTA = 2000
    make_recording(owner, title="small", size=600)
    make_recording(owner, title="large", size=1300)
    answer = client_of_owner.get(reverse("storage"))
    assert [row.title for row in answer.context["page"]] == ["large", "small"]
    content = answer.content.decode()
    assert "of 2.0\xa0KB" in content
    assert "There is little room left." in content


def test_titles_of_any_script_keep_their_line_in_order(client_of_owner, owner):
    make_old(owner, title="שלום")
    recordings.move_to_trash(recording=make_recording(owner, title="سلام"))
    RetentionRule.objects.create(user=owner, all_days=110)
    content = client_of_owner.get(reverse("storage")).content.decode()
    assert [content.count(f"<bdi>{title}</bdi>") for title in ("שלום", "سلام")] == [2, 1]


def test_number_of_queries_does_not_depend_on_rows(client_of_owner, owner, django_assert_num_queries):
    RetentionRule.objects.create(user=owner, sound_days=110)
    for count in (1, 3):
        for _ in range(count):
            make_old(owner)
        with django_assert_num_queries(10):
            client_of_owner.get(reverse("storage"))


def test_rule_that_acts_at_once_is_confirmed_by_its_number(client_of_owner, owner):
    make_old(owner)
    address = reverse("retention-change")
    answer = client_of_owner.post(address, {"sound_days": 30, "all_days": ""})
    assert answer.status_code == 409
    content = answer.content.decode()
    assert "1 recording is older than that" in content
    assert '<input type="hidden" name="confirmed" value="1">' in content
    assert 'value="30"' in content
    assert client_of_owner.post(address, {"sound_days": 30, "confirmed": 1}).url == reverse("storage")
    assert RetentionRule.objects.get().sound_days == 30


def test_rule_that_will_not_do_keeps_what_was_typed(client_of_owner, owner, settings):
    settings.RETENTION_DAYS = 10
    for sent in ({"all_days": 11}, {"all_days": "x"}, {"all_days": 0}):
        answer = client_of_owner.post(reverse("retention-change"), sent)
        assert (answer.status_code, bool(answer.context["form"].errors)) == (400, True)
        assert f'value="{sent["all_days"]}"' in answer.content.decode()
    assert not RetentionRule.objects.exists()


def test_what_goes_soon_can_be_kept_from_the_list(client_of_owner, owner):
    row = make_old(owner, title="going")
    RetentionRule.objects.create(user=owner, all_days=110)
    assert "going" in client_of_owner.get(reverse("storage")).content.decode()
    address = reverse("recording-exempt", args=[row.pk])
    assert client_of_owner.post(address, {"is_exempt": "yes", "next": "storage"}).url == reverse("storage")
    assert client_of_owner.get(reverse("storage")).context["foreseen"] == []


def test_copy_is_asked_for_followed_downloaded_and_deleted(client_of_owner, owner):
    client_of_owner.post(reverse("data-export-request"))
    made = DataExport.objects.get()
    content = client_of_owner.get(reverse("storage")).content.decode()
    assert 'hx-trigger="every 2s"' in content
    assert client_of_owner.get(reverse("data-export-download", args=[made.pk])).status_code == 404
    data_export.write(export_id=made.pk)
    made.refresh_from_db()
    whole = client_of_owner.get(reverse("data-export-download", args=[made.pk]))
    assert (whole["Content-Type"], whole["Content-Length"]) == ("application/zip", str(made.size))
    body = b"".join(whole)
    assert body == made.file.read()
    client_of_owner.post(reverse("data-export-delete", args=[made.pk]))
    assert not DataExport.objects.exists()


def test_download_that_broke_goes_on_where_it_ended(client_of_owner, owner):
    made = data_export.request_export(user=owner)
    data_export.write(export_id=made.pk)
    address = reverse("data-export-download", args=[made.pk])
    body = b"".join(client_of_owner.get(address))
    etag = client_of_owner.get(address)["ETag"]
    rest = client_of_owner.get(address, headers={"Range": "bytes=10-", "If-Range": etag})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 10-{len(body) - 1}/{len(body)}")
    assert b"".join(rest) == body[10:]
    other = client_of_owner.get(address, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (other.status_code, b"".join(other)) == (200, body)
    assert client_of_owner.get(address, headers={"Range": "bytes=999999-"}).status_code == 416


def test_copy_of_another_does_not_exist(client_of_owner):
    made = data_export.request_export(user=make_user())
    assert client_of_owner.get(reverse("data-export-download", args=[made.pk])).status_code == 404
    assert client_of_owner.post(reverse("data-export-delete", args=[made.pk])).status_code == 404


def test_account_goes_only_with_its_password(client_of_owner, owner):
    make_recording(owner)
    address = reverse("account-delete")
    assert "1 recording (" in client_of_owner.get(address).content.decode()
    wrong = client_of_owner.post(address, {"password": "wrong"})
    assert (wrong.status_code, wrong.context["form"].errors["password"]) == (400, ["This is not your password."])
    assert User.objects.get(pk=owner.pk).is_active
    done = client_of_owner.post(address, {"password": PASSWORD})
    assert "Your account is gone" in done.content.decode()
    assert not User.objects.get(pk=owner.pk).is_active
    assert client_of_owner.get("/").status_code == 302


def test_only_what_there_is_is_said_to_go(client_of_owner, owner):
    def said() -> list[str]:
        page = client_of_owner.get(reverse("account-delete")).content.decode()
        return re.findall(r"<li>(.+?)</li>", page.partition("</main>")[0])

    assert said() == ["Your favourites and your terms"]
    marks.create_tag(owner=owner, name="Board", color="blue")
    keys.create_key(user=owner, name="laptop")
    assert said() == ["1 tag, your favourites and your terms", "1 API key, from this moment"]


def test_passwords_are_not_to_be_guessed_there(client_of_owner):
    address = reverse("account-delete")
    codes = [client_of_owner.post(address, {"password": "wrong"}).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]


def test_last_administrator_is_told_why_not():
    only = make_user(admin=True)
    client = Client()
    client.force_login(only, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(reverse("account-delete"), {"password": PASSWORD})
    assert (answer.status_code, "the only administrator" in answer.content.decode()) == (400, True)
    assert User.objects.get().is_active
