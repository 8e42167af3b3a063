"""``WS /ws/live/<uuid>/``: a speaker. Accepted first, so that whoever may not stay is told why."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext, gettext_noop

from accounts.models import Scope
from accounts.services import keys
from transcription import protocol, whisper_service
from transcription.consumers.base import SpeakingConsumer
from transcription.enums import Captions, Overflow, RecordingState
from transcription.errors import LiveNotFound, ScriptaError, StaleEpoch
from transcription.protocol import Close, ProtocolError
from transcription.services import live
from transcription.services.live import Connection
from transcription.speaking.speaker import Speaker, make_way
from transcription.speaking.threads import in_database, persistently
from transcription.speech.errors import SpeechError

log = structlog.get_logger(__name__)

RECHECK_EVERY = 60.0
"""Seconds between two looks at whether a session or key is still good."""
READY_BYTES = 256 * 1024
"""Of segments in ``ready``; more follow as ``final``, so that no message is larger than clients take."""
FLUSH_SECONDS = 2.0
FULL = gettext_noop("This server cannot take more speakers just now. Please try again in a moment.")


class LiveConsumer(SpeakingConsumer):
    _speaker: Speaker | None = None
    _checking: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        offered = self.scope.get("subprotocols", [])
        await self.accept(protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None)
        try:
            await self._begin()
        except ProtocolError as error:
            await self._refuse(error)
        except SpeechError as error:
            await self._refuse(ProtocolError(error.code, error.message))
        except DatabaseError:
            await self._refuse(
                ProtocolError("unavailable", gettext("The server cannot answer now."), Close.FULL, retry=True)
            )
        except Exception:
            await self._fail()

    async def disconnect(self, code: int) -> None:
        """The client has gone, or the process stops: then what has arrived is made safe first."""
        if self._speaker is not None and code == Close.RESTARTING:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._speaker.flush(), FLUSH_SECONDS)
        await self._let_go()

    async def _let_go(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        speaker, self._speaker = self._speaker, None
        if speaker is not None:
            await speaker.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closing or self._speaker is None:
            return
        try:
            if bytes_data is not None:
                await self._speaker.accept(protocol.parse_frame(bytes_data))
            else:
                await self._follow(self._speaker, protocol.parse_text(text_data or ""))
        except ProtocolError as error:
            await self._refuse(error)
        except SpeechError as error:
            await self._send(protocol.error(code=error.code, message=error.message, retry=False))
        except (ScriptaError, DatabaseError) as error:
            message = getattr(error, "message", gettext("The server cannot answer now."))
            await self._send(protocol.error(code=getattr(error, "code", "unavailable"), message=message, retry=True))
        except Exception:
            await self._fail()

    async def _follow(self, speaker: Speaker, message: protocol.Message) -> None:
        match message:
            case protocol.Configure():
                await speaker.configure(message.language)
            case protocol.Finish():
                await speaker.finish(message.received)
            case protocol.Plain(type="pause"):
                await speaker.pause()
            case protocol.Plain(type="resume"):
                await speaker.resume()
            case _:
                await self._send(protocol.pong())

    # The beginning ----------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Raises ProtocolError."""
        after = self._number("after", protocol.LARGEST_INDEX)
        after = -1 if after is None else after
        self._require_right()
        pk = self.scope["url_route"]["kwargs"]["pk"]
        connection = await self._connect(pk)
        if connection.state != RecordingState.LIVE:
            await self._send_ready(connection, connection.captions, after)
            await self._send(protocol.finished(recording=pk, transcript=connection.transcript_id))
            await self._close(Close.DONE)
            return
        await make_way(connection.live_id)
        place, captions = await self._place(connection)
        self._speaker = Speaker(connection, place=place, send=self._send, end=self._close)
        await self._send_ready(connection, captions, after)
        await self._speaker.start()
        self._checking = asyncio.create_task(self._recheck())

    async def _connect(self, pk: UUID) -> Connection:
        """Raises ProtocolError."""
        sent = self._number("sent", protocol.LARGEST_POSITION)
        user = self.scope["user"]
        try:
            return await persistently(live.connect, seconds=5, live_id=pk, user=user, sent=sent)
        except LiveNotFound as error:
            raise ProtocolError(error.code, str(error.message), Close.NOT_FOUND) from None
        except StaleEpoch as error:
            raise ProtocolError(error.code, str(error.message), Close.TAKEN_OVER) from None

    def _number(self, name: str, largest: int) -> int | None:
        """A number of the address; None if it is not there. Raises ProtocolError."""
        try:
            query = parse_qs(self.scope["query_string"].decode("latin-1"), max_num_fields=20)
            return max(-1, min(int(query[name][0]), largest)) if name in query else None
        except ValueError:
            raise ProtocolError("bad_message", gettext("“%(name)s” must be a number.") % {"name": name}) from None

    def _require_right(self) -> None:
        if not self.scope["user"].is_authenticated:
            raise ProtocolError("not_signed_in", gettext("Please sign in."), Close.NOT_SIGNED_IN)
        if not keys.allows(self.scope["api_key"], Scope.LIVE):
            raise ProtocolError("not_allowed", gettext("This key may not speak live."), Close.NOT_ALLOWED)

    async def _place(self, connection: Connection) -> tuple[whisper_service.Place | None, str]:
        """A place to be read, if there is one and it is wished for."""
        if connection.captions == Captions.LATER:
            return None, Captions.LATER
        place = whisper_service.claim_place()
        if place is not None:
            return place, Captions.LIVE
        if connection.overflow != Overflow.RECORD:
            raise ProtocolError("full", whisper_service.live_state().reason or FULL, Close.FULL, retry=True)
        await in_database(live.set_captions, connection=connection, captions=Captions.LATER)
        return None, Captions.LATER

    async def _send_ready(self, connection: Connection, captions: str, after: int) -> None:
        segments = await in_database(live.final_segments, transcript_id=connection.transcript_id, after=after)
        size, fitting = 0, 0
        for each in segments:
            size += len(json.dumps(protocol.segment(each)))
            if size > READY_BYTES:
                break
            fitting += 1
        ready = protocol.ready(received=connection.received, captions=captions, segments=segments[:fitting])
        await self._send(ready)
        for each in segments[fitting:]:
            await self._send(protocol.final(each))

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_EVERY)
            with suppress(DatabaseError):
                if not await self.scope["recheck"]():
                    await self._refuse(
                        ProtocolError("not_signed_in", gettext("Please sign in again."), Close.NOT_SIGNED_IN)
                    )

    # Answers ----------------------------------------------------------------------------------------------------------

    async def _refuse(self, error: ProtocolError) -> None:
        await self._send(protocol.error(code=error.code, message=error.message, retry=error.retry))
        await self._close(error.close)

    async def _fail(self) -> None:
        """Whatever it was, the connection ends in words, and what it held is let go of by ``disconnect``."""
        log.exception("live connection failed")
        await self._refuse(
            ProtocolError("unavailable", gettext("The server cannot go on just now."), Close.FAILED, retry=True)
        )
