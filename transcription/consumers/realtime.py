"""``WS /v1/realtime``: realtime transcription as clients of OpenAI's API know it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.db import DatabaseError

from accounts.models import Scope
from accounts.services import keys
from transcription import realtime_protocol as protocol
from transcription import whisper_service
from transcription.consumers.base import SpeakingConsumer
from transcription.protocol import Close
from transcription.realtime_protocol import InvalidEvent
from transcription.speaking.realtime import RealtimeSession
from transcription.speech.errors import SpeechError

log = structlog.get_logger(__name__)

RECHECK_EVERY = 50.0
"""Seconds between two looks at whether a key is still good."""
FULL = "This server cannot take more sessions just now. Please try again in a moment."


class Refused(Exception):  # noqa: N818  (an answer to the client, not an error of ours)
    def __init__(self, close: Close, code: str, message: str, *, kind: str = "invalid_request_error") -> None:
        super().__init__(code)
        self.close = close
        self.event = protocol.error(kind=kind, code=code, message=message)


class RealtimeConsumer(SpeakingConsumer):
    _session: RealtimeSession | None = None
    _checking: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        offered = self.scope.get("subprotocols", [])
        await self.accept(protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None)
        try:
            self._require_right()
            self._session = self._begin()
            self._session.start()
            self._checking = asyncio.create_task(self._recheck())
        except Refused as refused:
            await self._refuse(refused)
        except Exception:
            await self._fail()

    async def disconnect(self, code: int) -> None:
        await self._let_go()

    async def _let_go(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """What is wrong with an event is said, and the session goes on."""
        if self._closing or self._session is None:
            return
        event_id = None
        try:
            if text_data is None:
                raise InvalidEvent("Events are text: sound travels in them as base64.", code="invalid_event")
            message = protocol.read_json(text_data)
            event_id = protocol.client_id(message)
            await self._session.follow(protocol.parse(message))
        except (InvalidEvent, SpeechError) as error:
            self._session.refuse(
                protocol.error(
                    kind="invalid_request_error",
                    code=error.code,
                    message=error.message,
                    param=getattr(error, "param", None),
                    event_id=event_id,
                )
            )
        except Exception:
            await self._fail()

    # Who may ----------------------------------------------------------------------------------------------------------

    @property
    def _key(self) -> Any:
        return self.scope["api_key"]

    @property
    def _stored(self) -> object:
        return self._key.session if self._key is not None and self._key.is_client_secret else None

    def _require_right(self) -> None:
        if not self.scope["user"].is_authenticated:
            raise Refused(Close.NOT_SIGNED_IN, "invalid_api_key", "This API key is not valid, or not any more.")
        if not keys.allows(self._key, Scope.LIVE, client_secrets=True):
            raise Refused(Close.NOT_ALLOWED, "missing_scope", "This API key was not given the scope “live”.")
        with suppress(ValueError):
            query = parse_qs(self.scope["query_string"].decode("latin-1"), max_num_fields=20)
            if query.get("intent", ["transcription"])[0] != "transcription":
                words = "This server only has sessions with intent=transcription."
                raise Refused(Close.BAD_MESSAGE, "invalid_value", words)

    def _begin(self) -> RealtimeSession:
        place = whisper_service.claim_place()
        if place is None:
            words = whisper_service.live_state().reason or FULL
            raise Refused(Close.FULL, "server_full", words, kind="server_error")
        try:
            return RealtimeSession(
                place=place, api_key=self._key, stored=self._stored, send=self._send, end=self._close
            )
        except BaseException:
            place.release()
            raise

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_EVERY)
            with suppress(DatabaseError):
                if not await self.scope["recheck"]():
                    words = "This API key is not valid any more."
                    await self._refuse(Refused(Close.NOT_SIGNED_IN, "invalid_api_key", words))

    # Answers ----------------------------------------------------------------------------------------------------------

    async def _refuse(self, refused: Refused) -> None:
        await self._send(refused.event)
        await self._close(refused.close)

    async def _fail(self) -> None:
        """Whatever it was, the connection ends in words, and what it held is let go of by ``disconnect``."""
        log.exception("realtime connection failed")
        words = "The server cannot go on just now."
        await self._refuse(Refused(Close.FAILED, "server_error", words, kind="server_error"))
