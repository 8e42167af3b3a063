"""Sessions of realtime transcription that the server ends, in this process, where time can be set."""

from __future__ import annotations

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections
from django.test import override_settings

from accounts.services import keys
from config.asgi import application
from transcription.consumers import realtime

pytestmark = pytest.mark.django_db(transaction=True)


async def opened(key: str) -> WebsocketCommunicator:
    headers = [(b"host", b"localhost:8000"), (b"authorization", f"Bearer {key}".encode())]
    program = WebsocketCommunicator(application, "/v1/realtime?intent=transcription", headers=headers)
    assert await program.connect() == (True, None)
    assert json.loads(await program.receive_from(timeout=5))["type"] == "session.created"
    return program


async def let_go(program: WebsocketCommunicator) -> None:
    """Channels' communicator keeps connections to the database from being closed, in the loop's only thread."""
    await program.disconnect()
    await asyncio.get_running_loop().run_in_executor(None, connections.close_all)


async def test_a_revoked_key_ends_its_session(key, monkeypatch):
    monkeypatch.setattr(realtime, "RECHECK_EVERY", 0.05)
    program = await opened(key)
    await sync_to_async(lambda: keys.revoke(row=keys.authenticate(key=key)))()
    assert json.loads(await program.receive_from(timeout=5))["error"]["code"] == "invalid_api_key"
    assert (await program.receive_output(timeout=5))["code"] == 4401
    await let_go(program)


@override_settings(LIVE_ABANDONED_MINUTES=0.0)
async def test_who_sends_no_sound_keeps_no_place(key):
    program = await opened(key)
    assert json.loads(await program.receive_from(timeout=5))["error"]["code"] == "session_expired"
    assert (await program.receive_output(timeout=5))["code"] == 1000
    await let_go(program)
