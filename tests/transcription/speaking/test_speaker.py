"""What a connection does when its captions cannot keep up."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection as database

from tests.factories import make_live
from transcription import whisper_service
from transcription.models import Live
from transcription.services import live
from transcription.speaking import threads
from transcription.speaking.captioner import Captioner
from transcription.speaking.speaker import MOST_BEHIND, Speaker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own_threads(monkeypatch):
    """Their connections are closed after the test, or its database could not be dropped."""
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(threads, "_database", executor)
        yield
        executor.submit(lambda: database.close()).result()  # the thread's own


async def test_captions_that_cannot_keep_up_are_given_up(owner, own_threads, monkeypatch):
    spoken = await sync_to_async(make_live)(owner)
    connection = await sync_to_async(live.connect)(live_id=spoken.pk, user=owner)
    sent: list[dict[str, Any]] = []
    given_up, ended = asyncio.Event(), asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)
        if message.get("code") == "captions_later":
            given_up.set()

    async def end(code: int) -> None:
        ended.set()

    place = whisper_service.claim_place()
    taken = whisper_service.live_state().taken
    speaker = Speaker(connection, place=place, send=send, end=end)
    await speaker.start()
    monkeypatch.setattr(Captioner, "behind", property(lambda self: MOST_BEHIND + 1))
    await asyncio.wait_for(given_up.wait(), 10)
    assert whisper_service.live_state().taken == taken - 1
    state = await Live.objects.select_related("transcript", "recording").aget(pk=spoken.pk)
    assert (state.captions, state.recording.state, ended.is_set()) == ("later", "live", False)
    await speaker.finish(None)
    await asyncio.wait_for(ended.wait(), 10)
    await speaker.close()
    state = await Live.objects.select_related("transcript", "recording").aget(pk=spoken.pk)
    assert (state.recording.state, state.transcript.is_complete) == ("closing", False)
    assert sent[-1]["type"] == "finished"
