"""How long the web process's event loop keeps a message waiting, seen from a process of its own.

The server answers a WebSocket's ping in its event loop, as soon as it comes round to it. So the time to the pong is
the lag that a callback has, plus the way there and back: never less than the lag, and a little more. The pings come
from another process than the load, which would else measure its own delays.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from transcription.management.benchmarks.live_client import LiveClient

EVERY = 0.02
"""Seconds between two pings."""
LONGEST = 60.0


def ping_during(url: str, key: str, work: Callable[[], Any]) -> list[float]:
    """Seconds that each ping took while ``work`` was done."""
    context = multiprocessing.get_context("spawn")  # a fork would take the database's connection along
    ours, theirs = context.Pipe()
    process = context.Process(target=_ping, args=(url, key, theirs), daemon=True)
    process.start()
    try:
        _await(ours)
        work()
        ours.send("enough")
        return list(_await(ours))
    finally:
        process.terminate()
        process.join()


def _await(ours: Connection) -> Any:
    if not ours.poll(LONGEST):
        raise RuntimeError("the process that pings does not answer")
    return ours.recv()


def _ping(url: str, key: str, theirs: Connection) -> None:
    theirs.send(asyncio.run(_pings(LiveClient(url, key, title="Pings"), theirs)))


async def _pings(client: LiveClient, theirs: Connection) -> list[float]:
    """On the connection of a live recording that sends nothing else. None waits for the one before."""
    times: list[float] = []
    async with client.lone_socket() as socket:
        await socket.recv()
        theirs.send("ready")
        waiting: set[asyncio.Future[float]] = set()
        due = time.monotonic()
        while not theirs.poll():
            waiting.add(asyncio.ensure_future(await socket.ping()))
            done = {each for each in waiting if each.done()}
            times += [each.result() for each in done]
            waiting -= done
            due += EVERY
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        times += await asyncio.wait_for(asyncio.gather(*waiting), LONGEST)
    return times
