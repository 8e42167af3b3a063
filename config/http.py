"""Connections and requests of the web process: Twisted's and Daphne's, with limits.

Daphne 4.2 reads a request's whole body, whatever its length, and then queues all of it in memory (a POST of 300 MB
took 3.6 GB); and it takes what an application sends faster than the client reads it, without bound. So ``Channel``, a
connection, limits the time for the head of a request, and refuses a request without losing the answer; ``Request``
limits its body while it arrives, and lets the application wait for a slow client.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.python.failure import Failure
from twisted.web import http

from config import refusals
from config.refusals import Refusal
from config.room import Room

MiB = 2**20
BODY_LIMITS = {
    b"/v1/audio/": 27 * MiB,
    b"/api/v1/recordings/": 27 * MiB,
    b"/api/v1/uploads/": 9 * MiB,
    b"/recordings/": 9 * MiB,
}
"""By the beginning of the path. 27 MiB are what clients send in one piece (25 MB and its envelope); to a recording's
page come captions of up to 8 MiB."""
BODY_LIMIT = 1 * MiB
LARGEST_BODY = max(BODY_LIMIT, *BODY_LIMITS.values())
BODIES_LIMIT = 256 * MiB
"""For all bodies that are arriving or being worked on."""

IDLE_SECONDS = 60
"""For the head of a request, and between requests on one connection, and between two packets of a body."""
BODY_GRACE_SECONDS, BODY_RATE = 30, 8 * 1024
"""A body may take the first, and the time that its bytes need at the second (bytes a second)."""
STALLED_SECONDS = 300
"""After so long without room for a single byte, the client of a streamed answer is taken for dead."""
LINGER_SECONDS = 5
"""How long a refused client is still listened to: closing at once would reset the connection and destroy the answer."""


def body_limit(path: bytes) -> int:
    """Bytes that a request to ``path`` may bring."""
    return next((limit for prefix, limit in BODY_LIMITS.items() if path.startswith(prefix)), BODY_LIMIT)


class Host(Protocol):
    """What a request needs of the server."""

    bytes_held: int
    """Of all bodies that are arriving or being worked on."""

    def log_action(self, protocol: str, action: str, details: dict[str, Any]) -> None: ...


class Channel(http.HTTPChannel):
    """A connection. Requests on it come one after another."""

    refused = False

    def resetTimeout(self) -> None:  # noqa: N802
        """Called with each packet: those of a body extend the time limit, those of a head do not."""
        if not self.line_mode and not self.refused:
            super().resetTimeout()

    def allHeadersReceived(self) -> None:  # noqa: N802
        request = self.requests[-1]
        request.method, request.uri = self._command, self._path  # Twisted would set them when the body is complete
        super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self.refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802
        if not self.refused:
            super().allContentReceived()

    def loseConnection(self) -> None:  # noqa: N802
        """A client that never reads the rest of its answer does not keep the connection for ever."""
        super().loseConnection()
        if self._abortingCall is None:
            self._abortingCall = self.callLater(STALLED_SECONDS, self.forceAbortClient)

    def refuse(self, answer: bytes) -> None:
        """Send ``answer`` and nothing more; drop what the client still sends, and close when it stops or time is up."""
        assert self.transport is not None
        self.refused = True
        self.write(answer)
        self.transport.loseWriteConnection()
        self.setTimeout(LINGER_SECONDS)


class Request(WebRequest):
    """A request and its answer."""

    error_template = "<!doctype html><title>%(title)s</title><h1>%(title)s</h1><p>%(body)s</p>"
    server: Host

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Django parses forms itself; Twisted would do it a second time, in the event loop.
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)
        self._received = 0
        self._body_limit = 0
        self._body_deadline: float | None = None
        self.room = Room()

    # The body comes in ----------------------------------------------------------------------------------------------

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """All headers are here. ``length`` is None when the body comes in chunks and tells its end itself."""
        self._body_limit = body_limit(self.uri)
        expected = self._body_limit if length is None else length
        if expected > self._body_limit:
            self._refuse(refusals.too_large(self.uri))
        elif length and self.server.bytes_held + length > BODIES_LIMIT:
            self._refuse(refusals.BUSY)
        else:
            self._body_deadline = time.monotonic() + BODY_GRACE_SECONDS + expected / BODY_RATE
            super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if self.channel.refused:
            return
        self._received += len(data)
        self.server.bytes_held += len(data)
        if self._received > self._body_limit:
            self._refuse(refusals.too_large(self.uri))
        elif self.server.bytes_held > BODIES_LIMIT:
            self._refuse(refusals.BUSY)
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        self._body_deadline = None
        self.requestHeaders.removeHeader(b"daphne-root-path")  # Daphne would believe it, whoever sent it
        super().requestReceived(command, path, version)
        if self.transport is None:  # it became a WebSocket, and this request has no other end
            self._release_body()

    def _refuse(self, refusal: Refusal) -> None:
        self.requestHeaders.removeHeader(b"Expect")  # else Twisted would still ask for the body
        self._body_deadline = None
        self._release_body()
        self.channel.refuse(refusal.as_http(self.uri, head=self.method == b"HEAD"))
        self._log("refused", status=refusal.status)

    def _release_body(self) -> None:
        self.server.bytes_held -= self._received
        self._received = 0

    # The answer goes out --------------------------------------------------------------------------------------------

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and self.channel is not None and self.producer is None:
            self.registerProducer(self.room, streaming=True)
        if message["type"] == "http.response.body" and self.method == b"HEAD":
            message = {**message, "body": b""}  # Daphne would send all of it but the first piece
        super().handle_reply(message)

    def handle_exception(self, exception: Exception) -> None:
        """An answer that has begun is cut off: nobody takes it for whole, and nobody waits for its rest."""
        if not self._response_started:
            super().handle_exception(exception)
        elif self.channel is not None:
            self.channel.forceAbortClient()

    # The end --------------------------------------------------------------------------------------------------------

    def check_timeouts(self) -> None:
        """Daphne calls this every two seconds."""
        now = time.monotonic()
        if self._body_deadline is not None and now > self._body_deadline:
            self._refuse(refusals.TOO_SLOW)
        if self.room.seconds_full > STALLED_SECONDS:
            self.transport.abortConnection()

    def finish(self) -> None:
        self._release_body()
        self.room.stopProducing()
        self.unregisterProducer()
        super().finish()

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802
        if not self.channel.refused:
            self._log("aborted", status=self.code if self._response_started else None)
        self._release_body()
        self.room.stopProducing()
        super().connectionLost(reason)

    def _log(self, action: str, *, status: int | None) -> None:
        details = {
            "method": self.method.decode("ascii", "replace"),
            "path": self.uri.decode("ascii", "replace"),
            "status": status,
            "time_taken": self.duration(),
            "size": self.sentLength,
        }
        self.server.log_action("http", action, details)


class Factory(HTTPFactory):
    protocol = Channel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.timeOut = IDLE_SECONDS

    def buildProtocol(self, addr: Any) -> Channel:  # noqa: N802
        channel: Channel = super().buildProtocol(addr)
        channel.requestFactory = Request
        return channel
