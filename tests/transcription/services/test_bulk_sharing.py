"""Many recordings shared at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_recording, make_user, share
from transcription.errors import BadRequest, WrongState
from transcription.models import Grant, Recording
from transcription.services import bulk_sharing, events, queue, sharing
from transcription.services.bulk_sharing import Step

pytestmark = pytest.mark.django_db

ALL = Recording.objects.all


def test_own_are_shared_and_the_rest_is_named_with_its_reason(owner, monkeypatch):
    monkeypatch.setattr(sharing, "MOST_GRANTS", 1)
    to = make_user()
    new, raised, same, full, theirs = (make_recording(owner) for _ in range(5))
    Recording.objects.filter(pk=theirs.pk).update(owner=make_user())
    share(raised, to, role="reader")
    share(same, to, role="editor")
    share(full)
    outcome = bulk_sharing.share(rows=ALL(), by=owner, to=to, role="editor")
    assert {row.pk for row in outcome.done} == {new.pk, raised.pk}
    assert outcome.refused == {
        "it is shared in this way already": [same],
        "it is shared with as many as can be": [full],
        "somebody else owns it": [theirs],
    }
    assert set(Recording.objects.editable_by(to)) == {new, raised, same}


def test_taking_back_withdraws_what_is_new_and_gives_the_earlier_role_back(owner):
    to = make_user()
    new, raised = make_recording(owner), make_recording(owner)
    share(raised, to, role="reader")
    outcome = bulk_sharing.share(rows=ALL(), by=owner, to=to, role="editor")
    assert bulk_sharing.take_back(by=make_user(), steps=outcome.steps) == 0
    assert bulk_sharing.take_back(by=owner, steps=outcome.steps) == 2
    assert list(Grant.objects.values_list("recording", "user", "role")) == [(raised.pk, to.pk, "reader")]
    assert bulk_sharing.take_back(by=owner, steps=[step for step in outcome.steps if step.earlier is None]) == 0
    assert new.grants.count() == 0


def test_old_notice_takes_nothing_back(owner):
    share(make_recording(owner))
    Grant.objects.update(created_at=timezone.now() - timedelta(days=2))
    with pytest.raises(BadRequest):
        bulk_sharing.take_back(by=owner, steps=[Step(Grant.objects.get().pk)])
    assert Grant.objects.count() == 1


def test_group_gets_all_and_is_not_mailed(owner, monkeypatch):
    monkeypatch.setattr(queue, "defer_grants_mail", lambda **_: pytest.fail("mailed"))
    group = Group.objects.create(name="Newsroom")
    member = make_user()
    member.groups.add(group)
    rows = {make_recording(owner) for _ in range(3)}
    bulk_sharing.share(rows=ALL(), by=owner, to=group, role="reader")
    assert set(Recording.objects.visible_to(member)) == rows


def test_person_gets_one_mail_of_what_is_shared_still(owner, monkeypatch):
    asked: list[list[int]] = []
    monkeypatch.setattr(queue, "defer_grants_mail", lambda *, grant_ids, seconds: asked.append(grant_ids))
    to = make_user("grace@example.org")
    for title in ("Two\nlines", "Alpha", "Gone"):
        make_recording(owner, title=title)
    outcome = bulk_sharing.share(rows=ALL(), by=owner, to=to, role="reader")
    assert asked == [[step.grant_id for step in outcome.steps]]
    Grant.objects.filter(recording__title="Gone").delete()
    events.mail_grants(grant_ids=asked[0])
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["grace@example.org"], "2 recordings shared with you")
    lines = message.body.splitlines()
    assert lines[0] == f"{owner.email} shares 2 recordings with you."
    assert [line for line in lines if line in {"Alpha", "Two lines", "Gone"}] == ["Alpha", "Two lines"]
    Grant.objects.filter(recording__title="Alpha").delete()
    events.mail_grants(grant_ids=asked[0])
    assert mail.outbox[1].subject == "Shared with you: Two lines"
    Grant.objects.all().delete()
    events.mail_grants(grant_ids=asked[0])
    assert len(mail.outbox) == 2


def test_mail_waits_until_it_cannot_be_a_slip_any_more(owner):
    make_recording(owner)
    bulk_sharing.share(rows=ALL(), by=owner, to=make_user(), role="reader")
    job = ProcrastinateJob.objects.get(task_name=queue.MAIL_GRANTS)
    assert job.scheduled_at - timezone.now() > timedelta(seconds=bulk_sharing.MAIL_AFTER - 30)


def test_oneself_and_a_role_that_is_none_are_refused(owner):
    make_recording(owner)
    with pytest.raises(WrongState):
        bulk_sharing.share(rows=ALL(), by=owner, to=owner, role="reader")
    with pytest.raises(BadRequest):
        bulk_sharing.share(rows=ALL(), by=owner, to=make_user(), role="owner")
    assert Grant.objects.count() == 0


def test_many_take_as_many_queries_as_one(owner, django_assert_num_queries):
    counts = []
    for _ in range(2):
        for _ in range(3):
            make_recording(owner)
        with django_assert_num_queries(8, exact=False) as made:
            bulk_sharing.share(rows=ALL(), by=owner, to=make_user(), role="reader")
        counts.append(len(made.captured_queries))
    assert counts[0] == counts[1]
