"""Programs and people that ask the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Scope, User
from accounts.services import keys

JSON = "application/json"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"


def program(user: User, *scopes: str) -> Client:
    """Signs in with a key that may do what is named, else all that needs no administrator."""
    _, key = keys.create_key(user=user, name="program", scopes=scopes or [Scope.READ, Scope.WRITE, Scope.LIVE])
    return Client(headers={"Authorization": f"Bearer {key}"}, enforce_csrf_checks=True)


@pytest.fixture
def client(owner: User) -> Client:
    """A program of the owner's, with a key."""
    return program(owner)


def problem(response: HttpResponse) -> tuple[int, str]:
    """Status and code of problem details, which are whole."""
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "detail", "code"} == set(body) - {"errors"}
    return response.status_code, body["code"]


def queries(client: Client, address: str) -> int:
    """How many one request makes; not the first of a key, which notes that the key is used."""
    client.get(address)
    with CaptureQueriesContext(connection) as made:
        assert client.get(address).status_code == 200
    return len(made)
