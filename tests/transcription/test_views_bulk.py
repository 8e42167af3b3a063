"""What is done to selected rows."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_live, make_recording, make_transcript, make_user
from transcription.enums import RecordingState
from transcription.models import Favourite, Recording, Tag, TagUse
from transcription.services import marks
from transcription.views import bulk

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(owner):
    return [make_recording(owner, title=title) for title in ("one", "two", "three")]


def act(client: Client, action: str, rows, **more):
    return client.post(reverse("bulk"), {"action": action, "id": [row.pk for row in rows], **more})


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_only_by_post_and_only_signed_in(client_of_owner, three):
    for name in ("bulk", "bulk-restore", "trash-empty"):
        assert client_of_owner.get(reverse(name)).status_code == 405
        assert Client().post(reverse(name)).status_code == 302
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(three[0].owner, backend="django.contrib.auth.backends.ModelBackend")
    assert act(guarded, "delete", three).status_code == 403
    assert Recording.objects.kept().count() == 3


def test_tags_are_put_on_and_taken_off(client_of_owner, owner, three):
    tag = marks.create_tag(owner=owner, name="Work")
    act(client_of_owner, f"tag:{tag.pk}", three)
    assert TagUse.objects.count() == 3
    act(client_of_owner, f"untag:{tag.pk}", three[:2])
    assert TagUse.objects.count() == 1
    act(client_of_owner, "new-tag", three, new_tag="Home")
    assert TagUse.objects.filter(tag__name="Home").count() == 3
    answer = act(client_of_owner, "new-tag", three, new_tag=" ")
    assert told(answer)[-1] == "A tag has a name of 1 to 40 characters."


def test_favourites(client_of_owner, three):
    act(client_of_owner, "favourite", three)
    act(client_of_owner, "favourite:no", three[:1])
    assert Favourite.objects.count() == 2


def test_another_persons_recordings_and_tags_are_left_alone(client_of_owner, three):
    other = make_recording()
    theirs = marks.create_tag(owner=make_user(), name="theirs")
    for action in ("favourite", "delete", "new-tag"):
        act(client_of_owner, action, [other], new_tag="x")
    assert act(client_of_owner, f"tag:{theirs.pk}", three).status_code == 404
    other.refresh_from_db()
    assert (other.deleted_at, Favourite.objects.count(), TagUse.objects.count()) == (None, 0, 0)


def test_selection_goes_to_the_trash_and_undo_brings_it_back(client_of_owner, three):
    answer = act(client_of_owner, "delete", three[:2], next="/?q=o")
    assert answer.url == "/?q=o"
    [message] = get_messages(answer.wsgi_request)
    assert message.message == "2 recordings are in the trash."
    assert Recording.objects.trashed().count() == 2
    back = client_of_owner.post(message.extra_tags)
    assert (back.url, Recording.objects.trashed().count()) == ("/", 0)


def test_hundreds_are_brought_back_by_a_short_address(client_of_owner, owner):
    many = Recording.objects.bulk_create(Recording(owner=owner, title=str(n), state="ready") for n in range(430))
    [message] = get_messages(act(client_of_owner, "delete", many).wsgi_request)
    assert len(message.extra_tags) < 100
    client_of_owner.post(message.extra_tags)
    assert not Recording.objects.trashed().exists()


def test_undo_is_each_persons_own_and_lasts_for_the_last_deletions(client_of_owner, three, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_BATCHES", 2)
    undos = [list(get_messages(act(client_of_owner, "delete", [row]).wsgi_request))[-1].extra_tags for row in three]
    stranger = Client()
    stranger.force_login(make_user())
    for undo in (*undos, "/recordings/bulk/restore/"):
        stranger.post(undo)
    client_of_owner.post(undos[0])
    assert Recording.objects.trashed().count() == 3
    for undo in undos[1:]:
        client_of_owner.post(undo)
    assert list(Recording.objects.trashed()) == [three[0]]


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "", "\\evil"])
def test_nobody_is_led_elsewhere(client_of_owner, three, address):
    assert act(client_of_owner, "favourite", three, next=address).url == "/"


def test_trash_is_restored_purged_and_emptied(client_of_owner, three):
    Recording.objects.update(deleted_at=timezone.now())
    act(client_of_owner, "restore", three[:1], next="/trash/")
    act(client_of_owner, "purge", three[1:2])
    assert [row.title for row in Recording.objects.listed().kept()] == ["one"]
    assert [row.title for row in Recording.objects.listed().trashed()] == ["three"]
    other = make_recording(deleted_at=timezone.now())
    client_of_owner.post(reverse("trash-empty"))
    assert list(Recording.objects.listed().trashed()) == [other]
    assert Recording.objects.listed().kept().count() == 1


def test_what_is_not_in_the_trash_is_not_purged(client_of_owner, three):
    answer = act(client_of_owner, "purge", three)
    assert told(answer) == ["Nothing was changed: you may do this to your own recordings only."]
    assert Recording.objects.listed().kept().count() == 3


@pytest.mark.parametrize("action", ["", "burn", "export", "export:exe", "tag:", "tag:x", "tag:²", f"untag:{'9' * 30}"])
def test_action_that_is_none_is_said(client_of_owner, three, action):
    answer = act(client_of_owner, action, three)
    assert (answer.status_code, len(told(answer))) == (302, 1)


def test_selection_of_nothing_or_too_much_is_said(client_of_owner, three, monkeypatch):
    for sent in ({}, {"id": "x"}):
        answer = client_of_owner.post(reverse("bulk"), {"action": "delete"} | sent)
        assert told(answer)[-1] == "Select recordings first."
    monkeypatch.setattr("transcription.services.bulk.MOST", 2)
    assert told(act(client_of_owner, "delete", three))[-1] == "Select at most 2 recordings at once."
    assert Recording.objects.kept().count() == 3


def test_archive_is_sent_with_safe_names(client_of_owner, owner, three):
    Recording.objects.filter(pk=three[0].pk).update(title='"quoted"/../\\ 🎉')
    for row in three[:2]:
        make_transcript(row)
    answer = act(client_of_owner, "export:srt", [*three, make_recording()])
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/zip",
        'attachment; filename="transcripts.zip"',
    )
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert sorted(archive.namelist()) == ["_ Left out.txt", "quoted--..-- 🎉.srt", "two.srt"]


def test_live_recording_and_what_is_not_the_trash_keep_their_reasons(client_of_owner, owner):
    spoken = make_live(owner).recording
    act(client_of_owner, "delete", [spoken])
    assert Recording.objects.get(pk=spoken.pk).state == RecordingState.LIVE
    act(client_of_owner, "restore", [spoken])
    assert Recording.objects.get(pk=spoken.pk).state == RecordingState.CLOSING
    assert Tag.objects.count() == 0
