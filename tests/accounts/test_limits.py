from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import ApiKey, User
from accounts.services import keys, limits

URL = "/api/v1/live/"
NOW = 1_200_000_000.0  # the beginning of a minute


@pytest.fixture(autouse=True)
def _empty_cache(services: None) -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.time, "time", lambda: NOW + 15)


@pytest.fixture
def key(user: User) -> tuple[ApiKey, str]:
    return keys.create_key(user=user, name="laptop")


def ask(secret: str) -> tuple[int, dict[str, str]]:
    answer = Client().get(URL, headers={"Authorization": f"Bearer {secret}"})
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")
    return answer.status_code, {name: answer[name] for name in names if name in answer}


def test_answers_tell_what_is_left_and_then_refuse(key, settings) -> None:
    settings.API_KEY_RATE = 2
    limit = {"X-RateLimit-Limit": "2", "X-RateLimit-Reset": "45"}
    assert ask(key[1]) == (200, limit | {"X-RateLimit-Remaining": "1"})
    assert ask(key[1]) == (200, limit | {"X-RateLimit-Remaining": "0"})
    assert ask(key[1]) == (429, limit | {"X-RateLimit-Remaining": "0", "Retry-After": "45"})


def test_refusal_is_a_problem_with_a_code(key, settings) -> None:
    settings.API_KEY_RATE = 1
    ask(key[1])
    answer = Client().get(URL, headers={"Authorization": f"Bearer {key[1]}"})
    assert (answer.json()["code"], answer["Content-Type"]) == ("throttled", "application/problem+json")


def test_next_minute_begins_anew(key, settings, monkeypatch) -> None:
    settings.API_KEY_RATE = 1
    assert [ask(key[1])[0], ask(key[1])[0]] == [200, 429]
    monkeypatch.setattr(limits.time, "time", lambda: NOW + 60)
    assert ask(key[1])[0] == 200


def test_person_has_one_limit_for_all_keys_and_pages(user, key, settings) -> None:
    settings.API_USER_RATE = 2
    _, other = keys.create_key(user=user, name="phone")
    client = Client()
    client.force_login(user)
    statuses = [ask(key[1])[0], client.get(URL).status_code, ask(other)[0]]
    assert statuses == [200, 200, 429]


def test_without_limits_nothing_is_told(key, settings) -> None:
    settings.API_KEY_RATE = settings.API_USER_RATE = 0
    assert ask(key[1]) == (200, {})


def test_cache_that_is_away_refuses_nobody(key, settings, monkeypatch) -> None:
    settings.API_KEY_RATE = 1
    monkeypatch.setattr(cache, "add", lambda *args: (_ for _ in ()).throw(ConnectionError("away")))
    assert [ask(key[1])[0] for _ in range(3)] == [200, 200, 200]
