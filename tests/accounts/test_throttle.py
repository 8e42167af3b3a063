from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.errors import TooManyAttempts
from accounts.models import Attempt
from accounts.services import Limit, count_attempt, refuse_if_exhausted
from tests.accounts.conftest import at_once

LIMIT = Limit("test", 3, timedelta(minutes=10))


def test_limit_used_up_says_until_when(db: None) -> None:
    for _ in range(3):
        count_attempt(limit=LIMIT, key="a")
    Attempt.objects.update(at=F("at") - timedelta(minutes=4))
    with pytest.raises(TooManyAttempts) as caught:
        count_attempt(limit=LIMIT, key="a")
    assert abs(caught.value.until - timezone.now() - timedelta(minutes=6)) < timedelta(seconds=30)
    assert Attempt.objects.count() == 3


def test_limit_counts_each_key_and_kind_alone_in_any_case(db: None) -> None:
    for key in ("A@b.org", "a@B.org", "a@b.org"):
        count_attempt(limit=LIMIT, key=key)
    count_attempt(limit=LIMIT, key="c@b.org")
    count_attempt(limit=Limit("other", 3, LIMIT.window), key="a@b.org")
    with pytest.raises(TooManyAttempts):
        refuse_if_exhausted(limit=LIMIT, key="a@b.org")


def test_limit_is_free_again_after_the_window(db: None) -> None:
    for _ in range(3):
        count_attempt(limit=LIMIT, key="a")
    Attempt.objects.update(at=F("at") - LIMIT.window)
    count_attempt(limit=LIMIT, key="a")


def test_old_rows_are_deleted_and_keys_are_not_kept_in_clear(db: None) -> None:
    count_attempt(limit=LIMIT, key="grace@example.org")
    Attempt.objects.update(at=F("at") - timedelta(days=2))
    count_attempt(limit=LIMIT, key="grace@example.org")
    [row] = Attempt.objects.all()
    assert len(row.key_hash) == 64
    assert "grace" not in row.key_hash


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_processes_that_count_at_once() -> None:
    results = at_once(lambda number: count_attempt(limit=LIMIT, key="a"), 6)
    assert sorted(type(result).__name__ for result in results) == ["NoneType"] * 3 + ["TooManyAttempts"] * 3
    assert Attempt.objects.count() == 3
