from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiKey, KeyUsage, User
from accounts.services import keys, usage
from accounts.services.usage import Usage
from tests.accounts.conftest import at_once


@pytest.fixture
def key(user: User) -> tuple[ApiKey, str]:
    return keys.create_key(user=user, name="laptop")


def test_each_use_of_a_key_is_counted_on_its_day(key: tuple[ApiKey, str]) -> None:
    for _ in range(3):
        keys.authenticate(key=key[1])
    usage.note_audio(key_id=key[0].pk, seconds=1.5)
    row = KeyUsage.objects.get()
    assert (row.key, row.day, row.requests, row.audio_seconds) == (key[0], timezone.localdate(), 3, 1.5)


def test_wrong_key_counts_for_nobody(key: tuple[ApiKey, str]) -> None:
    keys.authenticate(key=key[1] + "x")
    assert KeyUsage.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_uses_at_the_same_moment_are_all_counted(user: User) -> None:
    row, _ = keys.create_key(user=user, name="laptop")
    at_once(lambda _: usage.note_request(key_id=row.pk), 8)
    assert KeyUsage.objects.get().requests == 8


def test_recent_usage_adds_the_last_days_in_one_query(key: tuple[ApiKey, str], django_assert_num_queries) -> None:
    today = timezone.localdate()
    for age, requests in ((0, 1), (29, 2), (30, 4)):
        KeyUsage.objects.create(key=key[0], day=today - timedelta(days=age), requests=requests, audio_seconds=10)
    with django_assert_num_queries(1):
        assert usage.recent_usage(key_ids=[key[0].pk]) == {key[0].pk: Usage(3, 20)}
