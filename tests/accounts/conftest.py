from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts import mail, services
from accounts.models import User

PASSWORD = "correct horse battery"
BASE = "https://scripta.example"


@pytest.fixture
def user(db: None) -> User:
    return services.create_user(email="Ada@Example.org", password=PASSWORD, name="Ada")


@pytest.fixture
def administrator(db: None) -> User:
    return services.create_user(email="root@example.org", password=PASSWORD, name="Root", administrator=True)


@pytest.fixture
def as_user(user: User) -> Client:
    return signed_in(user)


@pytest.fixture
def as_administrator(administrator: User) -> Client:
    return signed_in(administrator)


@pytest.fixture(autouse=True)
def _mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that sends mails later is waited for, so that a test may look into the outbox."""
    later = mail.send_later
    monkeypatch.setattr(mail, "send_later", lambda **mail: later(**mail).result(timeout=10))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def link_in(text: str) -> str:
    """The path of the only link in a mail."""
    [path] = re.findall(r"https?://[^/\s]+(\S+)", text)
    return path


def at_once(action: Callable[[int], Any], times: int = 2) -> list[Any]:
    """Run ``action(0)``, ``action(1)``, … in threads that start together; their results, or the exceptions raised."""
    barrier = Barrier(times)

    def run(number: int) -> Any:
        try:
            barrier.wait(timeout=10)
            return action(number)
        except Exception as error:  # the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as executor:
        return list(executor.map(run, range(times)))
