"""A line that breaks: it stands between those who edit and the web process, and cuts connections at random.

A request may be lost before it arrives, after it was done, or in the middle of its answer; who sent it cannot tell
which. What went over the line is noted, so that it can be compared with what the server kept.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

WAYS = ("before", "after", "middle")
CUT = re.compile(rb"^\S+ \S*/(?:edits|find|changes|segments)/")
"""What is cut: pages and scripts would only be loaded again."""
EDITS = re.compile(rb"^POST \S*/edits/ ")
FIND = re.compile(rb"^POST \S*/find/ ")
LARGEST_HEAD = 65_536


@dataclass(slots=True)
class Exchange:
    """An edit that was asked for, or a search for what to replace."""

    who: str
    """The session's cookie."""
    body: dict[str, Any]
    is_search: bool = False
    status: int | None = None
    """None: the answer did not arrive whole."""
    answer: dict[str, Any] = field(default_factory=dict)


class Cutter:
    """A context manager. ``rate`` is the share of requests that are cut; ``heal()`` ends that."""

    def __init__(self, port: int, *, rate: float, seed: int) -> None:
        self.target, self.rate = port, rate
        self.cuts: Counter[str] = Counter()
        self.exchanges: list[Exchange] = []
        self.failures: list[tuple[float, str]] = []
        """When the server answered with an error of its own, and to what."""
        self._draw = random.Random(seed)
        self._serving: set[asyncio.Task[None] | None] = set()
        """Held here: asyncio itself forgets a task that nobody waits for, and its connection would end unheard."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Cutter:
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LARGEST_HEAD), self._loop
        )
        self._server = starting.result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _end(self) -> None:
        self._server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def heal(self) -> None:
        self.rate = 0.0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: asyncio.Task[None] | None = asyncio.current_task()
        self._serving.add(task)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one of the two sides is gone: so is the connection
        finally:
            writer.close()
            self._serving.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection, so that an answer ends where the connection does."""
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(_header(head, b"content-length") or 0))
        way = self._draw.choice(WAYS) if CUT.match(head) and self._draw.random() < self.rate else ""
        self.cuts[way] += bool(way)
        exchange = self._noted(head, body)
        if way == "before":
            return
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            to_server.write(_closing(head) + body)
            answer = await from_server.read()
        finally:
            to_server.close()
        self._note_failure(head, answer)
        if way == "after":
            return
        if way == "middle":
            answer = answer[: (len(answer) + answer.find(b"\r\n\r\n") + 4) // 2]
        elif exchange is not None:
            _note_answer(exchange, answer)
        writer.write(answer)
        await writer.drain()

    def _noted(self, head: bytes, body: bytes) -> Exchange | None:
        if not (EDITS.match(head) or FIND.match(head)):
            return None
        cookie = re.search(rb"sessionid=([^;\s]+)", _header(head, b"cookie"))
        who = cookie[1].decode() if cookie else ""
        self.exchanges.append(Exchange(who, json.loads(body), is_search=bool(FIND.match(head))))
        return self.exchanges[-1]

    def _note_failure(self, head: bytes, answer: bytes) -> None:
        if re.match(rb"HTTP/1\.\d 5", answer):
            self.failures.append((time.monotonic(), head.split(b"\r\n", 1)[0].decode(errors="replace")))


def _header(head: bytes, name: bytes) -> bytes:
    found = re.search(rb"\r\n" + name + rb": *([^\r]*)", head, re.IGNORECASE)
    return found[1] if found else b""


def _closing(head: bytes) -> bytes:
    """The server is to close the connection after its answer, which then needs no reading to find its end."""
    return re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE)[:-2] + b"Connection: close\r\n\r\n"


def _note_answer(exchange: Exchange, answer: bytes) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    if not body:
        return
    exchange.status = int(head.split(b" ", 2)[1])
    try:
        exchange.answer = json.loads(body)
    except ValueError:
        exchange.answer = {}
