"""WebSockets of the web process: Daphne's and Autobahn's, with limits.

Daphne 4.2 queues whatever arrives for an application that does not come round to it, and whatever an application sends
to a client that does not read it, without bound. Here reading stops while too much waits (TCP then holds the client
back), and a sender waits for its client. Autobahn drops the connection of whoever breaks a rule; here that one is told
why by a close code first.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from autobahn.twisted.websocket import ConnectionDeny, ConnectionRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Connection

from config.room import Room

KiB = 1024
MESSAGE_LIMIT = 64 * KiB + 8 + KiB
"""Bytes of a message: 64 KiB of sound, their position, and some more. Above that the close code is 1009."""
LARGE_MESSAGES = {"/v1/realtime": 1024 * KiB}
"""The same for paths whose clients send sound in base64, by the second or more."""
FRAGMENTS_LIMIT = 1024
"""Frames of one message. Empty ones would cost the sender no byte of the limit above."""
INBOX_LIMIT = 512 * KiB
"""Bytes that may wait for an application; reading stops above, and goes on below half."""
MESSAGE_COST = 512
"""What a waiting message takes beside its bytes."""
STEPS_A_TURN = 256
"""Halves of frames taken from one client before others have their turn: a packet may hold ten thousand frames."""

HANDSHAKE_SECONDS = 10
"""From the connection until the application accepts."""
PING_SECONDS, PONG_SECONDS = 20, 15
"""A client that was silent for the first is asked whether it lives, and has the second to answer."""
STALLED_SECONDS = 30
"""After so long without room for a single byte, a client is taken for dead."""
CLOSING_SECONDS = 5
"""What a client has to read our close frame and answer it. Dropped sooner, the connection would lose both."""

TOO_BIG, NO_CODE, ABNORMAL, FAILED, RESTARTING = 1009, 1005, 1006, 1011, 1012


class Inbox(asyncio.Queue[dict[str, Any]]):
    """What waits for an application."""

    def __init__(self, protocol: WebSocket) -> None:
        super().__init__()
        self._protocol = protocol
        self.size = 0

    def _put(self, item: dict[str, Any]) -> None:
        self.size += _cost(item)
        super()._put(item)  # type: ignore[misc]  # asyncio documents it for subclasses

    def _get(self) -> dict[str, Any]:
        item: dict[str, Any] = super()._get()  # type: ignore[misc]  # as above
        self.size -= _cost(item)
        self._protocol.inbox_shrank()
        return item


def _cost(item: dict[str, Any]) -> int:
    return MESSAGE_COST + len(item.get("bytes") or item.get("text") or b"")


class WebSocket(WebSocketProtocol):
    """A connection after its handshake was read."""

    maxMessagePayloadSize: int  # noqa: N815  (Autobahn sets it; it has no types)
    maxFramePayloadSize: int  # noqa: N815  (as above)
    closeHandshakeTimeout = CLOSING_SECONDS  # noqa: N815  (Autobahn's name; Daphne has no setting for it)

    def __init__(self) -> None:
        super().__init__()
        self.inbox = Inbox(self)
        self.room = Room()
        self.muted = False
        self._held = False
        self._fragments = 0
        self._closed_at: float | None = None

    # The handshake --------------------------------------------------------------------------------------------------

    def onConnect(self, request: ConnectionRequest) -> Deferred[str | None]:  # noqa: N802
        if self.factory.server_class.stopping:
            raise ConnectionDeny(503, "The server is restarting.")
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            raise ConnectionDeny(400, "Subprotocols have plain names.")
        # Twisted told the HTTP connection of room, and would stop reading for want of it.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.room, True)
        if request.path in LARGE_MESSAGES:
            self.maxMessagePayloadSize = self.maxFramePayloadSize = LARGE_MESSAGES[request.path]
        accepted: Deferred[str | None] = super().onConnect(request)
        return accepted

    # Messages come in -----------------------------------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self.failedByMe:
            super().dataReceived(data)

    def consumeData(self) -> None:  # noqa: N802
        """Take frames out of what arrived, until there is no whole one left, too much waits, or others have a turn."""
        if self.state == self.STATE_CONNECTING:
            super().consumeData()
            return
        for _ in range(STEPS_A_TURN):
            if self.inbox.size > INBOX_LIMIT:
                self._hold()
                return
            if self.state == self.STATE_CLOSED or not self.processData():
                self._release()
                return
        self._hold()
        asyncio.get_running_loop().call_soon(self.consumeData)

    def inbox_shrank(self) -> None:
        if self._held and self.inbox.size <= INBOX_LIMIT // 2:
            self._held = False  # so that this happens once
            asyncio.get_running_loop().call_soon(self.consumeData)

    def _hold(self) -> None:
        self._held = True
        self.transport.pauseProducing()
        if self.autoPingTimeoutCall:  # its answer would not be read
            self._cancelAutoPingTimeoutCall()

    def _release(self) -> None:
        self._held = False
        self.last_ping = time.time()
        self.transport.resumeProducing()

    def onMessageBegin(self, isBinary: bool) -> None:  # noqa: N802, N803
        self._fragments = 0
        super().onMessageBegin(isBinary)

    def onMessageFrameBegin(self, length: int) -> None:  # noqa: N802
        self._fragments += 1
        super().onMessageFrameBegin(length)
        if self._fragments > FRAGMENTS_LIMIT and not self.failedByMe:
            self._fail_connection(TOO_BIG, "too many fragments")

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        if self.state == self.STATE_OPEN:
            super().onMessage(payload, isBinary)

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        """One who asks without reading the answers gets none."""
        if self.room.is_free:
            super().onPing(payload)

    def sendMessage(self, payload: bytes, isBinary: bool = False, **options: Any) -> None:  # noqa: N802, N803
        """Autobahn would bound what is sent by the limit of what may come. A transcript is longer than that.

        Nothing goes to a client that has hung up: its application is about to be told.
        """
        if self.state != self.STATE_OPEN:
            return
        limit = self.maxMessagePayloadSize
        self.maxMessagePayloadSize = 0
        try:
            super().sendMessage(payload, isBinary, **options)
        finally:
            self.maxMessagePayloadSize = limit

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802  (as above)
        if sync or chopsize or self.send_queue or not self._sent_at_once(data):
            super().sendData(data, sync, chopsize)

    def _sent_at_once(self, data: bytes) -> bool:
        """Whether the socket took it, or the first part of it and Twisted the rest.

        Twisted would have the selector watch the socket, send in a later turn, and tell the selector to stop: three
        calls that give the interpreter away, and 200 speakers get hundreds of short messages a second.
        """
        transport = self.transport
        if not isinstance(transport, Connection) or transport.disconnecting or not transport.connected:
            return False
        if transport.dataBuffer or transport._tempDataLen:
            return False  # what waits goes first
        try:
            sent = transport.socket.send(data)
        except OSError:  # full, or gone: Twisted knows what to do
            return False
        if sent < len(data):
            transport.write(data[sent:])
        return True

    # Closing --------------------------------------------------------------------------------------------------------

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        """Autobahn's ``sendClose`` knows none of the codes 1001–1015, which are a server's own."""
        if self.state == self.STATE_CONNECTING:
            if hasattr(self, "handshake_deferred"):  # Daphne takes it away once it was answered
                self.serverReject()
        else:
            self.sendCloseFrame(code=code or 1000)
            self._release()  # to read the answer

    def end(self) -> None:
        """The process stops. The application is told as if the client had hung up, but may still send.

        It saves what it holds; then the client is told to come back.
        """
        if not self.muted:
            self.inbox.put_nowait({"type": "websocket.disconnect", "code": RESTARTING})
            self.muted = True

    def _fail_connection(self, code: int = FAILED, reason: str = "") -> None:
        """Called by Autobahn when the client broke a rule. Tell it why, and listen no more."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=code, reasonUtf8=reason.encode()[:120])
            self.room.stopProducing()
            self.transport.unregisterProducer()  # a half-close waits for it
            self.transport.loseWriteConnection()
        self.failedByMe = True
        self.data = b""
        if not self.muted:
            self.inbox.put_nowait({"type": "websocket.disconnect", "code": code})
            self.muted = True

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        """The connection is gone. Its handshake may have failed before Daphne knew of it."""
        self.room.stopProducing()
        if not hasattr(self, "server"):
            return
        super().onClose(wasClean, NO_CODE if code is None else code, reason)
        details = {"path": self.path.decode(), "status": self.localCloseCode or code, "time_taken": self.duration()}
        self.server.log_action("websocket", "closed", details)

    def check_timeouts(self) -> None:
        """Daphne calls this every two seconds."""
        if self.state == self.STATE_CLOSED:
            self._closed_at = self._closed_at or time.monotonic()
        late = self._closed_at is not None and time.monotonic() > self._closed_at + CLOSING_SECONDS
        if late or self.room.seconds_full > STALLED_SECONDS:
            self.transport.abortConnection()
        elif self.state == self.STATE_OPEN and "application_instance" not in self.server.connections[self]:
            self.serverClose(FAILED)  # nobody would read what still comes
        elif not self._held:
            super().check_timeouts()


class SocketFactory(WebSocketFactory):
    protocol = WebSocket
