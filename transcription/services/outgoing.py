"""HTTP to addresses that users typed, for webhooks and for fetching files.

A name is looked up once, what it leads to is judged, and the connection goes to that very machine: a name that leads
elsewhere a moment later changes nothing. Certificates are checked against the name. Each redirect begins all of that
anew. Nothing comes from the environment, no proxy either.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import urllib3
from django.utils.translation import gettext, gettext_noop
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from transcription.errors import OutgoingError
from transcription.services import addresses
from transcription.services.addresses import Address, Target

MOST_REDIRECTS = 5
BLOCK = 2**18
_REDIRECTS = {301, 302, 303, 307, 308}
_SAME_METHOD = {307, 308}
_TOO_SLOW = gettext_noop("The server did not answer in time.")


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds, and for the whole of it, redirects included. Only the look-up of a name has limits of its own."""

    total: float
    connect: float = 5.0
    read: float = 10.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a request, and each redirect of it, may go."""

    private: Sequence[str] = ()
    """Host names and networks that may be reached although they are not public."""
    hosts: Sequence[str] | None = None
    """Patterns, one of which the host must match; None: any host. What is not public needs one other than ``*``."""

    def private_for(self, host: str) -> Sequence[str]:
        """Raises OutgoingError (``host_not_allowed``)."""
        if self.hosts is None:
            return self.private
        found = [pattern for pattern in self.hosts if matches(host, pattern)]
        if not found:
            raise OutgoingError("host_not_allowed", gettext("This server may not fetch files from there."))
        return self.private if any(pattern.strip() != "*" for pattern in found) else ()


@dataclass(slots=True)
class Clock:
    """The time that one request may take. When it is over the connection is cut, whatever waits for it."""

    limits: Limits
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.limits.total

    def left(self) -> float:
        return self._end - time.monotonic()

    def check(self) -> None:
        """Raises OutgoingError (``timed_out``)."""
        if self.left() <= 0:
            raise OutgoingError("timed_out", gettext(_TOO_SLOW))

    @contextmanager
    def cutting(self, connection: HTTPConnection) -> Iterator[None]:
        """A server that sends a byte now and then never runs into the limit of a single read."""
        timer = threading.Timer(max(self.left(), 0.0), _cut, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(sock: socket.socket | ssl.SSLSocket) -> None:
    with suppress(OSError):  # it is closed already
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not the method of TLS, which is not for two threads


@dataclass(slots=True)
class Answer:
    """What came back. Its body is read by ``blocks``, or not at all."""

    url: str
    status: int
    headers: Mapping[str, str]
    _response: HTTPResponse
    _clock: Clock

    @property
    def length(self) -> int | None:
        """Of the body, as the server claims."""
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def blocks(self, *, most: int) -> Iterator[bytes]:
        """The body as it came, at most ``most`` bytes. Raises OutgoingError (``too_large``, ``timed_out``, ...).

        Nothing is unpacked: none was asked for, and what was packed nevertheless is refused.
        """
        if self.headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
            raise OutgoingError("answer_invalid", gettext("The server sent the file packed, which was not asked for."))
        if (self.length or 0) > most:
            raise OutgoingError("too_large", gettext("The file is larger than this server allows."))
        received = 0
        with _translated(self._clock):
            # What has come, and not when a whole block has: whoever waits may wish to stop.
            while block := self._response.read1(BLOCK, decode_content=False):
                self._clock.check()
                received += len(block)
                if received > most:
                    raise OutgoingError("too_large", gettext("The file is larger than this server allows."))
                yield block
            self._clock.check()  # one that was cut off may look like one that ended


@contextmanager
def request(
    method: str,
    url: str,
    *,
    limits: Limits,
    rules: Rules,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Iterator[Answer]:
    """Ask, following up to MOST_REDIRECTS redirects, and close when the block ends. Any status is an answer.

    A redirect of a POST is followed only where it stays a POST (307, 308). Raises OutgoingError: ``address_invalid``,
    ``address_refused``, ``host_not_allowed``, ``name_unknown``, ``connection_failed``, ``certificate_invalid``,
    ``timed_out``, ``redirect_refused``, ``answer_invalid``.
    """
    clock = Clock(limits)
    with ExitStack() as open_ones:
        target = addresses.parse(url)
        for _ in range(MOST_REDIRECTS + 1):
            machines = addresses.resolve(target, allowed=rules.private_for(target.host))
            with ExitStack() as opened:
                with _translated(clock):
                    connection = opened.enter_context(_connected(target, machines, clock))
                    response = _ask(connection, method, target, headers or {}, body)
                    clock.check()
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or location is None:
                    open_ones.push(opened.pop_all())
                    break
            if method != "GET" and response.status not in _SAME_METHOD:
                raise OutgoingError(
                    "redirect_refused", gettext("The address leads elsewhere. Give the address it leads to.")
                )
            target = addresses.follow(target, location)
        else:
            raise OutgoingError("redirect_refused", gettext("The address leads on and on."))
        yield Answer(target.url, response.status, response.headers, response, clock)


def matches(host: str, pattern: str) -> bool:
    """``example.org`` is itself, ``*.example.org`` all below it, ``*`` anything."""
    host, pattern = host.rstrip("."), pattern.strip().lower().rstrip(".")
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return pattern in {"*", host}


def _ask(
    connection: HTTPConnection, method: str, target: Target, headers: Mapping[str, str], body: bytes | None
) -> HTTPResponse:
    fixed = {"Host": target.authority, "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Scripta"}
    connection.request(
        method, target.path, body=body, headers=fixed | dict(headers), preload_content=False, decode_content=False
    )
    return connection.getresponse()


@contextmanager
def _connected(target: Target, machines: list[Address], clock: Clock) -> Iterator[HTTPConnection]:
    """A connection to the first of the machines that takes one."""
    for position, machine in enumerate(machines):
        clock.check()
        connection = _connection(target, machine, min(clock.limits.connect, clock.left()))
        try:
            connection.connect()
        except (HTTPError, OSError):
            connection.close()
            if position == len(machines) - 1:
                raise
            continue
        try:
            connection.timeout = max(min(clock.limits.read, clock.left()), 0.001)
            with clock.cutting(connection):
                yield connection
        finally:
            connection.close()
        return


def _connection(target: Target, machine: Address, timeout: float) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(str(machine), target.port, timeout=timeout)
    return HTTPSConnection(
        str(machine),
        target.port,
        timeout=timeout,
        server_hostname=target.host,
        ssl_context=ssl.create_default_context(),
        cert_reqs=ssl.CERT_REQUIRED,
    )


@contextmanager
def _translated(clock: Clock) -> Iterator[None]:
    """What goes wrong below, as an OutgoingError. No words of the other server get into it."""
    try:
        yield
    except OutgoingError:
        raise
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        clock.check()
        if _is_any(error, ssl.SSLCertVerificationError):
            raise OutgoingError(
                "certificate_invalid", gettext("The certificate of this address is not valid.")
            ) from error
        if _is_any(error, ConnectionRefusedError) or isinstance(error, urllib3.exceptions.NewConnectionError):
            raise OutgoingError("connection_failed", gettext("Nobody answers at this address.")) from error
        if _is_any(error, TimeoutError) or isinstance(error, urllib3.exceptions.TimeoutError):
            raise OutgoingError("timed_out", gettext(_TOO_SLOW)) from error
        raise OutgoingError(
            "answer_invalid", gettext("The connection broke, or the answer was not one of HTTP.")
        ) from error


def _is_any(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether the error, or what caused it, is of a kind."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
