"""A speaker for measuring: speaks scripta.live.v1, keeps what is not acknowledged, and comes back when cut off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import requests
from django.core.management.base import CommandError

try:
    import websockets
    from websockets.asyncio.client import connect
except ImportError:  # an installation has no use for it: it comes with the tests' requirements
    websockets = None  # type: ignore[assignment]

PROTOCOL = "scripta.live.v1"
RATE = 16_000
BYTES = 2
"""Of a sample: signed 16-bit, little-endian."""
MOST_SAMPLES = 16_000
"""In one frame, when much is sent again: the protocol allows 64 KiB."""
MOST_UNACKNOWLEDGED = 25 * RATE
"""More than 30 s would be a flood."""
DONE, FULL, GONE = 1000, 1013, 1006
LASTING_CODES = frozenset({*range(4400, 4405), 4409})
"""After these nobody comes back."""
BACK_OFF = (1.0, 30.0)
"""Seconds before the second attempt, and before any later one at most, with a jitter of half."""
OPEN_TRIES = 30

CONNECTING: dict[str, Any] = {
    "subprotocols": [PROTOCOL],
    "compression": None,
    "max_size": None,
    "ping_timeout": None,
    "proxy": None,
    "close_timeout": 1,
}
"""How to open a WebSocket, beside its headers."""


def require_websockets() -> None:
    """Raises ``CommandError`` when the package is missing."""
    if websockets is None:
        raise CommandError("Measuring live recordings needs a package: pip install -r tests/requirements.txt")


class Refused(Exception):
    """The server did not take this speaker, or put it out for good."""

    def __init__(self, close: int, code: str) -> None:
        super().__init__(f"closed with {close}, {code or 'without an error'}")
        self.close, self.code = close, code


@dataclass(slots=True)
class Heard:
    """What came from the server. Times are seconds on the clock of ``time.monotonic``."""

    screens: list[tuple[float, str]] = field(default_factory=list)
    """After each change: when, and the whole text that a reader then sees."""
    acks: list[tuple[float, int]] = field(default_factory=list)
    finals: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By index, as first received."""
    errors: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Broken promises: sound that was acknowledged and is gone, a final that came twice or changed."""
    connections: int = 0
    replayed: int = 0
    """Samples that were sent more than once."""


class LiveClient:
    """One speaker and its recording. ``await open()``, ``say`` sound as it is spoken, ``await finish()``.

    A background task keeps the connection; ``say`` never waits for it. A ``patient`` one also tries again when it
    could not begin, as during an outage; others want to know that the server is full.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        patient: bool = False,
        back_off: tuple[float, float] = BACK_OFF,
        seed: int = 0,
        **choices: Any,
    ) -> None:
        """``url`` is the server's, with http; ``choices`` go to ``POST /api/v1/live/``."""
        self.url, self.choices = url.rstrip("/"), choices
        self.heard = Heard()
        self.id = ""
        self.acked = 0
        """Samples that the server holds for good."""
        self._headers = {"Authorization": f"Bearer {key}"}
        self._patient, self._back_off, self._random = patient, back_off, random.Random(seed)
        self._sound = bytearray()  # everything said: a replay may begin anywhere, and the whole is compared in the end
        self._sent = 0
        self._ended = False
        self._partial = ""
        self._news, self._ready = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._socket = ""

    @property
    def said(self) -> int:
        """Samples."""
        return len(self._sound) // BYTES

    @property
    def sound(self) -> bytes:
        return bytes(self._sound)

    @property
    def text(self) -> str:
        return " ".join(final["text"] for _, final in sorted(self.heard.finals.items()))

    async def open(self) -> None:
        """Make the recording and connect. Raises ``Refused`` when the server does not want to, or is full."""
        made = await self._make()
        self.id, self._socket = made["id"], made["url"]
        self._task = asyncio.create_task(self._keep_connected())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()

    def say(self, pcm: bytes) -> None:
        """Sound that has just been spoken."""
        self._sound += pcm
        self._news.set()

    async def finish(self, within: float = 60.0) -> bool:
        """Nothing more is said; whether the server had finished ``within`` seconds. Raises ``Refused``."""
        assert self._task is not None
        self._ended = True
        self._news.set()
        try:
            await asyncio.wait_for(self._task, within)
        except TimeoutError:
            return False
        return True

    async def vanish(self) -> None:
        """Go away without a word, as a closed tab does."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def lone_socket(self) -> AsyncIterator[Any]:
        """A connection to a new recording on which nothing is sent or heard by itself."""
        made = await self._make()
        async with connect(made["url"], additional_headers=self._headers, **CONNECTING) as socket:
            yield socket

    # The connection -------------------------------------------------------------------------------------------------

    async def _make(self) -> dict[str, Any]:
        for attempt in range(1, OPEN_TRIES + 1):
            try:
                answer = await asyncio.to_thread(
                    requests.post, f"{self.url}/api/v1/live/", json=self.choices, headers=self._headers, timeout=30
                )
            except requests.RequestException as error:
                status, text = 0, str(error)
            else:
                status, text = answer.status_code, answer.text
                if status == requests.codes.created:
                    return dict(answer.json())
            if not self._patient or 400 <= status < 500:  # noqa: PLR2004
                break
            await self._wait(attempt)
        raise Refused(status, text[:300])

    async def _keep_connected(self) -> None:
        attempt = 0
        while True:
            before = self.heard.connections
            close, code = await self._connected()
            if close == DONE:
                return
            unwanted = close == FULL and not self.heard.connections and not self._patient
            if close in LASTING_CODES or unwanted:
                raise Refused(close, code)
            attempt = attempt + 1 if self.heard.connections == before else 1
            await self._wait(attempt)

    async def _wait(self, attempt: int) -> None:
        shortest, longest = self._back_off
        await asyncio.sleep(min(longest, shortest * 2 ** (attempt - 1)) * self._random.uniform(0.5, 1.0))

    async def _connected(self) -> tuple[int, str]:
        """One connection to its end: its close code (``GONE`` when there was none) and the code of its last error."""
        before = len(self.heard.errors)
        try:
            socket = await connect(
                f"{self._socket}?after={max(self.heard.finals, default=-1)}",
                additional_headers=self._headers,
                **CONNECTING,
            )
        except (OSError, websockets.WebSocketException, TimeoutError, EOFError):
            return GONE, ""
        sender = asyncio.create_task(self._send(socket))
        try:
            async for message in socket:
                self._on_message(json.loads(message))
        except websockets.ConnectionClosed:
            pass
        finally:
            sender.cancel()
            await asyncio.gather(sender, socket.close(), return_exceptions=True)
            self._ready.clear()
        new = self.heard.errors[before:]
        return socket.close_code or GONE, str(new[-1]["code"]) if new else ""

    async def _send(self, socket: Any) -> None:
        """Sound from where the server is, then ``finish``; as far ahead of the acks as the protocol allows."""
        await self._ready.wait()
        told = False
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                self._news.clear()
                end = min(self.said, self.acked + MOST_UNACKNOWLEDGED, self._sent + MOST_SAMPLES)
                if end > self._sent:
                    begin, self._sent = self._sent, end
                    await socket.send(struct.pack("<Q", begin) + self._sound[begin * BYTES : end * BYTES])
                elif self._ended and self._sent >= self.said and not told:
                    told = True
                    await socket.send(json.dumps({"type": "finish", "received": self.said}))
                else:
                    await self._news.wait()

    # What comes -----------------------------------------------------------------------------------------------------

    def _on_message(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "ready":
            self._on_ready(message)
        elif kind == "ack":
            self._on_ack(int(message["received"]))
        elif kind == "partial":
            self._partial = message["stable"] + message["unstable"]
            self._show()
        elif kind == "final":
            self._on_final(message["segment"])
            self._show()
        elif kind == "error":
            self.heard.errors.append(message)
            if message["code"] == "gap":
                self._sent = int(message["received"])
                self._news.set()

    def _on_ready(self, message: dict[str, Any]) -> None:
        received = int(message["received"])
        if received < self.acked:
            self.heard.problems.append(f"{self.acked - received} acknowledged samples are gone after a reconnect")
        self.heard.connections += 1
        self.heard.replayed += max(0, self._sent - received)
        self._sent = self.acked = received
        for segment in message["segments"]:
            self._on_final(segment)
        if message["segments"]:
            self._show()
        self._ready.set()

    def _on_ack(self, received: int) -> None:
        if received < self.acked:
            self.heard.problems.append(f"an ack went back from {self.acked} to {received}")
        if received > self.said:
            self.heard.problems.append(f"{received - self.said} samples were acknowledged that nobody sent")
        self.acked = received
        self.heard.acks.append((time.monotonic(), received))
        self._news.set()

    def _on_final(self, segment: dict[str, Any]) -> None:
        index = int(segment["index"])
        if (known := self.heard.finals.get(index)) is not None:
            verdict = "came twice" if known == segment else "was changed"
            self.heard.problems.append(f"final segment {index} {verdict}")
        elif index != len(self.heard.finals):
            self.heard.problems.append(f"final segment {index} came after {len(self.heard.finals)} segments")
        self.heard.finals.setdefault(index, segment)
        self._partial = ""

    def _show(self) -> None:
        self.heard.screens.append((time.monotonic(), f"{self.text} {self._partial}"))
