"""One realtime session: what a client says is done in its order, what was read goes out in its own. Nothing is stored.

A client may send sound as fast as it likes. What is heard and not read is bounded by letting it wait: its messages are
not taken, so TCP holds it back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings as server
from django.db import DatabaseError

from accounts.models import ApiKey
from accounts.services import keys, usage
from transcription import realtime_protocol as protocol
from transcription import whisper_service
from transcription.protocol import Close
from transcription.realtime_protocol import Append, ClientEvent, InvalidEvent, Plain, Update
from transcription.realtime_settings import ALIASES, Offer, Settings, default_settings, update_settings
from transcription.speaking.realtime_reader import RealtimeReader
from transcription.speaking.threads import in_database, in_listening
from transcription.speech.audio import bytes_per_sample

log = structlog.get_logger(__name__)

MOST_BEHIND = 60.0
"""Seconds of speech that may wait to be read before more is taken."""
MOST_WAITING = 16
"""Commits that may wait to be read before more is taken."""
HEARD_AT_ONCE = 10.0
"""Seconds of sound after which is looked at how much waits."""
LONGEST_ITEM = 3600.0
"""Seconds that may wait for a client's commit."""
MOST_UNSENT = 256
"""Events that may wait for the client before it is heard again."""
LOOK_EVERY = 1.0

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
End = Callable[[Close], Awaitable[None]]


def current_offer() -> Offer:
    """The names by which clients may call this server's live model, and its languages."""
    own = whisper_service.model_title(server.LIVE_MODEL)
    return Offer(tuple(dict.fromkeys((own, *ALIASES))), whisper_service.live_languages())


class RealtimeSession:
    """Owns what one connection needs, the place too. ``send`` gives an event to the client; ``end`` closes it."""

    def __init__(
        self, *, place: whisper_service.Place, api_key: ApiKey | None, stored: object, send: Send, end: End
    ) -> None:
        """``stored``: the session object that a client's secret was made with, or None."""
        self._place, self._key, self._send, self._end = place, api_key, send, end
        self._id = protocol.new_id("sess")
        offer = current_offer()
        self._settings: Settings = default_settings(offer)
        if stored is not None:
            with suppress(InvalidEvent):  # the server was set up anew since
                self._settings = update_settings(self._settings, stored, offer)
        self._loop = asyncio.get_running_loop()
        self._unsent: list[protocol.Event] = []
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._sounded = self._loop.time()
        self._reader = RealtimeReader(self._id, self._settings, self._tell_from_thread)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tell([protocol.session_created(self._settings.as_session(self._id))])
        self._tasks = [asyncio.create_task(self._guarded(work)) for work in (self._publish(), self._look_after())]

    async def close(self) -> None:
        self._place.release()
        for task in self._tasks:
            task.cancel()
        await in_listening(self._reader.close)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("realtime session failed", session=self._id)
            await self._end_with(Close.FAILED, "server_error", "The server cannot go on just now.")

    # Said by the client -----------------------------------------------------------------------------------------------

    async def follow(self, event: ClientEvent) -> None:
        """Do what a client wants, when there is room for it. Raises InvalidEvent, SpeechError."""
        while len(self._unsent) > MOST_UNSENT:
            self._room.clear()
            await self._room.wait()
        match event:
            case Append(audio):
                await self._hear(audio)
            case Update(session):
                self._settings = update_settings(self._settings, session, current_offer())
                await in_listening(self._reader.change, self._settings)
                self._tell([protocol.session_updated(self._settings.as_session(self._id))])
            case Plain("commit"):
                await self._until_there_is_room()
                await in_listening(self._reader.commit)
            case Plain("clear"):
                await in_listening(self._reader.clear)
                self._tell([protocol.cleared()])

    async def _hear(self, audio: bytes) -> None:
        self._sounded = self._loop.time()
        rate = bytes_per_sample(self._settings.encoding) * self._settings.rate
        if self._reader.uncommitted + len(audio) / rate > LONGEST_ITEM:
            raise InvalidEvent("An hour of sound waits to be committed. Commit or clear it.", code="buffer_full")
        step = int(HEARD_AT_ONCE * rate)
        for begin in range(0, len(audio), step):
            await self._until_there_is_room()
            await in_listening(self._reader.hear, audio[begin : begin + step])

    async def _until_there_is_room(self) -> None:
        while self._reader.behind > MOST_BEHIND or self._reader.waiting > MOST_WAITING:
            await asyncio.sleep(0.05)
            self._sounded = self._loop.time()

    # Said to the client -----------------------------------------------------------------------------------------------

    def _tell_from_thread(self, events: list[protocol.Event]) -> None:
        self._loop.call_soon_threadsafe(self._tell, events)

    def _tell(self, events: list[protocol.Event]) -> None:
        self._unsent += events
        self._news.set()

    def refuse(self, error: protocol.Event) -> None:
        """Say what was wrong with an event, after what was said before it."""
        self._tell([error])

    async def _publish(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._unsent:
                event = self._unsent.pop(0)
                await self._send(event)
                if event["type"] == protocol.COMPLETED:
                    await self._note(event["usage"]["seconds"])
            self._room.set()

    async def _note(self, seconds: float) -> None:
        if self._key is None:
            return
        try:
            await in_database(usage.note_audio, key_id=keys.lasting_id(self._key), seconds=seconds)
        except DatabaseError:
            log.warning("usage not noted", session=self._id, seconds=seconds)

    # Now and then -----------------------------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """A place is not kept by who sends no sound, nor where nobody will ever read it."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            state = whisper_service.live_state()
            if state.name == "unavailable":
                await self._end_with(Close.FULL, "server_error", state.reason)
            elif self._loop.time() - self._sounded > server.LIVE_ABANDONED_MINUTES * 60:
                words = "No sound has come for a long time, so the session has ended."
                await self._end_with(Close.DONE, "session_expired", words)

    async def _end_with(self, close: Close, code: str, message: str) -> None:
        kind = "invalid_request_error" if close == Close.DONE else "server_error"
        await self._send(protocol.error(kind=kind, code=code, message=message))
        await self._end(close)
