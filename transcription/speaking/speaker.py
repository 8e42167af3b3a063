"""One connected speaker: what arrives is stored, then acknowledged; it is heard; what was read is kept, then sent.

Its tasks on the event loop do no work there: they store, hear, publish, announce and look after the rest. When
one fails, the connection ends with words and a code, and the speaker comes back to what is durable.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from transcription import protocol, whisper_service
from transcription.enums import CONTAINERS, Captions
from transcription.errors import ScriptaError, StaleEpoch
from transcription.protocol import Close, Frame
from transcription.services import live
from transcription.services.live import Connection
from transcription.speaking.announcing import Announcer
from transcription.speaking.captioner import Captioner
from transcription.speaking.inflow import Gap, Inflow
from transcription.speaking.publishing import Publisher
from transcription.speaking.storing import Recorder, Send
from transcription.speaking.threads import PATIENCE, in_database, in_listening, persistently
from transcription.speech.errors import DecoderFailed, SpeechError

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
LAG = 2.0
"""Seconds behind at which the speaker is told."""
MOST_BEHIND = 60.0
"""Seconds behind at which captions are given up: what is not read is kept in memory until it is."""
FINISH_SECONDS = 30.0
"""What is not read so long after the end is left to a job."""
PAUSE_SECONDS = 2.0
"""A pause waits so long for what was said before it to be heard."""
SEEN_EVERY = 45.0
REST_A_SPEAKER = 0.003
"""Seconds between two times that a speaker is heard, for each who speaks: many are heard less often, more at once."""
DECODER_SECONDS = 0.2
"""A decoder of containers is asked so often for what it has made, or why it has failed."""


_speaking: dict[UUID, Speaker] = {}
"""Who speaks in this process. Used from its event loop."""


async def make_way(live_id: UUID) -> None:
    """Let whoever has taken over this recording find the place of the speaker before: it would be told that none is
    free, because of itself."""
    if (before := _speaking.pop(live_id, None)) is not None:
        await before.make_way()


class Speaker:
    """Owns what one connection needs, the place too. ``send`` gives a message to the client; ``end`` closes it with a
    code."""

    def __init__(
        self,
        connection: Connection,
        *,
        place: whisper_service.Place | None,
        send: Send,
        end: Callable[[Close], Awaitable[None]],
    ) -> None:
        self._connection, self._place, self._send, self._end = connection, place, send, end
        age = (timezone.now() - connection.created_at).total_seconds()
        self._inflow = Inflow(connection, now=time.monotonic(), age=age)
        self._recorder = Recorder(connection, self._inflow, send)
        self._announcer = Announcer(connection.live_id, connection.epoch)
        self._publisher = Publisher(connection, self._announcer, send, self._has_progressed)
        self._captioner: Captioner | None = None
        self._loop = asyncio.get_running_loop()
        self._unheard: list[bytes] = []
        self._new_sound, self._progress = asyncio.Event(), asyncio.Event()
        self._hearing = True
        self._lagging = False
        self._finishing = False
        self._paused = connection.paused
        self._tasks: set[asyncio.Task[None]] = set()
        self._captioning: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to take sound; with a place, also to read it. Raises SpeechError for what cannot be decoded or read."""
        _speaking[self._connection.live_id] = self
        if self._place is not None:
            self._captioner = Captioner(self._connection, self._publisher.tell)
            self._captioning = [self._run(self._hear(self._captioner)), self._run(self._publisher.run())]
        for work in (self._recorder.run(), self._look_after(), self._announcer.run()):
            self._run(work)

    async def close(self) -> None:
        """Let go of everything at once; ``flush`` before it makes safe what has arrived."""
        if _speaking.get(self._connection.live_id) is self:
            del _speaking[self._connection.live_id]
        self._recorder.close()
        for task in self._tasks:
            task.cancel()
        await self._release()

    async def make_way(self) -> None:
        """Somebody has taken over: the place is free at once, though this client may not be reached any more."""
        await self._release()
        self._run(self._on_stale())

    async def _release(self) -> None:
        """Stop reading."""
        captioner, self._captioner = self._captioner, None
        if self._place is not None:
            self._place.release()
        if captioner is not None:
            await in_listening(captioner.close)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StaleEpoch:
            await self._on_stale()
        except DecoderFailed:  # what came is stored as it is: a job tries again
            log.exception("decoder failed", live=str(self._connection.live_id))
            await self._give_up_captions()
        except SpeechError as error:
            await self._fail(error.code, error.message, Close.BAD_MESSAGE)
        except ScriptaError as error:
            await self._give_up(error)
        except Exception:
            log.exception("speaker failed", live=str(self._connection.live_id))
            await self._fail("unavailable", gettext("The server cannot go on just now."), Close.RESTARTING, retry=True)

    # Said by the client -----------------------------------------------------------------------------------------------

    async def accept(self, frame: Frame) -> None:
        """Take sound, until the end was told. Raises ProtocolError."""
        if self._finishing:
            return
        try:
            new = self._inflow.accept(frame, time.monotonic())
        except Gap:
            words = gettext_noop("Sound is missing before this position.")
            gap = protocol.error(code="gap", message=words, retry=True, received=self._inflow.end)
            await self._send(gap)
            return
        if new and self._captioner is not None:
            self._unheard.append(new)
            self._new_sound.set()
        self._recorder.wake()

    async def configure(self, language: str) -> None:
        """Raises UnsupportedLanguage, BadRequest."""
        if self._captioner is not None:
            await in_listening(self._captioner.configure, language)
        await in_database(live.set_language, connection=self._connection, language=language)

    async def pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._until(self._is_all_heard)
        if self._captioner is not None:
            await in_listening(self._captioner.pause)
        await self._set_paused(True)

    async def resume(self) -> None:
        await self._set_paused(False)

    async def _set_paused(self, paused: bool) -> None:
        await persistently(live.set_paused, seconds=PATIENCE, connection=self._connection, paused=paused)
        self._paused = paused

    async def finish(self, received: int | None) -> None:
        """No more sound comes. Raises ProtocolError when some is missing."""
        if received is not None and received > self._inflow.end:
            words = gettext_noop("Some of the sound has not arrived yet.")
            await self._send(protocol.error(code="gap", message=words, retry=True, received=self._inflow.end))
            return
        if not self._finishing:
            self._finishing = True
            self._run(self._finish())

    async def flush(self) -> None:
        """Wait until all that was accepted is durable and acknowledged."""
        await self._recorder.flush()

    # Hearing ----------------------------------------------------------------------------------------------------------

    async def _hear(self, captioner: Captioner) -> None:
        self._hearing = True
        await in_listening(captioner.catch_up)
        while True:
            self._hearing = False
            self._has_progressed()
            await self._wait_for_sound()
            self._new_sound.clear()
            data, self._unheard = b"".join(self._unheard), []
            self._hearing = True
            await in_listening(captioner.hear, data)
            await asyncio.sleep(REST_A_SPEAKER * len(_speaking))

    async def _wait_for_sound(self) -> None:
        """For a container no longer than its decoder may need, which works in its own time."""
        if self._connection.encoding not in CONTAINERS:
            await self._new_sound.wait()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._new_sound.wait(), DECODER_SECONDS)

    def _is_all_heard(self) -> bool:
        return self._captioner is None or not (self._unheard or self._hearing)

    # The end ----------------------------------------------------------------------------------------------------------

    async def _finish(self) -> None:
        """Store and read what is left, and say so. What takes too long is left to a job."""
        await self.flush()
        captioner = self._captioner
        complete = captioner is not None and await self._read_all(captioner)
        await persistently(live.begin_closing, seconds=PATIENCE, connection=self._connection, complete=complete)
        await self._say_finished()

    async def _read_all(self, captioner: Captioner) -> bool:
        """Whether all could be read in time."""
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await self._until(self._is_all_heard)
                await in_listening(captioner.finish)
                await self._until(lambda: captioner.is_done and self._publisher.is_idle)
        except TimeoutError:
            return False
        except SpeechError as error:  # nothing that can be decoded: the job says so in the library
            log.warning("not read to the end", live=str(self._connection.live_id), code=error.code)
            return False
        return self._captioner is captioner

    def _has_progressed(self) -> None:
        self._progress.set()

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
            await self._fail("not_found", gettext("This recording has been deleted."), Close.NOT_FOUND)
        elif state.state != "live":
            await self._say_finished()
        else:
            await self._fail(StaleEpoch.code, str(StaleEpoch.message), Close.TAKEN_OVER)

    async def _fail(self, code: str, message: str, close: Close, *, retry: bool = False) -> None:
        await self._send(protocol.error(code=code, message=message, retry=retry))
        await self._end(close)

    # Now and then -----------------------------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """Tell of lags; find out that another took over; say that the speaker is there in a pause. Who sends nothing
        without one counts as gone."""
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
            if self._paused and now - seen > SEEN_EVERY:
                seen = now
                await persistently(live.seen, seconds=PATIENCE, connection=self._connection)

    async def _tell_lag(self) -> None:
        if self._captioner is None:
            return
        behind = self._captioner.behind + sum(map(len, self._unheard)) / self._inflow.width / self._inflow.rate
        if behind > MOST_BEHIND:
            await self._give_up_captions()
        elif behind > LAG or self._lagging:
            self._lagging = behind > LAG
            await self._send(protocol.lag(behind if self._lagging else 0.0))

    async def _give_up_captions(self) -> None:
        """The recording goes on; a job reads what was not read."""
        if self._captioner is None:
            return
        log.warning("captions given up", live=str(self._connection.live_id))
        for task in self._captioning:
            if task is not asyncio.current_task():
                task.cancel()
        self._unheard = []
        await self._release()
        await self._publisher.clear()
        await persistently(live.set_captions, seconds=PATIENCE, connection=self._connection, captions=Captions.LATER)
        words = gettext_noop(
            "The captions have stopped. Your recording goes on; the rest of its text is written afterwards."
        )
        await self._send(protocol.error(code="captions_later", message=words, retry=False))
