"""What the consumers share: a loop of their own, without what Channels does for consumers that use the database."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer


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
