"""What asks the endpoints in the process of the tests."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import AsyncClient

from accounts.services import keys
from transcription.speaking import threads


class Program(AsyncClient):
    """Sends its key with every request."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def generic(self, *args, headers=None, **options):
        return super().generic(*args, headers={"authorization": f"Bearer {self.key}"} | (headers or {}), **options)


@pytest.fixture
def key(owner) -> str:
    return keys.create_key(user=owner, name="program")[1]


@pytest.fixture
def program(key, monkeypatch, settings, tmp_path) -> AsyncClient:
    """A client with a key. The connection of its thread is closed after the test, or its database could not go."""
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(threads, "_answering", executor)
        yield Program(key)
        executor.submit(lambda: connection.close()).result()  # the thread's own
