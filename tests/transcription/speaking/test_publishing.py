"""What was read is sent in order, and nobody takes what is still on its way for sent."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import create_autospec
from uuid import uuid4

from transcription.services.live import Connection
from transcription.speaking.announcing import Announcer
from transcription.speaking.publishing import Publisher
from transcription.speech.events import SpeechEnded, SpeechStarted


async def test_what_was_told_is_not_sent_before_the_loop_has_taken_it():
    """``finish`` closes the recording once all is sent: what a thread has just told must be seen at once."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    connection = create_autospec(Connection, instance=True)
    publisher = Publisher(connection, Announcer(uuid4(), 1), send, lambda: None)
    running = asyncio.create_task(publisher.run())
    assert publisher.is_idle
    await asyncio.to_thread(publisher.tell, [SpeechStarted(1.0), SpeechEnded(2.0)])
    publisher.tell([SpeechStarted(3.0)])
    assert not publisher.is_idle
    for _ in range(10):
        await asyncio.sleep(0)
    assert publisher.is_idle
    assert sent == ["speech_started", "speech_ended", "speech_started"]
    running.cancel()
