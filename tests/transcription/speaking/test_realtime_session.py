"""A client that reads nothing costs a bounded number of events."""

from __future__ import annotations

import asyncio

import pytest

from transcription import whisper_service
from transcription.realtime_protocol import Plain
from transcription.speaking.realtime import MOST_UNSENT, RealtimeSession


async def test_who_does_not_read_is_not_heard():
    async def never(_: object) -> None:
        await asyncio.Event().wait()

    place = whisper_service.claim_place()
    assert place is not None
    session = RealtimeSession(place=place, api_key=None, stored=None, send=never, end=never)
    session.start()
    followed = 0

    async def talk() -> None:
        nonlocal followed
        while followed < 10 * MOST_UNSENT:
            await session.follow(Plain("clear"))
            followed += 1

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(talk(), 2)
    assert followed <= MOST_UNSENT + 2
    taken = whisper_service.live_state().taken
    await session.close()
    assert whisper_service.live_state().taken == taken - 1
