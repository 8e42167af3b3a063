"""Recordings shared with people and groups: who sees what, with which right, in how many queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.services import Limit
from tests.factories import make_job, make_recording, make_transcript, make_user, share
from transcription.errors import BadRequest, NobodyThere, TooManyShares, TooManyTries, WrongState
from transcription.models import Comment, Grant, Job, Recording, Transcript
from transcription.services import events, recordings, room, sharing
from transcription.services.search import Page, Wanted, find_passages

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return Group.objects.create(name="Newsroom")


def rights(recording, user) -> tuple[bool, bool, bool]:
    """Whether the user sees, edits, owns it."""
    rows = Recording.objects.filter(pk=recording.pk)
    return rows.visible_to(user).exists(), rows.editable_by(user).exists(), rows.owned_by(user).exists()


def test_owner_has_every_right_and_others_none(recording, owner):
    assert rights(recording, owner) == (True, True, True)
    assert rights(recording, make_user()) == (False, False, False)
    assert rights(recording, make_user(admin=True)) == (False, False, False)
    assert rights(recording, AnonymousUser()) == (False, False, False)


@pytest.mark.parametrize(("role", "expected"), [("reader", (True, False, False)), ("editor", (True, True, False))])
def test_person_has_the_rights_of_the_role(recording, role, expected):
    user = share(recording, role=role)
    assert rights(recording, user) == expected
    assert Recording.objects.with_role(user).get(pk=recording.pk).role == role
    assert Recording.objects.with_role(recording.owner).get(pk=recording.pk).role == "owner"


@pytest.mark.parametrize(("role", "expected"), [("reader", (True, False, False)), ("editor", (True, True, False))])
def test_group_has_the_rights_of_the_role_as_long_as_one_is_in_it(recording, owner, group, role, expected):
    owner.groups.add(group)
    member = make_user()
    sharing.share_with_group(recording=recording, by=owner, group_id=group.pk, role=role)
    assert rights(recording, member) == (False, False, False)
    member.groups.add(group)
    assert rights(recording, member) == expected
    member.groups.remove(group)
    assert rights(recording, member) == (False, False, False)


def test_several_grants_show_a_recording_once_with_the_greater_right(recording, owner, group):
    other = Group.objects.create(name="Archive")
    user = share(recording)
    for each in (group, other):
        owner.groups.add(each)
        user.groups.add(each)
        sharing.share_with_group(recording=recording, by=owner, group_id=each.pk, role="editor")
    mine = make_recording(user)
    assert set(Recording.objects.visible_to(user)) == {recording, mine}
    assert Recording.objects.visible_to(user).count() == 2
    assert list(Recording.objects.shared_with(user)) == [recording]
    assert Recording.objects.with_role(user).get(pk=recording.pk).role == "editor"


def test_what_is_seen_is_one_query_without_a_join(recording, django_assert_num_queries):
    user = share(recording)
    with django_assert_num_queries(1) as made:
        assert list(Recording.objects.visible_to(user)) == [recording]
    assert " JOIN " not in made.captured_queries[0]["sql"]


def test_what_is_seen_is_looked_up_in_indexes(recording):
    """An OR that reads every recording of the server costs all people, however little they share."""
    user = share(recording)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Recording.objects.visible_to(user).explain()
    assert ("BitmapOr" in plan, "Seq Scan on transcription_recording" in plan) == (True, False)


def test_transcripts_and_jobs_are_seen_with_their_recording(recording):
    job = make_job(recording)
    transcript = make_transcript(recording)
    user, stranger = share(recording), make_user()
    for model, row in ((Transcript, transcript), (Job, job)):
        assert list(model.objects.visible_to(user)) == [row]
        assert list(model.objects.editable_by(user)) == []
        assert list(model.objects.owned_by(user)) == []
        assert list(model.objects.visible_to(stranger)) == []
        assert list(model.objects.owned_by(recording.owner)) == [row]
        assert list(model.objects.visible_to(AnonymousUser())) == []


def test_search_finds_what_is_shared_until_it_is_withdrawn(recording):
    make_transcript(recording)
    user = share(recording)
    found = [
        passage.recording_id for passage in find_passages(user=user, wanted=Wanted("word0.0"), page=Page(5)).passages
    ]
    assert found == [recording.pk]
    sharing.withdraw_grant(grant=recording.grants.get())
    assert find_passages(user=user, wanted=Wanted("word0.0"), page=Page(5)).passages == []


def test_trash_of_others_is_not_seen(recording):
    user = share(recording, role="editor")
    recordings.move_to_trash(recording=recording)
    assert rights(recording, user) == (False, False, False)
    assert rights(recording, recording.owner) == (True, True, True)


def test_what_is_shared_does_not_count_in_the_quota(recording, settings):
    user = share(recording)
    settings.USER_QUOTA = recording.size
    room.check_room(owner=user, length=recording.size)


def test_sharing_again_changes_the_role_and_mails_once(recording, owner, django_capture_on_commit_callbacks):
    user = make_user("grace@example.org", name="Grace")
    first = sharing.share_with_person(recording=recording, by=owner, email=" Grace@Example.org ", role="reader")
    second = sharing.share_with_person(recording=recording, by=owner, email="grace@example.org", role="editor")
    assert (first, first.user, second.role) == (second, user, "editor")
    assert Grant.objects.count() == 1
    events.mail_grant(grant_id=first.pk)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["grace@example.org"], "Shared with you: A talk")
    assert f"/recordings/{recording.pk}/" in message.body
    assert f"{owner.email} shares “A talk” with you." in message.body


def test_mail_is_enqueued_only_where_mail_is_set_up(recording, owner, settings, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(sharing.queue, "defer_grant_mail", lambda *, grant_id: asked.append(grant_id))
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    share(recording)
    assert asked == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = share(recording)
    share(recording, user, role="editor")
    assert asked == [Grant.objects.get(user=user).pk]


def test_mail_of_what_was_withdrawn_meanwhile_is_not_sent(recording):
    share(recording)
    grant = recording.grants.get()
    sharing.withdraw_grant(grant=grant)
    events.mail_grant(grant_id=grant.pk)
    assert mail.outbox == []


@pytest.mark.parametrize("email", ["nobody@example.org", "", "%", "a\0b", "x" * 5000])
def test_address_of_nobody_is_refused(recording, owner, email):
    with pytest.raises(NobodyThere):
        sharing.share_with_person(recording=recording, by=owner, email=email, role="reader")
    assert not Grant.objects.exists()


def test_account_that_is_switched_off_is_nobody(recording, owner):
    user = make_user(is_active=False)
    with pytest.raises(NobodyThere):
        sharing.share_with_person(recording=recording, by=owner, email=user.email, role="reader")


def test_trying_addresses_is_limited(recording, owner, monkeypatch):
    monkeypatch.setattr(sharing, "UNKNOWN_PEOPLE", Limit("share-unknown", 2, timedelta(hours=1)))
    for _ in range(2):
        with pytest.raises(NobodyThere):
            sharing.share_with_person(recording=recording, by=owner, email="nobody@example.org", role="reader")
    with pytest.raises(TooManyTries):
        sharing.share_with_person(recording=recording, by=owner, email=make_user().email, role="reader")


def test_recording_is_not_shared_with_its_owner(recording, owner):
    with pytest.raises(WrongState):
        sharing.share_with_person(recording=recording, by=owner, email=owner.email, role="reader")


def test_role_that_is_none_is_refused(recording, owner):
    with pytest.raises(BadRequest):
        share(recording, role="owner")
    share(recording)
    with pytest.raises(BadRequest):
        sharing.change_role(grant=recording.grants.get(), role="owner")
    assert recording.grants.get().role == "reader"


def test_group_that_the_owner_is_not_in_is_refused_but_not_to_administrators(recording, owner, group):
    with pytest.raises(BadRequest):
        sharing.share_with_group(recording=recording, by=owner, group_id=group.pk, role="reader")
    admin = make_user(admin=True)
    grant = sharing.share_with_group(recording=make_recording(admin), by=admin, group_id=group.pk, role="reader")
    assert (grant.group, grant.name) == (group, "Newsroom")


def test_recording_has_a_number_of_grants_and_no_more(recording, monkeypatch):
    monkeypatch.setattr(sharing, "MOST_GRANTS", 1)
    user = share(recording)
    with pytest.raises(TooManyShares):
        share(recording)
    share(recording, user, role="editor")


def test_database_keeps_a_grant_to_one_and_each_once(recording, owner, group):
    user = share(recording)
    for fields in ({}, {"user": owner, "group": group}, {"user": user}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(recording=recording, **fields)


def test_grants_go_with_recording_person_and_group(recording, owner, group):
    owner.groups.add(group)
    user = share(recording)
    sharing.share_with_group(recording=recording, by=owner, group_id=group.pk, role="reader")
    user.delete()
    group.delete()
    assert Grant.objects.count() == 0
    share(recording)
    recordings.purge_recording(recording=recording)
    assert (Grant.objects.count(), Comment.objects.count()) == (0, 0)


def test_panel_lists_in_order(recording):
    people = [share(recording) for _ in range(3)]
    assert [grant.user for grant in sharing.grants_of(recording=recording)] == people
    assert timezone.now() - recording.grants.first().created_at < timedelta(minutes=1)
