"""One connected speaker: what arrives is stored, then acknowledged; it is heard; what was read is kept, then sent.

Three tasks on the event loop, none of which does any work there: storing, hearing, publishing. When one fails, the
connection ends with words and a code, and the speaker comes back to what is durable.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog
from django.utils import timezone

from transcription import protocol, whisper_service
from transcription.enums import CONTAINERS, Captions
from transcription.errors import ScriptaError, StaleEpoch
from transcription.protocol import Close, Frame, ProtocolError
from transcription.services import live
from transcription.services.chunks import AppendResult, PendingChunk
from transcription.services.live import Connection
from transcription.speaking.announcing import Announcer
from transcription.speaking.captioner import Captioner, newest_only
from transcription.speaking.inflow import Gap, Inflow
from transcription.speaking.threads import in_database, in_listening, persistently
from transcription.speaking.writer import Order, writer
from transcription.speech.errors import SpeechError
from transcription.speech.events import Event, Partial, SpeechEnded, SpeechStarted
from transcription.speech.types import Checkpoint

log = structlog.get_logger(__name__)

STORE_EVERY = 0.5
"""Seconds of waiting before what arrived is stored: short enough for one acknowledgement a second."""
PATIENCE = 20.0
"""Seconds without storage or database after which the speaker is sent to another process."""
LOOK_EVERY = 5.0
LAG = 2.0
"""Seconds behind at which the speaker is told."""
FINISH_SECONDS = 30.0
"""What is not read so long after the end is left to a job."""
SEEN_EVERY = 45.0
DECODER_SECONDS = 0.2
"""A decoder of containers is asked so often for what it has made, or why it has failed."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Speaker:
    """Owns what one connection needs. ``send`` gives a message to the client; ``end`` closes it with a code."""

    def __init__(self, connection: Connection, *, send: Send, end: Callable[[Close], Awaitable[None]]) -> None:
        self._connection, self._send, self._end = connection, send, end
        spoken_for = 0.0
        if connection.first_audio_at:
            spoken_for = (timezone.now() - connection.first_audio_at).total_seconds()
        self._inflow = Inflow(connection, now=time.monotonic(), spoken_for=spoken_for)
        self._captioner: Captioner | None = None
        self._place: whisper_service.Place | None = None
        self._loop = asyncio.get_running_loop()
        self._unheard: list[bytes] = []
        self._events: list[Event] = []
        self._sound, self._news, self._new_sound = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._stored, self._progress = asyncio.Event(), asyncio.Event()
        self._publishing = False
        self._hearing = True
        self._open = True
        self._lagging = False
        self._shown: Partial | None = None
        self._announcer = Announcer(connection.live_id, connection.epoch)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, *, place: whisper_service.Place | None) -> None:
        """Begin to take sound; with a place, also to read it."""
        self._place = place
        self._run(self._store())
        self._run(self._look_after())
        self._run(self._announcer.run())
        if place is not None:
            self._captioner = Captioner(self._connection, self._tell)
            self._run(self._hear())
            self._run(self._publish())

    async def close(self) -> None:
        """Let go of everything. What was not stored yet is stored if that is quick."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        if self._captioner is not None:
            await in_listening(self._captioner.close)
        if self._place is not None:
            self._place.release()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StaleEpoch:
            await self._on_stale()
        except SpeechError as error:
            await self._fail(error.code, error.message, Close.BAD_MESSAGE)
        except ScriptaError as error:
            await self._give_up(error)
        except Exception:
            log.exception("speaker failed", live=str(self._connection.live_id))
            await self._fail("unavailable", "The server cannot go on just now.", Close.RESTARTING, retry=True)

    # Said by the client -----------------------------------------------------------------------------------------------

    async def accept(self, frame: Frame) -> None:
        """Take sound. Raises ProtocolError."""
        try:
            new = self._inflow.accept(frame, time.monotonic())
        except Gap:
            words = "Sound is missing before this position."
            gap = protocol.error(code="gap", message=words, retry=True, received=self._inflow.end)
            await self._send(gap)
            return
        if new and self._captioner is not None:
            self._unheard.append(new)
            self._new_sound.set()
        self._sound.set()

    async def configure(self, language: str) -> None:
        if self._captioner is not None:
            await in_listening(self._captioner.configure, language)
        await in_database(live.set_language, connection=self._connection, language=language)

    async def pause(self) -> None:
        if self._captioner is not None:
            await in_listening(self._captioner.pause)
        await persistently(live.set_paused, seconds=PATIENCE, connection=self._connection, paused=True)

    async def resume(self) -> None:
        await persistently(live.set_paused, seconds=PATIENCE, connection=self._connection, paused=False)

    async def finish(self, received: int | None) -> None:
        """No more sound comes. Raises ProtocolError when some is missing."""
        if received is not None and received > self._inflow.end:
            words = "Some of the sound has not arrived yet."
            await self._send(protocol.error(code="gap", message=words, retry=True, received=self._inflow.end))
            return
        self._run(self._finish())

    async def flush(self) -> None:
        """Wait until all that was accepted is durable and acknowledged."""
        self._sound.set()
        while self._inflow.received < self._inflow.end:
            self._stored.clear()
            await self._stored.wait()

    # Storing ----------------------------------------------------------------------------------------------------------

    async def _store(self) -> None:
        while True:
            await self._sound.wait()
            self._sound.clear()
            if self._inflow.is_empty:
                continue
            position, data = self._inflow.take()
            result = await self._write(PendingChunk(self._connection, position, data))
            if result.received is not None:
                self._inflow.received = result.received
                await self._send(protocol.ack(result.received))
                self._stored.set()
            if result.error is not None:
                raise result.error
            await asyncio.sleep(STORE_EVERY if self._open else 0)

    async def _write(self, chunk: PendingChunk) -> AppendResult:
        done: asyncio.Future[AppendResult] = self._loop.create_future()

        def deliver(result: AppendResult) -> None:
            self._loop.call_soon_threadsafe(_resolve, done, result)

        writer.submit(Order(chunk, deliver, lambda: self._open))
        return await asyncio.wait_for(done, PATIENCE)

    # Hearing ----------------------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        assert self._captioner is not None
        self._hearing = True
        await in_listening(self._captioner.catch_up)
        while True:
            self._hearing = False
            self._progress.set()
            await self._wait_for_sound()
            self._new_sound.clear()
            data, self._unheard = b"".join(self._unheard), []
            self._hearing = True
            await in_listening(self._captioner.hear, data)

    async def _wait_for_sound(self) -> None:
        """For a container no longer than its decoder may need, which works in its own time."""
        if self._connection.encoding not in CONTAINERS:
            await self._new_sound.wait()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._new_sound.wait(), DECODER_SECONDS)

    def _tell(self, events: list[Event]) -> None:
        """Called from other threads."""
        if events:
            self._loop.call_soon_threadsafe(self._collect, events)

    def _collect(self, events: list[Event]) -> None:
        self._events += events
        self._news.set()

    # Publishing -------------------------------------------------------------------------------------------------------

    async def _publish(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            self._publishing = True
            events, self._events = self._events, []
            for event in newest_only(events, lambda each: isinstance(each, Partial)):
                await self._publish_one(event)
            self._publishing = False
            self._progress.set()

    async def _publish_one(self, event: Event) -> None:
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
        if not checkpoint.segments and self._shown is not None and self._shown.unstable:
            # What was shown turned out not to be speech: it must not stay on the screen.
            nothing = Partial(self._shown.index, self._shown.start, "", "")
            await self._send(_partial(nothing))
            self._announcer.show(nothing)
        self._shown = None
        self._announcer.hint()

    # The end ----------------------------------------------------------------------------------------------------------

    async def _finish(self) -> None:
        """Store and read what is left, and say so. What takes too long is left to a job."""
        await self.flush()
        complete = self._captioner is not None and await self._read_all()
        await persistently(live.begin_closing, seconds=PATIENCE, connection=self._connection, complete=complete)
        await self._say_finished()

    async def _read_all(self) -> bool:
        """Whether all could be read in time."""
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await self._until(lambda: not self._unheard and not self._hearing)
                await in_listening(self._captioner.finish)  # type: ignore[union-attr]  # the caller looked
                await self._until(self._is_all_said)
        except TimeoutError:
            return False
        return True

    def _is_all_said(self) -> bool:
        return self._captioner is not None and self._captioner.is_done and not self._events and not self._publishing

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that changes with progress in hearing or publishing."""
        while not condition():
            self._progress.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._progress.wait(), 0.05)

    async def _say_finished(self) -> None:
        recording, transcript = self._connection.live_id, self._connection.transcript_id
        await self._send(protocol.finished(recording=recording, transcript=transcript))
        await self._end(Close.DONE)

    async def _give_up(self, error: ScriptaError) -> None:
        """No more sound can be taken. What came is kept and made a recording."""
        await self._send(protocol.error(code=error.code, message=error.message, retry=False))
        await persistently(live.begin_closing, seconds=PATIENCE, connection=self._connection, complete=False)
        await self._say_finished()

    async def _on_stale(self) -> None:
        """Another connection has taken over, or it was ended from elsewhere."""
        state = await persistently(live.current_state, seconds=PATIENCE, live_id=self._connection.live_id)
        if state is None or state.trashed:
            await self._fail("not_found", "This recording has been deleted.", Close.NOT_FOUND)
        elif state.state != "live":
            await self._say_finished()
        else:
            await self._fail(StaleEpoch.code, StaleEpoch.message, Close.TAKEN_OVER)

    async def _fail(self, code: str, message: str, close: Close, *, retry: bool = False) -> None:
        await self._send(protocol.error(code=code, message=message, retry=retry))
        await self._end(close)

    # Now and then -----------------------------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """Tell of lags; find out that another took over; say that the speaker is there in silence."""
        looked = seen = self._loop.time()
        while True:
            await asyncio.sleep(1.0)
            await self._tell_lag()
            now = self._loop.time()
            if now - looked > LOOK_EVERY:
                looked = now
                state = await persistently(live.current_state, seconds=PATIENCE, live_id=self._connection.live_id)
                if state is None or state.trashed or (state.state, state.epoch) != ("live", self._connection.epoch):
                    raise StaleEpoch
            if now - seen > SEEN_EVERY:
                seen = now
                await persistently(live.seen, seconds=PATIENCE, connection=self._connection)

    async def _tell_lag(self) -> None:
        if self._captioner is None:
            return
        behind = self._captioner.behind + sum(map(len, self._unheard)) / self._inflow.width / self._inflow.rate
        if behind > LAG or self._lagging:
            self._lagging = behind > LAG
            await self._send(protocol.lag(behind if self._lagging else 0.0))

    @property
    def captions(self) -> str:
        return Captions.LATER if self._captioner is None else Captions.LIVE


def _resolve(done: asyncio.Future[AppendResult], result: AppendResult) -> None:
    if not done.done():  # nobody waits for it any more
        done.set_result(result)


def _partial(event: Partial) -> protocol.Partial:
    return protocol.partial(index=event.index, start=event.start, stable=event.stable, unstable=event.unstable)


__all__ = ["ProtocolError", "Speaker"]
