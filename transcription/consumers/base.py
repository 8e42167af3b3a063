"""What the consumers share: a loop of their own, without what Channels does for consumers that use the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from transcription.protocol import Close

SEND_SECONDS = 15.0
"""Who does not take a message for so long is put out, and comes back to what is durable."""


class SocketConsumer(AsyncWebsocketConsumer):
    """Takes one message after the other, straight from the server.

    Channels' own loop also listens to the channel layer, with three tasks a message, and before each message closes
    stale database connections in the one thread that a process has for it. Here nobody listens to the layer, and the
    database is used in threads that look after their connections. With 200 speakers that was a quarter of the loop.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        self.channel_layer = None
        with suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: dict[str, Any]) -> None:
        await getattr(self, get_handler_name(message))(message)


class SpeakingConsumer(SocketConsumer):
    """For those who send sound: it answers one message at a time, and lets go of what it holds, however it ends."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._closing = False
        self._sending = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The server may cancel this at any moment, without ``disconnect``: a place and tasks must not stay behind."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.shield(self._let_go())

    async def _let_go(self) -> None:
        """More than once does no harm."""
        raise NotImplementedError

    async def _send(self, message: Mapping[str, Any]) -> None:
        if self._closing:
            return
        async with self._sending:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self.send(text_data=json.dumps(message))
            except TimeoutError:
                await self._close(Close.TOO_SLOW)

    async def _close(self, code: Close) -> None:
        if not self._closing:
            self._closing = True
            await self.close(int(code))
