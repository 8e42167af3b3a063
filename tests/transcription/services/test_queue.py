"""Mails in the queue: a mail server that fails, and a worker that is killed, lose none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from tests.transcription.queue_entries import leave_entry
from transcription import tasks
from transcription.services import queue

MAILS = [
    tasks.mail_owner,
    tasks.mail_webhook,
    tasks.mail_retention,
    tasks.mail_grant,
    tasks.mail_grants,
    tasks.mail_comments,
]


@pytest.mark.parametrize("task", MAILS, ids=lambda task: task.name)
def test_mail_is_tried_again_for_hours_after_growing_waits(task):
    waits, at = [], timezone.now()
    for attempts in range(queue.MAIL_ATTEMPTS):
        failed = Job(id=1, queue="", lock=None, queueing_lock=None, task_name=task.name, attempts=attempts)
        decision = task.retry_strategy.get_retry_decision(exception=OSError("no server"), job=failed)
        waits.append((decision.retry_at - at).total_seconds() if decision else None)
    assert waits.pop() is None
    assert waits[0] < 10
    assert all(later > 2 * sooner for sooner, later in pairwise(waits))
    assert 5 * 3600 < sum(waits) < 7 * 3600


@pytest.mark.django_db
@pytest.mark.parametrize(("attempts", "status"), [(0, "todo"), (6, "todo"), (7, "failed")])
def test_mail_whose_worker_was_killed_is_sent_by_another(attempts, status):
    numbers = [
        queue.defer_comment_mail(mail_id=1, at=timezone.now()),
        queue.defer_grants_mail(grant_ids=[1, 2], seconds=0),
        queue.defer_grant_mail(grant_id=1),
    ]
    for number in numbers:
        leave_entry(number, status="doing", attempts=attempts)
    queue.take_back_lost_tasks(silence=10)
    entries = ProcrastinateJob.objects.filter(pk__in=numbers)
    assert [entry.status for entry in entries] == [status] * 3
