"""Who may ask what: each address of ``/v1``, with each kind of key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from accounts.models import Scope, User
from accounts.services import keys
from tests.factories import make_user
from tests.transcription.openai.conftest import Program
from transcription.openai.urls import urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = ("none", "read", "write", "live", "admin", "expired", "revoked")
"""The order of the answers below. An administrator's key opens nothing here that it has no scope for."""
READS = (401, 200, 403, 403, 403, 401, 401)
WRITES = (401, 403, 400, 403, 403, 401, 401)
"""400: let in, and then told that an empty form holds no recording."""
SPEAKS = (401, 403, 403, 400, 403, 401, 401)
"""400: let in, and then told that this is not JSON."""
CASES = {
    "openai-transcriptions": ("POST", (), WRITES),
    "openai-translations": ("POST", (), WRITES),
    "openai-models": ("GET", (), READS),
    "openai-model": ("GET", ("whisper-1",), READS),
    "client-secrets": ("POST", (), SPEAKS),
}


@pytest.fixture
def administrator() -> User:
    return make_user(admin=True)


def test_every_address_has_a_case() -> None:
    assert {pattern.name for pattern in urlpatterns if pattern.name} == set(CASES)


@pytest.mark.parametrize("name", CASES)
async def test_only_keys_with_the_scope_are_let_in(program: Program, administrator: User, name: str) -> None:
    method, arguments, expected = CASES[name]
    address = reverse(name, args=arguments)
    answers = [await _ask(await sync_to_async(_client)(administrator, kind), method, address) for kind in KEYS]
    assert dict(zip(KEYS, answers, strict=True)) == dict(zip(KEYS, expected, strict=True))


async def _ask(client: AsyncClient, method: str, address: str) -> int:
    body = {} if method == "GET" else {"data": "{", "content_type": "application/json"}
    if "audio" in address:
        body = {"data": {}}
    response = await getattr(client, method.lower())(address, **body)
    assert response["Content-Type"] == "application/json"
    assert response.status_code < 400 or set(response.json()) == {"error"}
    return response.status_code


def _client(user: User, kind: str) -> AsyncClient:
    if kind == "none":
        return AsyncClient()
    scopes = [Scope(kind)] if kind in Scope else list(Scope)
    row, key = keys.create_key(user=user, name=kind, scopes=scopes)
    if kind == "expired":
        row.expires_at = timezone.now() - timedelta(seconds=1)
        row.save(update_fields=["expires_at"])
    if kind == "revoked":
        keys.revoke(row=row)
    return Program(key)
