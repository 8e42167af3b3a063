"""What was read of a speaker: final text is kept, then sent; partial text is sent as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from transcription import protocol
from transcription.services import live
from transcription.services.live import Connection
from transcription.speaking.announcing import Announcer
from transcription.speaking.captioner import newest_only
from transcription.speaking.storing import Send
from transcription.speaking.threads import PATIENCE, persistently
from transcription.speech.events import Event, Partial, SpeechEnded, SpeechStarted
from transcription.speech.types import Checkpoint


class Publisher:
    """Belongs to an event loop; ``run`` is a task that its owner ends. ``progressed`` is called when all was sent."""

    def __init__(
        self, connection: Connection, announcer: Announcer, send: Send, progressed: Callable[[], None]
    ) -> None:
        self._connection, self._announcer, self._send = connection, announcer, send
        self._progressed = progressed
        self._loop = asyncio.get_running_loop()
        self._events: list[Event] = []
        self._told = self._sent = 0
        self._news = asyncio.Event()
        self._shown: Partial | None = None

    @property
    def is_idle(self) -> bool:
        """All that was told has been kept and sent, also what the event loop has not taken yet."""
        return self._sent == self._told

    def tell(self, events: list[Event]) -> None:
        """Called from other threads, from one at a time."""
        if events:
            self._told += len(events)
            self._loop.call_soon_threadsafe(self._collect, events)

    def _collect(self, events: list[Event]) -> None:
        self._events += events
        self._news.set()

    async def run(self) -> None:
        """Raises StaleEpoch."""
        while True:
            await self._news.wait()
            self._news.clear()
            events, self._events = self._events, []
            for event in newest_only(events, lambda each: isinstance(each, Partial)):
                await self._publish(event)
            self._sent += len(events)
            self._progressed()

    async def clear(self) -> None:
        """Take away what was shown and will not become final."""
        if self._shown is not None and self._shown.unstable:
            nothing = Partial(self._shown.index, self._shown.start, "", "")
            await self._send(_partial(nothing))
            self._announcer.show(nothing)
        self._shown = None

    async def _publish(self, event: Event) -> None:
        match event:
            case Checkpoint():
                await self._publish_final(event)
            case Partial():
                self._shown = event
                await self._send(_partial(event))
                self._announcer.show(event)
            case SpeechStarted():
                await self._send(protocol.speech("speech_started", event.at))
            case SpeechEnded():
                await self._send(protocol.speech("speech_ended", event.at))

    async def _publish_final(self, checkpoint: Checkpoint) -> None:
        await persistently(live.save_final, seconds=PATIENCE, connection=self._connection, checkpoint=checkpoint)
        for segment in checkpoint.segments:
            await self._send(protocol.final(segment))
        if not checkpoint.segments:
            await self.clear()  # it turned out not to be speech
        self._shown = None
        self._announcer.hint()


def _partial(event: Partial) -> protocol.Partial:
    return protocol.partial(index=event.index, start=event.start, stable=event.stable, unstable=event.unstable)
