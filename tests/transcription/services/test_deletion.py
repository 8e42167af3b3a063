"""The end of an account."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import LastAdministrator
from accounts.models import ApiKey, User
from accounts.services import keys
from tests.factories import make_live, make_media, make_recording, make_transcript, make_user
from tests.transcription.api.conftest import program
from transcription.models import DataExport, Live, Recording, Tag
from transcription.services import data_export, deletion, marks, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user("ada@example.org")


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    settings.UPLOADS.mkdir()


def test_sessions_and_keys_end_at_once_and_the_address_is_free(owner, client_of_owner):
    key = program(owner)
    assert client_of_owner.get("/").status_code == key.get("/api/v1/me/").status_code == 200
    deletion.delete_account(user=owner)
    assert client_of_owner.get("/").status_code == 302
    assert key.get("/api/v1/me/").status_code == 401
    assert ApiKey.objects.in_force().count() == 0
    sent = {"username": "ada@example.org", "password": "correct horse battery"}
    assert Client().post(reverse("accounts:sign-in"), sent).status_code == 200  # and no redirect
    assert make_user("ada@example.org").pk != owner.pk


def test_nobody_sees_the_recordings_any_more_and_speakers_are_cut_off(owner):
    row, spoken = make_recording(owner), make_live(owner)
    deletion.delete_account(user=owner)
    assert list(Recording.objects.listed()) == []
    assert Recording.objects.kept().count() == 0
    assert Live.objects.get(pk=spoken.pk).epoch == spoken.epoch + 1
    assert queue.is_under_way(queue.PURGE_ACCOUNT, user_id=owner.pk)
    assert Recording.objects.filter(pk=row.pk).exists()


def test_rows_and_files_go(owner, settings, django_capture_on_commit_callbacks):
    make_transcript(make_media(owner, folder=settings.UPLOADS))
    make_live(owner)
    keys.create_key(user=owner, name="program")
    other = make_media(folder=settings.UPLOADS)
    marks.add_tag(tag=marks.create_tag(owner=owner, name="mine"), recordings=[other])
    data_export.write(export_id=data_export.request_export(user=owner).pk)
    with django_capture_on_commit_callbacks(execute=True):
        deletion.delete_account(user=owner)
        deletion.delete_account(user=owner)
        deletion.purge_account(user_id=owner.pk)
        deletion.purge_account(user_id=owner.pk)
    assert not User.objects.filter(pk=owner.pk).exists()
    assert list(Recording.objects.all()) == [other]
    assert (DataExport.objects.count(), Tag.objects.count()) == (0, 0)
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert files == [settings.MEDIA_ROOT / other.media.name]


def test_account_that_is_not_closed_is_never_purged(owner):
    make_recording(owner)
    deletion.purge_account(user_id=owner.pk)
    assert Recording.objects.listed().count() == 1


def test_deletion_that_got_lost_goes_on(owner):
    make_recording(owner)
    deletion.delete_account(user=owner)
    assert deletion.resume() == 0
    queue.ProcrastinateJob.objects.all().delete()
    deletion.purge_account(user_id=owner.pk, should_stop=lambda: True)
    assert (deletion.resume(), deletion.resume()) == (1, 0)
    deletion.purge_account(user_id=owner.pk)
    assert (deletion.resume(), User.objects.filter(pk=owner.pk).exists()) == (0, False)


def test_last_administrator_stays():
    first = make_user(admin=True)
    make_user(admin=True, is_active=False)
    with pytest.raises(LastAdministrator):
        deletion.delete_account(user=first)
    second = make_user(admin=True)
    deletion.delete_account(user=first)
    with pytest.raises(LastAdministrator):
        deletion.delete_account(user=second)


def test_belongings_are_counted(owner):
    make_recording(owner, size=300)
    make_recording(owner, size=200)
    marks.create_tag(owner=owner, name="a")
    found = deletion.belongings_of(owner)
    assert (found.recordings, found.bytes, found.tags, found.keys, found.webhooks) == (2, 500, 1, 0, 0)


def test_administrator_deletes_a_person_with_recordings(owner):
    make_recording(owner)
    client = Client()
    client.force_login(make_user(admin=True), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:accounts_user_delete", args=[owner.pk])
    assert "with 1 recordings" in client.get(address).content.decode()
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert queue.is_under_way(queue.PURGE_ACCOUNT, user_id=owner.pk)
    assert client.get(address).status_code == 302  # it is no longer listed
    people = reverse("admin:accounts_user_changelist")
    chosen = [make_user().pk, make_user().pk]
    client.post(people, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert User.objects.filter(deleted_at__isnull=False).count() == 3


def test_last_administrator_is_not_deleted_in_the_admin():
    only = make_user(admin=True)
    client = Client()
    client.force_login(only, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("admin:accounts_user_delete", args=[only.pk]), {"post": "yes"}).status_code == 403
    people = reverse("admin:accounts_user_changelist")
    client.post(people, {"action": "delete_selected", "_selected_action": [only.pk], "post": "yes"})
    assert User.objects.filter(deleted_at=None).count() == 1
