"""Threads for what must not be done on the event loop."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

_Result = TypeVar("_Result")

_database = ThreadPoolExecutor(max_workers=6, thread_name_prefix="live database")
"""Each keeps its connection to Postgres open."""
LISTENING_NICE = 5
"""On Linux a priority is each thread's own: the event loop, which answers everybody, goes first."""
_listening = ThreadPoolExecutor(
    max_workers=max(2, len(os.sched_getaffinity(0))),
    thread_name_prefix="live listening",
    initializer=os.nice,
    initargs=(LISTENING_NICE,),
)
"""Decoding and detecting speech: two milliseconds for each second of sound. More threads than processors only keep the
event loop from its own: with four on two, 200 speakers waited twice as long for their acknowledgements."""
_answering = ThreadPoolExecutor(max_workers=4, thread_name_prefix="answering")
"""For programs that wait for an answer: their files must not hold up who speaks. Connections stay open here too."""

PATIENCE = 20.0
"""Seconds without storage or database after which a speaker is sent to another process."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0


async def in_database(function: Callable[..., _Result], **arguments: Any) -> _Result:
    """Call a service. A connection that failed is not used again."""
    call = functools.partial(_with_connection, function, **arguments)
    return await asyncio.get_running_loop().run_in_executor(_database, call)


async def in_answering(function: Callable[..., _Result], **arguments: Any) -> _Result:
    """The same for programs that wait for an answer, and for work on their files."""
    call = functools.partial(_with_connection, function, **arguments)
    return await asyncio.get_running_loop().run_in_executor(_answering, call)


async def persistently(function: Callable[..., _Result], *, seconds: float, **arguments: Any) -> _Result:
    """The same, again and again while the database is away; after ``seconds`` its error is raised."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + seconds, FIRST_PAUSE
    while True:
        try:
            return await in_database(function, **arguments)
        except (OperationalError, InterfaceError):
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def in_listening(function: Callable[..., _Result], *arguments: Any) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(_listening, function, *arguments)


def _with_connection(function: Callable[..., _Result], **arguments: Any) -> _Result:
    try:
        return function(**arguments)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise
